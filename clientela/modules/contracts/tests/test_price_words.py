"""A stored price in the language of who reads it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from clientela.modules.accounts.models import User
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import prepare_project, reprice_project
from clientela.modules.contracts.price_words import reason_from, why_shown, worded, words_of
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.modules.rating.queries import plan_of

ON = date(2026, 12, 6)
CASES: dict[str, dict[str, Any]] = {
    "osago": {
        "category": "B", "power": Decimal("123.5"), "territory": "kazan", "months_of_use": 12, "owner": "person",
        "drivers": [{"name": "Орлова Вера", "age": 42, "experience": 14, "kbm": "10"}],
    },
    "kasko": {
        "make": "Hyundai", "year": 2021, "sum_insured": "1920000", "use": "private", "territory": "kazan", "unlimited": True,
        "programme": "full", "deductible": "15000", "gap": True, "instalments": 4, "discount": "5", "period_months": 12,
    },
    "305": {
        "object": "flat", "wall": "brick", "built": 2012, "sum_structure": "4000000", "sum_finish": "1500000",
        "deductible": "10000", "past_claims": 0, "years_with_us": 3, "period_months": 12,
    },
    "555": {
        "bank": "sber", "balance": "4350000", "object": "flat", "wall": "brick", "with_life": True,
        "birth_date": date(1984, 4, 12), "sex": "f", "owned_years": 1,
    },
    "travel": {"zone": "europe", "days": 14, "sport": "active", "travellers": [{"age": 42}, {"age": 11}]},
    "accident": {"programme": "full", "sum_insured": "500000", "sport": "amateur", "people": [{"birth_date": "1990-01-01"}]},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _tariffs(db: None, now: datetime) -> None:
    load_shipped(now=now)


def lines(product: str, language: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        plan_of(product, ON).price(CASES[product], ON, language).to_json()["factors"]
    )
    return found


@pytest.mark.parametrize("product", CASES)
@pytest.mark.parametrize(("stored", "shown"), [("ru", "en"), ("en", "ru")])
def test_every_line_of_every_product_is_told_as_if_priced_in_that_language(
    product: str, stored: str, shown: str
) -> None:
    """What is stored in one language and shown in the other is what the tariff itself would have said, but for the comma."""
    with override(shown):
        found = worded(lines(product, stored), words_of(product, ON))
    said = [one | {"why": one["why"].replace("123,5", "123.5")} for one in found]
    assert said == lines(product, shown)


def test_numbers_and_towns_are_written_anew() -> None:
    with override("en"):
        found = {one["code"]: one["why"] for one in worded(lines("osago", "ru"), words_of("osago", ON))}
    assert found["KT"] == "Kazan, the owner’s address"
    assert found["KM"] == "123.5 hp"
    assert found["KBM"].startswith("Орлова Вера")


def test_words_that_no_formula_knows_stay() -> None:
    rows = [
        {"code": "KT", "title": "Территория", "why": "сказано иначе"}, {"code": "OLD", "title": "Старый", "why": "так было"},
        {"code": "KT", "title": "Территория", "why": "Тридевятое, адрес собственника"},
        {"code": "REGULAR", "title": "Скидка постоянного клиента", "why": "год возобновления: 3"},
    ]  # fmt: skip
    with override("en"):
        found = worded(rows, words_of("osago", ON))
        gone = worded(rows[:3], words_of("osago", date(1990, 1, 1)))
    assert [one["why"] for one in found] == [
        "сказано иначе", "так было", "Тридевятое, адрес собственника", "year of renewal: 3",
    ]  # fmt: skip
    assert [one["title"] for one in found] == [
        "Territory",
        "Старый",
        "Territory",
        "Regular client's discount",
    ]
    assert gone == rows[:3]


MOVED = [
    {"code": "KBM", "title": "Бонус-малус", "effect": "-466.58"},
    {"code": "KT", "title": "Территория", "effect": "1012.00"},
]


@pytest.fixture
def project(vera_policy: Policy, anna: User, now: datetime) -> Project:
    return prepare_project(
        actor=anna, now=now, policy=vera_policy, premium=Decimal(9000), reason=reason_from(MOVED, "ru"),
        terms={"moved": MOVED},
    )  # fmt: skip


def test_the_reason_of_a_price_follows_the_page(project: Project) -> None:
    assert project.adjustment_reason.replace("\xa0", " ") == "Бонус-малус −466,58 ₽, Территория +1 012,00 ₽"
    with override("ru"):
        assert why_shown(project) == project.adjustment_reason
    with override("en"):
        assert why_shown(project).replace("\xa0", " ") == "Bonus-malus −RUB 466.58, Territory +RUB 1,012.00"


def test_what_a_person_wrote_and_what_was_stored_before_stay(
    project: Project, anna: User, now: datetime
) -> None:
    reprice_project(actor=anna, now=now, project=project, premium=Decimal(8900), reason="договорились")
    project.refresh_from_db()
    with override("en"):
        assert why_shown(project) == "договорились"
        Project.objects.update(terms={}, adjustment_reason="Бонус-малус −466,58 ₽")
        project.refresh_from_db()
        assert why_shown(project) == "Бонус-малус −466,58 ₽"
        Project.objects.update(terms={"moved": [{"code": "KT"}]})
        project.refresh_from_db()
        assert why_shown(project) == "Бонус-малус −466,58 ₽"


def test_a_price_without_a_term_before_says_so(project: Project) -> None:
    with override("ru"):
        Project.objects.update(terms={"moved": []}, adjustment_reason=reason_from([], "ru"))
    project.refresh_from_db()
    with override("en"):
        assert why_shown(project) == "priced from the tariffs in force"
