"""What must hold of every premium, whoever asks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clientela.modules.rating.queries import price
from clientela.modules.rating.rules import OutOfTariff
from clientela.modules.rating.rules.engine import plain
from clientela.modules.rating.rules.tables import Kind

pytestmark = pytest.mark.usefixtures("tariffs")
# The shipped tariffs are the same for every example.
many = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
ON = date(2026, 12, 1)
CLASSES = ["M", *map(str, range(14))]
AGES = st.integers(16, 90)
POWER = st.decimals("1", "900", places=1)


@st.composite
def cars(draw: Any) -> dict[str, Any]:
    age = draw(AGES)
    return {
        "category": "B",
        "territory": draw(st.sampled_from(["moscow", "kazan", "novosibirsk", "chukotka"])),
        "power": draw(POWER),
        "months_of_use": draw(st.integers(1, 12)),
        "drivers": [
            {"age": age, "experience": draw(st.integers(0, age - 16)), "kbm": draw(st.sampled_from(CLASSES))}
        ],
    }


def cost(product: str, facts: dict[str, Any]) -> Decimal:
    """The premium; an example that the tariff has no row for says nothing."""
    try:
        return price(product, facts, on=ON).amount
    except OutOfTariff:
        assume(False)
        raise


def driver(facts: dict[str, Any], **other: Any) -> dict[str, Any]:
    return facts | {"drivers": [facts["drivers"][0] | other]}


@many
@given(cars(), POWER)
def test_more_power_is_never_cheaper(facts: dict[str, Any], power: Decimal) -> None:
    weak, strong = sorted([facts["power"], power])
    assert cost("osago", facts | {"power": weak}) <= cost("osago", facts | {"power": strong})


@many
@given(cars(), st.sampled_from(CLASSES))
def test_a_better_class_is_never_dearer(facts: dict[str, Any], other: str) -> None:
    worse, better = sorted([facts["drivers"][0]["kbm"], other], key=CLASSES.index)
    assert cost("osago", driver(facts, kbm=better)) <= cost("osago", driver(facts, kbm=worse))


@many
@given(cars(), st.integers(0, 70))
def test_more_experience_is_never_dearer_at_one_age(facts: dict[str, Any], other: int) -> None:
    less, more = sorted([facts["drivers"][0]["experience"], other])
    assume(more <= facts["drivers"][0]["age"] - 16)
    assert cost("osago", driver(facts, experience=more)) <= cost("osago", driver(facts, experience=less))


@many
@given(cars(), st.integers(1, 12))
def test_longer_use_is_never_cheaper(facts: dict[str, Any], other: int) -> None:
    short, long = sorted([facts["months_of_use"], other])
    assert cost("osago", facts | {"months_of_use": short}) <= cost("osago", facts | {"months_of_use": long})


@many
@given(cars(), cars())
def test_one_more_driver_is_never_cheaper(facts: dict[str, Any], other: dict[str, Any]) -> None:
    both = facts | {"drivers": facts["drivers"] + other["drivers"]}
    assert cost("osago", facts) <= cost("osago", both)


@many
@given(cars())
def test_the_running_amount_is_the_product_of_the_factors(facts: dict[str, Any]) -> None:
    cost("osago", facts)
    premium = price("osago", facts, on=ON)
    running = Decimal(1)
    for factor in premium.factors:
        running *= factor.value
        assert factor.running == running
    assert abs(premium.amount - running) <= Decimal("0.005")


@many
@given(
    st.integers(0, 12),
    st.sampled_from(["0", "5000", "10000", "15000", "20000", "25000", "30000"]),
    st.integers(1, 8),
)
def test_a_larger_deductible_is_never_dearer_and_a_larger_sum_never_cheaper(
    vehicle_age: int, deductible: str, count: int
) -> None:
    facts = {
        "make": "Toyota", "territory": "kazan", "vehicle_age": vehicle_age, "sum_insured": 1_000_000,
        "drivers": [{"age": 30, "experience": 5}] * count, "deductible": deductible,
    }  # fmt: skip
    assert cost("kasko", facts) <= cost("kasko", facts | {"deductible": "0"})
    assert cost("kasko", facts) <= cost("kasko", facts | {"sum_insured": 1_000_001})
    assert cost("kasko", facts) <= cost("kasko", facts | {"drivers": facts["drivers"] * 2})


@many
@given(st.integers(0, 80), st.integers(1, 300), st.integers(1, 300))
def test_a_longer_journey_is_never_cheaper(age: int, one: int, other: int) -> None:
    short, long = sorted([one, other])
    facts = {"zone": "world", "travellers": [{"age": age}]}
    assert cost("travel", facts | {"days": short}) <= cost("travel", facts | {"days": long})


@given(st.decimals("0", "99999999.99", places=2), st.decimals("0", "99999999.99", places=2))
def test_the_engine_compares_amounts_to_the_kopeck(one: Decimal, other: Decimal) -> None:
    assert (plain(one, Kind.RANGE) < plain(other, Kind.RANGE)) == (one < other)
