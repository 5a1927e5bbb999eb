"""Changes are kept at once, remember who said them, and never overwrite what another tab did."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from clientela.modules.accounts.models import User
from clientela.modules.quotes import operations
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.rules import Count, count_origins


def prices(calculation: Calculation) -> list[Decimal | None]:
    return list(calculation.variants.order_by("place").values_list("premium", flat=True))


def test_a_typed_field_is_counted_and_priced(calculation: Calculation, anna: User, now: datetime) -> None:
    """160 hp is above 150: KM 1.60 instead of 1.40."""
    row = operations.change(
        actor=anna, now=now, calculation=calculation, version=calculation.version, subject={"power": "160"}
    )
    assert count_origins(row.origins) == Count(1, 22)
    assert prices(row)[0] == Decimal("9753.13")


def test_an_old_tab_changes_nothing(calculation: Calculation, anna: User, now: datetime) -> None:
    old = calculation.version
    operations.change(actor=anna, now=now, calculation=calculation, version=old, subject={"power": "160"})
    with pytest.raises(operations.StaleCalculation):
        operations.change(actor=anna, now=now, calculation=calculation, version=old, subject={"power": "90"})
    calculation.refresh_from_db()
    assert calculation.subject["power"] == "160"


def test_a_driver_more_is_asked_for_by_itself(calculation: Calculation, anna: User, now: datetime) -> None:
    """Полина, 18, no experience: a new driver is class 3, 1.17, and KVS 2.27 is the largest."""
    people = [*calculation.drivers, {
        "name": "Орлова Полина Дмитриевна", "birth_date": date(2008, 2, 9), "experience_since": date(2026, 11, 1),
        "licence": "",
    }]  # fmt: skip
    row = operations.change(actor=anna, now=now, calculation=calculation, drivers=people)
    assert [one["class"] for one in row.drivers] == ["10", "13", "3"]
    assert row.origins["drivers.0.class"] == "registry"
    assert row.origins["drivers.2.name"] == "typed"
    assert prices(row)[0] == Decimal("38684.78")


def test_cover_begins_today_at_the_earliest(calculation: Calculation, anna: User, now: datetime) -> None:
    with pytest.raises(operations.PastStart):
        operations.change(actor=anna, now=now, calculation=calculation, starts_on=date(2026, 11, 17))
    calculation.refresh_from_db()
    assert calculation.starts_on == date(2026, 12, 6)


def test_six_variants_and_one_chosen(calculation: Calculation, anna: User, now: datetime) -> None:
    for months in (3, 4, 5):
        operations.add_variant(
            actor=anna, now=now, calculation=calculation, changes={"answers": {"months_of_use": months}}
        )
    with pytest.raises(operations.TooManyVariants):
        operations.add_variant(actor=anna, now=now, calculation=calculation)
    assert prices(calculation)[3] == Decimal("4266.99")  # 0.50 of 8533.98504
    third = calculation.variants.get(place=4)
    operations.choose(actor=anna, now=now, variant=third)
    assert [one.place for one in Variant.objects.filter(is_chosen=True)] == [4]
    operations.remove_variant(actor=anna, now=now, variant=third)
    assert [one.place for one in Variant.objects.filter(is_chosen=True)] == [1]


def test_a_colleague_elsewhere_changes_nothing(calculation: Calculation, boris: User, now: datetime) -> None:
    with pytest.raises(PermissionDenied):
        operations.change(actor=boris, now=now, calculation=calculation, subject={"power": "160"})
    calculation.refresh_from_db()
    assert calculation.subject["power"] == "123.0"
