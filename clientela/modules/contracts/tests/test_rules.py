"""Terms, numbers, price changes: no database."""

from datetime import date
from decimal import Decimal

import pytest

from clientela.modules.contracts import rules


@pytest.mark.parametrize(
    ("end", "start", "last"),
    [
        (date(2026, 12, 5), date(2026, 12, 6), date(2027, 12, 5)),
        (date(2027, 2, 28), date(2027, 3, 1), date(2028, 2, 29)),
        (date(2028, 2, 28), date(2028, 2, 29), date(2029, 2, 28)),
        (date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_next_term(end: date, start: date, last: date) -> None:
    assert rules.next_term(end) == rules.Term(start, last)


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        ("9000.57", "8533.99", "-5.2"),
        ("63867.92", "62950.00", "-1.4"),
        ("100", "100", "0.0"),
        ("0", "100", None),
    ],
)
def test_price_change(before: str, after: str, percent: str | None) -> None:
    expected = None if percent is None else Decimal(percent)
    assert rules.price_change(Decimal(before), Decimal(after)) == expected


@pytest.mark.parametrize(
    ("number_format", "expected"),
    [
        ("16480/354/{serial:06}/{year:02}", "16480/354/004127/26"),
        ("ХХХ {serial:010}", "ХХХ 0000004127"),
        ("", "354-004127/26"),
    ],
)
def test_policy_number(number_format: str, expected: str) -> None:
    assert rules.policy_number(number_format, code="354", serial=4127, start=date(2026, 4, 13)) == expected


@pytest.mark.parametrize(
    ("today", "percent"),
    [(date(2025, 12, 5), 0), (date(2025, 12, 6), 0), (date(2026, 11, 18), 95), (date(2026, 12, 5), 100),
     (date(2027, 1, 1), 100)],
)  # fmt: skip
def test_share_passed(today: date, percent: int) -> None:
    assert rules.share_passed(date(2025, 12, 6), date(2026, 12, 5), today) == percent
