"""Kopecks never appear and never vanish."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.foundation import money

AMOUNTS = st.decimals(-(10**10), 10**10, places=2)


@pytest.mark.parametrize(
    ("raw", "rounded"),
    [("1.005", "1.01"), ("1.0049", "1.00"), ("-1.005", "-1.01"), (7, "7.00"), (Decimal("2.675"), "2.68")],
)
def test_half_up(raw, rounded):
    assert str(money.kopecks(raw)) == rounded


def test_floats_are_refused():
    with pytest.raises(TypeError):
        money.kopecks(0.1)


def test_sum_and_kopecks():
    assert str(money.total([])) == "0.00"
    assert money.total(["0.10", Decimal("0.20"), 3]) == Decimal("3.30")
    assert money.in_kopecks("15873.30") == 1587330
    assert str(money.from_kopecks(1587330)) == "15873.30"


def test_allocate_known():
    assert money.allocate("100.00", [1, 1, 1]) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert money.allocate("-0.05", [1, 1]) == [Decimal("-0.02"), Decimal("-0.03")]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [2, -1]])
def test_allocate_refuses_bad_weights(weights):
    with pytest.raises(ValueError, match="weights"):
        money.allocate("1.00", weights)


@given(AMOUNTS, st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_parts_add_up(amount, weights):
    parts = money.allocate(amount, weights)
    assert sum(parts) == amount
    exact = [amount * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) < Decimal("0.01") for part, share in zip(parts, exact, strict=True))


def test_field_defaults():
    field = money.MoneyField()
    assert (field.max_digits, field.decimal_places) == (14, 2)
    assert money.MoneyField(max_digits=18).max_digits == 18
    _name, path, args, kwargs = field.deconstruct()
    assert (path, args, kwargs) == (
        "clientela.foundation.money.MoneyField",
        [],
        {"max_digits": 14, "decimal_places": 2},
    )
