"""The vocabulary of surnames: what a slip finds, and that it follows the cards."""

from collections.abc import Callable

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, Surname, SurnameKey
from clientela.modules.clients.operations import surnames as operations
from clientela.modules.clients.operations.surnames import learn_surnames
from clientela.modules.clients.surnames import deletions, similar_surnames


def words() -> list[str]:
    return list(Surname.objects.order_by("word").values_list("word", flat=True))


@pytest.fixture
def cards(anna: User, make_client: Callable[..., Client]) -> list[Client]:
    return [
        make_client(anna.agent, last, "Яна") for last in ("Орлова", "Ёлкина", "Орлова", "Петрова-Ким", "Ли")
    ]


def test_each_surname_stands_once_with_its_deletions(cards: list[Client]) -> None:
    assert learn_surnames() == {"added": 3, "forgotten": 0}
    assert words() == ["елкина", "орлова", "петрова"], "two letters are too few for slips"
    keys = SurnameKey.objects.filter(surname__word="орлова").values_list("key", flat=True)
    assert (
        set(keys) == deletions("орлова") == {"орлова", "рлова", "олова", "орова", "орлва", "орлоа", "орлов"}
    )
    assert learn_surnames() == {"added": 0, "forgotten": 0}


def test_many_words_are_read_in_steps(cards: list[Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "CHUNK", 1)
    assert learn_surnames() == {"added": 3, "forgotten": 0}
    assert words() == ["елкина", "орлова", "петрова"]


def test_it_follows_the_cards(cards: list[Client]) -> None:
    learn_surnames()
    Client.objects.filter(last_name="Ёлкина").update(name_key="сомова яна")
    assert learn_surnames() == {"added": 1, "forgotten": 1}
    assert words() == ["орлова", "петрова", "сомова"]
    assert set(SurnameKey.objects.values_list("surname__word", flat=True)) == set(words())


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("арлова", ["орлова"]), ("рлова", ["орлова"]), ("оорлова", ["орлова"]), ("ролова", ["орлова"]),
     ("орлоба", ["орлова"]), ("аллова", []), ("ким", []), ("", []), ("о" * 81, [])],
)  # fmt: skip
def test_one_slip(cards: list[Client], typed: str, expected: list[str]) -> None:
    learn_surnames()
    assert similar_surnames(typed) == expected


def test_the_likelier_slip_comes_first(anna: User, make_client: Callable[..., Client]) -> None:
    for last in ("Зорин", "Дорин", "Борин"):
        make_client(anna.agent, last, "Яна")
    learn_surnames()
    assert similar_surnames("сорин")[0] == "зорин", "с and з are confused"
