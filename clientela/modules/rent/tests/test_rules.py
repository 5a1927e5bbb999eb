"""Checks and sums of rent: figures counted by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from clientela.modules.rent.rules import (
    Check,
    Facts,
    Paid,
    base_of,
    days_waited,
    goes_to_office,
    judge,
    last_day,
    reaches,
    rent_of,
)

BEGUN = datetime(2026, 11, 13, 18, 14, tzinfo=UTC)
GOOD = Facts(
    agent_id=1, first_agent_id=1, first_channel="agent", channel="web", confirmed_at=BEGUN - timedelta(minutes=6),
    begun_at=BEGUN, by_hand=False, quoted_at=BEGUN - timedelta(days=14), renewed=71, expiring=100,
    target=Decimal(70), least=5, others=0,
)  # fmt: skip


def test_all_five_are_met() -> None:
    assert judge(GOOD) == dict.fromkeys(Check, True)


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        (Check.FIRST, {"first_agent_id": 2}),
        (Check.FIRST, {"first_agent_id": None}),
        (Check.FIRST, {"first_channel": "web"}),
        (Check.ALONE, {"channel": "agent"}),
        (Check.ALONE, {"by_hand": True}),
        (Check.ALONE, {"confirmed_at": None}),
        (Check.ALONE, {"confirmed_at": BEGUN + timedelta(seconds=1)}),
        (Check.QUOTE, {"quoted_at": None}),
        (Check.QUOTE, {"quoted_at": BEGUN}),
        (Check.LEVEL, {"renewed": 69}),
        (Check.LEVEL, {"expiring": 4, "renewed": 4}),
        (Check.ONCE, {"others": 1}),
    ],
)
def test_one_thing_wrong_is_one_check_less(check: Check, changes: dict[str, object]) -> None:
    answers = judge(replace(GOOD, **changes))  # type: ignore[arg-type]
    assert [one for one, met in answers.items() if not met] == [check]


def test_the_level_is_compared_before_rounding() -> None:
    """7 of 10 are 70 %; 69 999 of 100 000 would round to 70,00 % and are less."""
    assert reaches(renewed=7, expiring=10, target=Decimal(70), least=5)
    assert not reaches(renewed=69_999, expiring=100_000, target=Decimal(70), least=5)
    assert reaches(renewed=0, expiring=0, target=None, least=5)
    assert not reaches(renewed=0, expiring=0, target=Decimal(0), least=0)


def test_the_sum_of_the_design() -> None:
    """8 400,00 × 15 % = 1 260,00."""
    assert rent_of([Paid(Decimal("8400.00"))], Decimal(15)) == Decimal("1260.00")


def test_parts_are_counted_one_by_one() -> None:
    """5 % of 1 000.10 is 50.005, half up 50.01; twice 100.02, where 2 000.20 in one would be 100.01."""
    parts = [Paid(Decimal("1000.10"))] * 2
    assert (base_of(parts), rent_of(parts, Decimal(5))) == (Decimal("2000.20"), Decimal("100.02"))


def test_what_went_back_goes_off_in_proportion() -> None:
    """8 533.99 × 5 % = 426.70; of it 2 000.00 / 8 533.99 are 100.00 (99.9999…)."""
    paid = [Paid(Decimal("8533.99"), Decimal("2000.00"))]
    assert (base_of(paid), rent_of(paid, Decimal(5))) == (Decimal("6533.99"), Decimal("326.70"))
    assert rent_of([Paid(Decimal("8533.99"), Decimal("8533.99"))], Decimal(5)) == 0


def test_days_and_the_way_to_the_head_office() -> None:
    since = date(2026, 11, 13)
    assert days_waited(since, date(2026, 11, 18)) == 5
    assert days_waited(since, date(2026, 11, 12)) == 0
    assert last_day(since, 5) == date(2026, 11, 18)
    assert [goes_to_office(times) for times in (0, 1, 2, 3)] == [False, False, True, True]
