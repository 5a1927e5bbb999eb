"""A calculation begins with everything known and its price."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import start
from clientela.modules.quotes.rules import Count, count_origins


def test_a_renewal_asks_nothing(calculation: Calculation, family: Policy) -> None:
    assert (calculation.number, calculation.starts_on) == ("Р-26-000001", date(2026, 12, 6))
    assert [(one["name"], one["class"]) for one in calculation.drivers] == [
        ("Орлова Вера Николаевна", "10"), ("Орлов Дмитрий Сергеевич", "13"),
    ]  # fmt: skip
    assert calculation.answers["territory"] == "kazan"
    assert calculation.subject["power"] == "123.0"
    assert calculation.origins["drivers.0.class"] == "registry"
    assert set(calculation.origins.values()) == {"base", "registry"}
    assert count_origins(calculation.origins) == Count(0, 23)


def test_the_vector_of_kazan(calculation: Calculation) -> None:
    """6120 × 1.70 × 0.63 × 0.93 × 1.00 × 1.40 × 1.00; half a year of use costs 0.70 of it."""
    rows = list(calculation.variants.order_by("place"))
    assert [one.problem for one in rows] == ["", "", ""]
    assert [one.premium for one in rows] == [Decimal("8533.99"), Decimal("5973.79"), Decimal("53851.94")]
    assert (rows[0].is_chosen, rows[0].decision) == (True, "accept")
    lines = rows[0].explanation["factors"]
    assert [(one["label"], Decimal(one["value"])) for one in lines] == [
        ("ТБ", 6120), ("КТ", Decimal("1.70")), ("КБМ", Decimal("0.63")), ("КВС", Decimal("0.93")), ("КО", 1),
        ("КМ", Decimal("1.40")), ("КС", 1),
    ]  # fmt: skip


def test_asked_twice_it_is_the_same(
    calculation: Calculation, anna: User, family: Policy, now: datetime
) -> None:
    again = start(actor=anna, now=now, client=family.client, product=family.product, policy=family)
    assert again == calculation
    assert Calculation.objects.count() == 1
    assert Entry.objects.filter(action="calculation.started").count() == 1


def test_numbers_have_no_double(
    calculation: Calculation, anna: User, vera: Client, osago: Product, now: datetime
) -> None:
    numbers = [start(actor=anna, now=now, client=vera, product=osago).number for _time in range(3)]
    assert numbers == ["Р-26-000002", "Р-26-000003", "Р-26-000004"]


def test_what_is_missing_is_named(
    tariffs: None, anna: User, vera: Client, osago: Product, now: datetime
) -> None:
    """A new contract of a client of whom nobody knows the car: no price, and no invented one."""
    chosen = start(actor=anna, now=now, client=vera, product=osago).variants.get(is_chosen=True)
    assert chosen.premium is None
    assert chosen.missing == ["drivers.0.experience", "power"]


def test_a_foreign_client_is_refused(
    tariffs: None, anna: User, boris_client: Client, boris_policy: Policy, now: datetime
) -> None:
    with pytest.raises(PermissionDenied):
        start(actor=anna, now=now, client=boris_client, product=boris_policy.product, policy=boris_policy)
    assert not Calculation.objects.exists()
