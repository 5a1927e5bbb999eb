"""Why a price moved, to the kopeck."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.foundation.money import kopecks
from clientela.modules.quotes.rules import last_day, number_key, what_moved


def lines(*values: Decimal) -> list[dict[str, Any]]:
    """An explanation: the first value is a sum, the others multiply."""
    found, running = [], Decimal(1)
    for place, value in enumerate(values):
        running *= value
        found.append(
            {"code": f"K{place}", "title": f"K{place}", "value": str(value), "running": str(running)}
        )
    return found


def test_a_better_class_makes_it_cheaper() -> None:
    before = lines(Decimal(6120), Decimal("1.70"), Decimal("0.68"))
    after = lines(Decimal(6120), Decimal("1.70"), Decimal("0.63"))
    assert [(one.code, one.before, one.after, one.effect) for one in what_moved(before, after)] == [
        ("K2", Decimal("0.68"), Decimal("0.63"), Decimal("-520.20"))
    ]


FACTORS = st.lists(st.decimals("0.5", "4", places=2), min_size=4, max_size=4)


@given(FACTORS, FACTORS)
def test_effects_add_up_to_the_difference(before: list[Decimal], after: list[Decimal]) -> None:
    old, new = lines(Decimal(6120), *before), lines(Decimal(6120), *after)
    whole = kopecks(new[-1]["running"]) - kopecks(old[-1]["running"])
    assert abs(sum((one.effect for one in what_moved(old, new)), Decimal(0)) - whole) <= Decimal("0.01")


def test_a_number_is_found_however_it_is_typed() -> None:
    assert {number_key(text) for text in ("Р-26-000118", "р 26 000118", "P26000118")} == {"P26000118"}


@pytest.mark.parametrize(
    ("months", "answers", "last"),
    [
        (12, {}, date(2027, 12, 10)),
        (3, {}, date(2027, 3, 10)),
        (12, {"days": "14"}, date(2026, 12, 24)),
        (12, {"days": 1}, date(2026, 12, 11)),
        (12, {"days": ""}, date(2027, 12, 10)),
    ],
)
def test_a_journey_ends_when_it_ends(months: int, answers: dict[str, object], last: date) -> None:
    assert last_day(date(2026, 12, 11), months, answers) == last
