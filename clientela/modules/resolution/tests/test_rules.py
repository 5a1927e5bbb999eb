"""One form of a card, whichever way it was written."""

from datetime import date

import pytest

from clientela.modules.resolution.operations import is_sound
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


def _model(**weights):
    return {
        "comparisons": [
            {
                "output_column_name": name,
                "comparison_levels": [
                    {"is_null_level": True},
                    {"label_for_charts": "same", "m_probability": same[0], "u_probability": same[1]},
                    {"label_for_charts": "other", "m_probability": other[0], "u_probability": other[1]},
                ],
            }
            for name, (same, other) in weights.items()
        ]
    }


def test_weights_learnt_from_strangers_are_not_used():
    """Where another last name speaks for one person, the base had no duplicates to learn from."""
    right = {"last": ((0.9, 0.01), (0.1, 0.99)), "birth": ((0.95, 0.001), (0.05, 0.999))}
    assert is_sound(_model(**right))
    assert not is_sound(_model(**right | {"last": ((0.02, 0.01), (0.98, 0.4))}))
    assert not is_sound(_model(**right | {"phones": ((None, 0.001), (0.5, 0.9))}))
