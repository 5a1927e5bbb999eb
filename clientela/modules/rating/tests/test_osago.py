"""OSAGO to the kopeck: the worked cases of the tariff, dates, and what is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from math import prod
from typing import Any

import pytest
from django.utils import translation

from clientela.modules.rating.models import Table, TableVersion
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.modules.rating.queries import price, verdict
from clientela.modules.rating.rules import MissingFacts, OutOfTariff

pytestmark = pytest.mark.usefixtures("tariffs")
NOW = date(2026, 11, 18)


def driver(age: int, experience: int, kbm: str, **more: Any) -> dict[str, Any]:
    return {"age": age, "experience": experience, "kbm": kbm} | more


def car(territory: str, power: int | str, *drivers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"category": "B", "territory": territory, "power": power, "drivers": list(drivers)} | more


INDIVIDUAL, TAXI, COMPANY = ("1399", "8665"), ("1267", "18119"), ("724", "6580")
VECTORS = {
    "Москва, 87 hp, 24 / 4 years, class 4": (
        car("moscow", 87, driver(24, 4, "4")), INDIVIDUAL, "2.23740", "3130.12", "19387.07"),
    "Санкт-Петербург, 181 hp, 35 / 10, class 13": (
        car("saint-petersburg", 181, driver(35, 10, "13")), INDIVIDUAL, "1.1346176", "1587.33", "9831.46"),
    "Уфа, 107 hp, 65 / 30, class 13": (
        car("ufa", 107, driver(65, 30, "13")), INDIVIDUAL, "0.7147296", "999.91", "6193.13"),
    "Москва, 150 hp, any driver": (
        car("moscow", 150, unlimited=True), INDIVIDUAL, "9.316944", "13034.40", "80731.32"),
    "Екатеринбург, 98 hp, 19 / 0, a new driver": (
        car("yekaterinburg", 98, driver(19, 0, "3")), INDIVIDUAL, "4.7912436", "6702.95", "41516.13"),
    "Казань, 123 hp, 42 / 20, class 10, 6 months of use": (
        car("kazan", 123, driver(42, 20, "10"), months_of_use=6), INDIVIDUAL, "0.9551178", "1336.21", "8276.10"),
    "Москва, taxi, 122 hp, 33 / 9, class 5": (
        car("moscow", 122, driver(33, 9, "5"), use="taxi"), TAXI, "2.316132", "2934.54", "41966.00"),
    "Москва, company, 150 hp, any driver, class 4": (
        car("moscow", 150, unlimited=True, owner="company", kbm_class="4"), COMPANY, "4.96440", "3594.23", "32665.75"),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_worked_case_to_the_kopeck(name: str) -> None:
    facts, corridor, multiplier, *amounts = VECTORS[name]
    for rate, amount in zip(corridor, amounts, strict=True):
        premium = price("osago", facts | {"base_rate": Decimal(rate)}, on=NOW)
        assert premium.amount == Decimal(amount)
        assert prod((factor.value for factor in premium.factors[1:]), start=Decimal(1)) == Decimal(multiplier)


def test_the_real_policy_of_2020_by_a_companys_own_tables_of_that_year() -> None:
    """A manager adds versions for a past day: the corridor of 2020, Москва 2.0 and a КВС of 1.66."""
    then = datetime(2020, 9, 5, tzinfo=UTC)
    for code in ("tb", "base", "kt", "kvs-cars", "km-cars", "kbm", "ko", "ks"):
        table = Table.objects.get(code=f"osago.{code}")
        first = table.versions.get(number=1)
        rows = [list(row) for row in first.rows]
        if code == "tb":
            rows[-1][-2:] = ["2746", "4942"]
        elif code == "kt":
            rows[0][-1] = "2.0"
        elif code == "kvs-cars":
            rows[0][4] = "1.66"
        TableVersion.objects.create(
            table=table, number=90, state="approved", starts_on=then.date(), columns=first.columns, rows=rows,
            created_at=then, changed_at=then, approved_at=then,
        )  # fmt: skip
    version = Table.objects.get(code="osago.tb").product.versions.get()
    version.starts_on = then.date()
    version.save()
    facts = car("moscow", 160, driver(20, 3, "4"), base_rate="4118")

    premium = price("osago", facts, on=date(2020, 11, 1))

    assert premium.amount == Decimal("21874.82")
    assert {factor.version for factor in premium.factors[1:]} == {90}


def test_every_factor_says_its_table_version_and_why() -> None:
    facts = car(
        "kazan", 123, driver(42, 20, "10", name="Орлова В. Н."), driver(24, 1, "3", name="Орлов П."),
        months_of_use=6,
    )  # fmt: skip
    with translation.override("ru"):
        premium = price("osago", facts, on=NOW)
    told = [(f.label, f.title, str(f.value), f.why, f.table, f.version) for f in premium.factors]
    assert told == [
        ("ТБ", "Базовый тариф", "6120", "коридор 1399–8665 ₽", "osago.base", 1),
        ("КТ", "Территория", "1.70", "Казань, адрес собственника", "osago.kt", 3),
        ("КБМ", "Бонус-малус", "1.17", "Орлов П.: класс 3", "osago.kbm", 1),
        ("КВС", "Возраст и стаж", "1.72", "Орлов П.: возраст 24, стаж 1", "osago.kvs-cars", 1),
        ("КО", "Ограничение водителей", "1.00", "водители перечислены", "osago.ko", 2),
        ("КМ", "Мощность", "1.4", "123 л. с.", "osago.km-cars", 1),
        ("КС", "Период использования", "0.70", "месяцев использования: 6", "osago.ks", 1),
    ]
    assert premium.factors[-1].running.quantize(Decimal("0.01")) == premium.amount
    with translation.override("en"):
        assert price("osago", facts, on=NOW).factors[1].why == "Kazan, the owner’s address"


@pytest.mark.parametrize(
    ("on", "value"),
    [("2025-12-08", "1.56"), ("2025-12-09", "3.12"), ("2026-06-21", "3.12"), ("2026-06-22", "2.34")],
)
def test_novosibirsk_by_the_first_day_of_cover(on: str, value: str) -> None:
    premium = price("osago", car("novosibirsk", 90, driver(40, 15, "4")), on=date.fromisoformat(on))
    assert premium.factors[1].value == Decimal(value)


def test_as_of_leaves_out_what_was_approved_later() -> None:
    facts = car("novosibirsk", 90, driver(40, 15, "4"))
    before = price("osago", facts, on=NOW, as_of=datetime(2026, 6, 21, 23, tzinfo=UTC))
    assert (before.factors[1].value, before.factors[1].version) == (Decimal("3.12"), 2)
    assert price("osago", facts, on=NOW).tariff != before.tariff


def test_the_corridor_of_the_day_bounds_a_given_base_rate() -> None:
    facts = car("moscow", 90, driver(40, 15, "4"), base_rate="1399")
    with pytest.raises(OutOfTariff) as refused:
        price("osago", facts, on=date(2025, 12, 8))
    assert (refused.value.table, refused.value.field) == ("osago.tb", "base_rate")
    assert price("osago", facts, on=date(2025, 12, 9)).factors[0].value == 1399


@pytest.mark.parametrize(
    ("more", "value"),
    [({"period_days": 10}, "0.20"), ({"period_days": 16}, "0.30"), ({"period_months": 2}, "0.40"),
     ({"period_months": 12}, "1.00")],
)  # fmt: skip
def test_a_car_from_abroad_pays_for_its_stay(more: dict[str, int], value: str) -> None:
    premium = price("osago", car("kazan", 90, driver(40, 15, "4"), foreign=True, **more), on=NOW)
    assert (premium.factors[-1].code, premium.factors[-1].value) == ("KP", Decimal(value))


def test_motorcycles_and_tractors_have_their_own_tables() -> None:
    bike = price("osago", car("kazan", 75, driver(25, 1, "3"), category="A"), on=NOW)
    assert [str(f.value) for f in bike.factors if f.code in {"KVS", "KM"}] == ["2.01", "1.36"]
    tractor = price("osago", car("kazan", "", driver(40, 15, "4"), category="tractor"), on=NOW)
    assert [f.code for f in tractor.factors] == ["TB", "KT", "KBM", "KVS", "KO", "KS"]
    assert tractor.factors[1].value == Decimal("1.14")


def test_a_companys_listed_drivers_cost_more() -> None:
    premium = price("osago", car("kazan", 90, driver(40, 15, "4"), owner="company"), on=NOW)
    assert ("KVS2", Decimal("1.80")) in [(f.code, f.value) for f in premium.factors]


def test_age_and_experience_follow_from_dates() -> None:
    born = {"birth_date": "2002-11-19", "licence_since": date(2022, 11, 18), "kbm": "4"}
    premium = price("osago", car("kazan", 90, born), on=NOW)
    assert next(f.value for f in premium.factors if f.code == "KVS") == Decimal(
        "1.13"
    )  # 23 years, 4 full years


def test_everything_missing_is_told_at_once() -> None:
    with pytest.raises(MissingFacts) as missing:
        price("osago", {"category": "B", "drivers": [{"age": 30, "kbm": "4"}]}, on=NOW)
    assert missing.value.keys == ("territory", "drivers.0.experience", "power")
    with pytest.raises(MissingFacts) as nobody:
        price("osago", car("kazan", 90), on=NOW)
    assert nobody.value.keys == ("drivers",)


@pytest.mark.parametrize(
    ("facts", "table", "field"),
    [
        (car("atlantis", 90, driver(40, 15, "4")), "osago.kt", "territory"),
        (car("kazan", 90, driver(15, 0, "3")), "osago.kvs-cars", "drivers.0.experience"),
        (car("kazan", 90, driver(40, 15, "4"), driver(20, 8, "4")), "osago.kvs-cars", "drivers.1.experience"),
        (car("kazan", 90, driver(40, 15, "14")), "osago.kbm", "drivers.0.kbm"),
        (car("kazan", "ninety", driver(40, 15, "4")), "", "power"),
    ],
)
def test_what_the_tariff_does_not_know_is_refused_by_name(
    facts: dict[str, Any], table: str, field: str
) -> None:
    with pytest.raises(OutOfTariff) as refused:
        price("osago", facts, on=NOW)
    assert (refused.value.table, refused.value.field) == (table, field)


def test_a_day_before_every_version_is_refused() -> None:
    with pytest.raises(OutOfTariff):
        price("osago", car("kazan", 90, driver(40, 15, "4")), on=date(2019, 1, 1))


def test_underwriting_takes_the_strictest_and_tells_every_reason() -> None:
    fine = car("kazan", 90, driver(40, 15, "4"), year=2021)
    assert verdict("osago", fine, on=NOW).decision == "accept"
    told = verdict("osago", fine | {"use": "taxi", "foreign": True, "drivers": [driver(17, 0, "3")]}, on=NOW)
    assert told.decision == "refer"
    assert [reason.decision for reason in told.reasons] == ["refer", "refer", "inspect"]


def test_installing_again_changes_nothing_and_keeps_what_a_company_changed() -> None:
    table = Table.objects.get(code="osago.kt")
    table.title = "Наша территория"
    table.save()
    table.versions.filter(number=3).delete()
    before = TableVersion.objects.count()
    load_shipped(now=datetime(2026, 10, 1, tzinfo=UTC))
    assert TableVersion.objects.count() == before
    assert Table.objects.get(code="osago.kt").title == "Наша территория"


def test_a_new_version_counts_at_once_in_a_process_that_has_priced_before() -> None:
    facts = car("kazan", 90, driver(40, 15, "4"), base_rate=5000)
    before = price("osago", facts, on=NOW)
    first = TableVersion.objects.get(table__code="osago.kt", number=3)
    rows = [[*row[:-1], "1.90"] if row[0] == "kazan" else row for row in first.rows]
    moment = datetime(2026, 11, 18, tzinfo=UTC)
    TableVersion.objects.create(
        table=first.table, number=4, state="approved", starts_on=NOW, columns=first.columns, rows=rows,
        created_at=moment, changed_at=moment, approved_at=moment,
    )  # fmt: skip
    after = price("osago", facts, on=NOW)
    assert (before.factors[1].value, after.factors[1].value) == (Decimal("1.70"), Decimal("1.90"))
