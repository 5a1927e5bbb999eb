"""Tables of a document: numbers as a reader of the language writes them, the product's words, nothing empty."""

import re
from datetime import date, datetime

import pytest
from django.utils.translation import override

from clientela.modules.documents import paper_tables as tables
from clientela.modules.documents.operations.shipped import FOLDER, shipped_text
from clientela.modules.documents.rules import check_template
from clientela.modules.rating.operations.shipped import load_shipped

TRIP = {
    "zone": "europe", "days": 7, "medical_sum": "30000", "with_baggage": False,
    "travellers": [{"name": "OLGA NOVIKOVA", "birth_date": "1986-04-12", "age": 40}],
}  # fmt: skip


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html.replace("\xa0", " ").replace("\u202f", " "))
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in rows]


@pytest.mark.django_db
def test_factors_are_written_as_numbers_of_the_language() -> None:
    rows = [
        {"code": "TB", "title": "Базовый тариф", "value": "6120", "why": "коридор 1399–8665 ₽"},
        {"code": "KT", "title": "Территория", "value": "1.7", "why": "Казань"},
        {"code": "X", "title": "Тонкий", "value": "0.0125", "why": "1.5 мм"},
    ]
    told = tables.Told("none", date(2026, 12, 5), {})
    assert cells(tables.factors(rows, told, "ru"))[1:] == [
        ["Базовый тариф", "коридор 1 399–8 665 ₽", "6 120"], ["Территория", "Казань", "1,70"], ["Тонкий", "1,5 мм", "0,0125"],
    ]  # fmt: skip
    assert cells(tables.factors(rows, told, "en"))[2][2] == "1.70"


@pytest.mark.django_db
def test_of_many_factors_those_that_change_nothing_are_left_out() -> None:
    rows = [
        {"code": str(n), "title": f"Ф{n}", "value": "1.00" if n % 2 else "1.05", "why": "почему"}
        for n in range(10)
    ]
    told = tables.Told("none", date(2026, 12, 5), {})
    assert [row[0] for row in cells(tables.factors(rows, told, "ru"))[1:]] == ["Ф0", "Ф2", "Ф4", "Ф6", "Ф8"]
    assert len(cells(tables.factors(rows[:8], told, "ru"))) == 9


@pytest.mark.django_db
def test_a_line_that_only_rounds_is_not_told(now: datetime) -> None:
    load_shipped(now=now)
    rows = [
        {"code": "KP", "title": "Регион", "value": "0.95"},
        {"code": "T", "title": "Тариф до сотых", "value": "0.01"},
    ]
    told = tables.Told("kasko", date(2026, 12, 5), {})
    assert [row[0] for row in cells(tables.factors(rows, told, "ru"))[1:]] == ["Регион"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("product", "answers", "covered"),
    [
        ("kasko", {"programme": "full", "gap": True}, ["Ущерб", "Угон", "Сохранение стоимости"]),
        ("kasko", {"programme": "theft", "gap": False}, ["Угон"]),
        ("kasko", {"programme": "economy"}, ["Ущерб", "Угон"]),
        ("accident", {"programme": "injury"}, ["Травма и инвалидность"]),
        ("kasko", {}, []),
        ("osago", {}, ["Имущество потерпевшего", "Жизнь и здоровье потерпевшего"]),
    ],
)
def test_one_price_for_all_still_names_what_is_covered(
    now: datetime, product: str, answers: dict[str, object], covered: list[str]
) -> None:
    load_shipped(now=now)
    told = tables.Told(product, date(2026, 12, 5), answers)
    found = cells(tables.coverages([], told, "ru", 900000))[1:]
    assert [row[0] for row in found] == covered
    assert not found or {row[1] for row in found} == (
        {"400 000,00 ₽", "500 000,00 ₽"} if product == "osago" else {"900 000,00 ₽"}
    )


@pytest.mark.django_db
def test_a_journey_names_its_people_and_its_conditions_in_both_languages(now: datetime) -> None:
    load_shipped(now=now)
    told = tables.Told("travel", date(2026, 12, 5), TRIP)
    assert cells(tables.people([], told, "ru"))[1][0] == "OLGA NOVIKOVA"
    assert cells(tables.conditions(told, "ru")) == [
        ["Куда", "Шенген и Турция"], ["Дней", "7"], ["Медицинские расходы", "30 000 €"],
    ]  # fmt: skip
    assert cells(tables.conditions(told, "en"))[0] == ["Where to", "Schengen and Turkey"]
    rows = [{"code": "medical", "title": "Медицинские расходы", "amount": "644"}]
    with override("en"):
        covered = tables.coverages(rows, told, "en")
    assert [row[0] for row in cells(covered)] == ["Coverage", "Medical expenses"]
    assert len(cells(covered)[0]) == 2


@pytest.mark.django_db
def test_a_product_without_a_version_tells_nothing() -> None:
    told = tables.Told("travel", date(1999, 1, 1), TRIP)
    assert (tables.conditions(told, "ru"), told.people()) == ("", [])


def test_shipped_templates_are_whole_and_can_be_filled() -> None:
    for path in FOLDER.glob("*.html"):
        text = shipped_text(path)
        assert "include" not in text
        check_template(text)
