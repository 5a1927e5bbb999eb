"""KASKO, property, mortgage, travel and accident by their shipped tariffs."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clientela.modules.products.models import Product
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.queries import plan_of, price, verdict
from clientela.modules.rating.rules import MissingFacts, OutOfTariff
from clientela.modules.rating.rules.engine import condition

pytestmark = pytest.mark.usefixtures("tariffs")
ON = date(2026, 12, 1)
NEW_CAR = {
    "make": "Kia", "territory": "moscow", "year": 2026, "sum_insured": Decimal(3_000_000),
    "drivers": [{"age": 27, "experience": 3}],
}  # fmt: skip
FLAT = {
    "built": 2015, "sum_structure": 4_000_000, "sum_finish": 1_000_000, "sum_movables": 500_000,
    "sum_liability": 500_000,
}  # fmt: skip
LOAN = {"bank": "vtb", "balance": Decimal("2500000.00")}
TRIP = {"zone": "europe", "days": 10, "travellers": [{"age": 40}, {"age": 38}, {"age": 70}]}


def amount(product: str, facts: dict[str, Any]) -> str:
    return str(price(product, facts, on=ON).amount)


def test_kasko_published_check_of_a_rate_rounded_to_hundredths() -> None:
    """8.76 % times 1.71 is 14.98 % of three millions."""
    assert amount("kasko", NEW_CAR | {"loading": "1.71"}) == "449400.00"


def test_kasko_published_check_with_the_value_kept() -> None:
    """8.75 % times 1.02 plus 0.9 points is 9.83 % of three millions."""
    four = [{"age": 27, "experience": 3}] * 4
    assert amount("kasko", NEW_CAR | {"base_rate": "8.75", "drivers": four, "gap": True}) == "294900.00"


def test_kasko_asks_for_the_make_not_for_its_group() -> None:
    with pytest.raises(MissingFacts) as missing:
        price("kasko", {key: NEW_CAR[key] for key in NEW_CAR if key != "make"}, on=ON)
    assert missing.value.keys == ("make",)


def test_kasko_keeps_an_underwriters_loading_within_its_limits() -> None:
    with pytest.raises(OutOfTariff) as refused:
        price("kasko", NEW_CAR | {"loading": 4}, on=ON)
    assert (refused.value.table, refused.value.field) == ("kasko.loading", "loading")


def test_property_adds_its_coverages_and_shares_the_premium_between_them() -> None:
    premium = price("305", FLAT, on=ON)
    # 4,000,000 × 0.10 % + 1,000,000 × 0.42 % + 500,000 × 0.50 % + 500,000 × 0.30 %, every factor 1.
    assert premium.amount == Decimal("12200.00")
    assert [(part.code, str(part.amount)) for part in premium.parts] == [
        ("structure", "4000.00"), ("finish", "4200.00"), ("movables", "2500.00"), ("liability", "1500.00"),
    ]  # fmt: skip
    rented = price("305", FLAT | {"rented": True, "alarm": True}, on=ON)
    assert rented.amount == Decimal("14274.00")
    assert sum(part.amount for part in rented.parts) == rented.amount


def test_property_without_any_sum_asks_for_the_sums() -> None:
    with pytest.raises(MissingFacts) as missing:
        price("305", {"built": 2015}, on=ON)
    assert missing.value.keys == ("sum_structure", "sum_finish", "sum_movables", "sum_liability")


def test_express_is_two_thousandths_split_fifty_thirty_twenty() -> None:
    premium = price("354", {"sum_insured": 1_000_000}, on=ON)
    assert premium.amount == Decimal("2000.00")
    assert [(str(part.sum_insured), str(part.amount)) for part in premium.parts] == [
        ("500000", "1000.00"), ("300000", "600.00"), ("200000", "400.00"),
    ]  # fmt: skip
    with pytest.raises(OutOfTariff):
        price("354", {"sum_insured": 499_999}, on=ON)


def test_mortgage_sums_the_risks_and_adds_the_banks_uplift() -> None:
    assert amount("555", LOAN) == "3300.00"  # 2,500,000 × 0.12 % × 1.10
    life = {"with_life": True, "birth_date": "1986-05-01", "sex": "f"}
    # 2,500,000 × (0.12 % + 0.29 % at forty) × 1.10; the other bank asks for no more than the balance
    assert amount("555", LOAN | life) == "11275.00"
    assert amount("555", LOAN | life | {"bank": "sber"}) == "10250.00"


def test_travel_counts_people_by_age_and_days() -> None:
    # 92 a day × 10 days × (1 + 1 + 2)
    assert amount("travel", TRIP) == "3680.00"
    assert amount("travel", TRIP | {"with_baggage": True}) == "4730.00"
    assert amount("travel", {"zone": "russia", "days": 1, "travellers": [{"age": 30}]}) == "200.00"


def test_accident_of_a_family() -> None:
    people = [{"age": 40}, {"age": 38}, {"age": 9}]
    # 500,000 × 0.48 % × (1 + 1 + 1.1) × 0.95
    assert amount("accident", {"sum_insured": 500_000, "people": people}) == "7068.00"


@pytest.mark.parametrize(
    ("product", "facts", "decision"),
    [
        ("kasko", NEW_CAR, "accept"),
        ("kasko", NEW_CAR | {"year": 2022}, "inspect"),
        ("kasko", NEW_CAR | {"year": 2022, "continuous": True}, "accept"),
        ("kasko", NEW_CAR | {"sum_insured": 8_000_000}, "refer"),
        ("kasko", NEW_CAR | {"year": 2010}, "decline"),
        ("305", FLAT, "accept"),
        ("305", FLAT | {"object": "house", "wall": "wood", "built": 1950}, "decline"),
        ("354", {"sum_insured": 1_000_000, "rented": True}, "refer"),
        ("555", LOAN | {"balance": 16_000_000}, "refer"),
        ("travel", TRIP | {"abroad_now": True}, "decline"),
        ("travel", TRIP | {"travellers": [{"age": 78}]}, "refer"),
        ("accident", {"sum_insured": 500_000, "people": [{"age": 80}]}, "decline"),
    ],
)
def test_underwriting_of_each_product(product: str, facts: dict[str, Any], decision: str) -> None:
    told = verdict(product, facts, on=ON)
    assert told.decision == decision
    assert bool(told.reasons) == (decision != "accept")
    assert all(reason.text for reason in told.reasons)


def test_every_shipped_table_can_be_read_and_every_step_finds_its_table() -> None:
    for version in TableVersion.objects.select_related("table"):
        body = version.body
        for row in body.rows:
            for column, cell in zip(body.columns, row, strict=True):
                column.check(cell)
        for _, conditions in body.rules():
            for key, kind in body.inputs.items():
                condition("x", conditions[key], kind)
    for product in Product.objects.filter(versions__isnull=False):
        plan = plan_of(product.code, ON)
        for step in plan.formula.steps:
            assert all(step.title[language] for language in ("ru", "en"))
            assert {code for code in (step.table, step.within) if code} <= plan.sheets.keys()
