"""Hand-counted figures: the choice of a rate, sums, what goes back, tax."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from clientela.modules.commission import rules
from clientela.modules.commission.rules import Sale, Terms

JANUARY = date(2026, 1, 1)
SALE = Sale(
    agent_id=7, line="kasko", product_id=3, term="renewal", channel="agent", paid_on=date(2026, 11, 9)
)
COMMON = Terms(1, D(15), "kasko", JANUARY)


# The lines of the statement in the design: 7 240 × 22 %, 22 435 × 15 %, 71 800 × 18 %, 6 842.10 × 10 %.
@pytest.mark.parametrize(
    ("base", "percent", "sum_"),
    [
        ("7240.00", "22", "1592.80"), ("22435.00", "15", "3365.25"), ("71800.00", "18", "12924.00"),
        ("6842.10", "10", "684.21"), ("0.05", "10", "0.01"), ("0.04", "10", "0.00"), ("8533.99", "7.125", "608.05"),
    ],
)  # fmt: skip
def test_commission_to_the_kopeck(base: str, percent: str, sum_: str) -> None:
    assert rules.earned(D(base), D(percent)) == D(sum_)


def test_the_narrowest_rate() -> None:
    own = replace(COMMON, id=2, agent_id=7)
    of_product = replace(COMMON, id=3, product_id=3)
    of_term = replace(COMMON, id=4, term="renewal")
    of_channel = replace(COMMON, id=5, channel="agent")
    rows = [COMMON, of_channel, of_term, of_product, own]
    while rows:
        assert rules.best(rows, SALE) == rows[-1]
        rows.pop()
    assert rules.best([], SALE) is None


@pytest.mark.parametrize(
    "other",
    [
        {"line": "osago"}, {"agent_id": 8}, {"product_id": 4}, {"term": "new"}, {"channel": "broker"},
        {"valid_from": date(2026, 11, 10)}, {"valid_until": date(2026, 11, 8)},
    ],
)  # fmt: skip
def test_what_a_rate_does_not_hold_for(other: dict[str, object]) -> None:
    assert not rules.fits(replace(COMMON, **other), SALE)  # type: ignore[arg-type]


def test_the_days_of_a_rate_are_both_included() -> None:
    assert rules.fits(replace(COMMON, valid_from=SALE.paid_on, valid_until=SALE.paid_on), SALE)


def test_periods_that_share_a_day() -> None:
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    assert rules.overlap(first, last, last, None)
    assert rules.overlap(first, None, date(2030, 1, 1), None)
    assert not rules.overlap(first, last, date(2026, 4, 1), None)
    assert not rules.overlap(date(2026, 4, 1), None, first, last)


def test_parts_that_go_back_add_up_to_the_commission() -> None:
    """100.00 × 15 % = 15.00, returned in three parts of 33.33, 33.33 and 33.34."""
    before, returned = D("0.00"), D("0.00")
    told = []
    for part in ("33.33", "33.33", "33.34"):
        returned += D(part)
        back = rules.taken_back(accrued=D("15.00"), paid=D("100.00"), returned=returned, before=before)
        before += back
        told.append(back)
    assert told == [D("-5.00"), D("-5.00"), D("-5.00")]
    again = rules.taken_back(accrued=D("15.00"), paid=D("100.00"), returned=D("180.00"), before=before)
    assert again == 0


def test_income_tax_of_individuals_only() -> None:
    assert rules.tax_of(D("86420.00"), "individual") == D("11235")  # 11 234.60
    assert rules.tax_of(D("86420.00"), "self_employed") == 0
    assert rules.tax_of(D("-300.00"), "individual") == 0


def test_the_month_that_is_open() -> None:
    closed = {date(2026, 11, 1), date(2026, 12, 1)}
    assert rules.open_month(rules.month_of(date(2026, 11, 18)), closed) == date(2027, 1, 1)
    assert rules.open_month(date(2026, 10, 1), closed) == date(2026, 10, 1)
