"""One form of a card, whichever way it was written."""

from datetime import date

import pytest

from clientela.modules.resolution.rules import cyrillic, traits


def _name(last, first, middle=""):
    row = traits(card=1, last=last, first=first, middle=middle, birth=date(1980, 2, 3))
    return row["last"], row["first"], row["middle"]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        (("Королёв", "Пётр", "Ильич"), ("королев", "петр", "ильич")),
        (("Петр", "Королев", "Ильич"), ("королев", "петр", "ильич")),
        (("Оля", "Петрова"), ("петрова", "ольга", None)),
        (("Petrova", "Olga", "Ivanovna"), ("петрова", "олга", "ивановна")),
        (("Петрова-Водкина", "Саша", "Ивановна"), ("петроваводкина", "александра", "ивановна")),
        (("Петров", "Саша", "Иванович"), ("петров", "александр", "иванович")),
        (("Ким", "Саша"), ("ким", "саша", None)),
        (("Иванов", "Пётр"), ("иванов", "петр", None)),
        (("Иванов", "", ""), ("иванов", None, None)),
    ],
)
def test_names_come_to_one_form(written, means):
    assert _name(*written) == means


def test_latin_letters_are_read():
    assert [cyrillic(text) for text in ("shcherbakov", "zhukov", "иванов")] == ["щербаков", "жуков", "иванов"]
