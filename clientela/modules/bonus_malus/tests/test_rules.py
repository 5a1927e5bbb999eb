"""The table of classes, the year's step, and the first of April."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.modules.bonus_malus.drivers import Driver, keys_of
from clientela.modules.bonus_malus.queries import value_of
from clientela.modules.bonus_malus.rules import CLASSES, next_class, rank, season_of
from clientela.modules.rating.operations.shipped import load_shipped


@pytest.mark.parametrize(
    ("klass", "claims", "after"),
    [("3", 0, "4"), ("13", 0, "13"), ("13", 1, "7"), ("13", 2, "3"), ("9", 3, "1"), ("9", 4, "M"), ("M", 0, "0")],
)  # fmt: skip
def test_a_year(klass: str, claims: int, after: str) -> None:
    assert next_class(klass, claims) == after


@pytest.mark.django_db
def test_what_a_class_is_worth_is_the_tariffs() -> None:
    on = date(2026, 12, 1)
    assert value_of("3", on) is None
    load_shipped(now=datetime(2026, 9, 1, 9, tzinfo=UTC))
    worth = [value_of(klass, on) for klass in CLASSES]
    assert worth[0] == Decimal("3.92")
    assert worth[-1] == Decimal("0.46")
    assert worth == sorted(worth, key=lambda value: -(value or 0))


@given(st.sampled_from(CLASSES), st.integers(0, 20))
def test_one_more_claim_never_makes_a_driver_cheaper(klass: str, claims: int) -> None:
    assert rank(next_class(klass, claims)) >= rank(next_class(klass, claims + 1))


@given(st.sampled_from(CLASSES))
def test_a_quiet_year_never_makes_a_driver_dearer(klass: str) -> None:
    assert rank(next_class(klass, 0)) >= rank(klass)


@pytest.mark.parametrize(
    ("on", "since"),
    [
        (date(2026, 3, 31), date(2025, 4, 1)),
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2027, 1, 1), date(2026, 4, 1)),
    ],
)
def test_a_class_holds_from_april(on: date, since: date) -> None:
    assert season_of(on) == since


def test_keys_of_a_driver_who_changed_nothing_are_one() -> None:
    driver = Driver("Орлова", "Вера", "", date(1984, 4, 12), "9912 345678", "99 12 345678", "Орлова")
    assert [name for name, _ in keys_of(driver)] == ["current"]


def test_spelling_is_nothing_to_a_key() -> None:
    one = Driver("Семёнова", "Вера", "", date(1984, 4, 12), "99 АВ 345678")
    two = Driver("СЕМЕНОВА", "вера", "", date(1984, 4, 12), "99ab345678")
    assert one.key == two.key
