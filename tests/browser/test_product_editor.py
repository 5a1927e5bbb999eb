"""Conditions and answers of a product as rows in a real browser, with the seller's form beside them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.operations.definitions import make_product_draft
from clientela.modules.rating.operations.shipped import load_shipped
from tests.browser.shots import check_access

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]


@pytest.fixture
def accident(transactional_db: None, product_manager: User) -> ProductVersion:
    """A draft of the product «accident»."""
    now = timezone.now()
    load_shipped(now=now - timedelta(days=1))
    product = ProductVersion.objects.get(product__code="accident").product
    return make_product_draft(actor=product_manager, now=now, product=product)


def question(page: Page, key: str) -> Locator:
    """A question of the definition, opened."""
    found = page.locator(f'[data-items="questions"] > [data-item][data-name="{key}"]')
    if found.locator("details").get_attribute("open") is None:
        found.locator("summary").click()
    return found


def saved(page: Page, version: ProductVersion) -> dict[str, Any]:
    """The questions by their key, after the draft is saved."""
    page.get_by_role("button", name="Сохранить черновик").click()
    expect(page.locator("#toasts")).to_contain_text("Черновик сохранён")
    version.refresh_from_db()
    return {one["key"]: one for one in version.definition["questions"]}


def test_conditions_are_rows_and_the_sellers_form_follows_them(
    visit: Visit, product_manager: User, accident: ProductVersion
) -> None:
    strange = {"sum_insured": {"min": "1", "not": ["2"]}, "people": {"filled": True}, "risk_class": ["3"]}
    accident.definition["questions"][5]["show_if"] = strange
    accident.save()
    page = visit(f"/products/definitions/{accident.pk}/", product_manager)
    old = question(page, "disability")
    expect(old.locator("[data-condition]")).to_have_count(3)
    expect(old.locator("[data-condition] code")).to_have_text(
        'Страховая сумма на человека, ₽: {"min":"1","not":["2"]}'
    )
    expect(old.get_by_text("Должны выполняться все")).to_be_visible()
    assert saved(page, accident)["disability"]["show_if"] == strange

    sport = question(page, "sport")
    sport.get_by_role("button", name="Условие", exact=True).click()
    first = sport.locator("[data-condition]").nth(0)
    first.get_by_label("Вопрос").select_option(label="Программа")
    first.get_by_label("Сравнение").select_option(label="одно из")
    first.get_by_label("Полная").check()
    first.get_by_label("Травма").check()
    sport.get_by_role("button", name="Условие", exact=True).click()
    second = sport.locator("[data-condition]").nth(1)
    assert "Программа" not in second.get_by_label("Вопрос").inner_text()
    second.get_by_label("Вопрос").select_option(label="Класс профессии")
    second.get_by_label("Сравнение").select_option(label="кроме")
    second.get_by_label("3, опасный труд").check()
    preview = page.locator("#look [data-preview]")
    expect(preview.get_by_label("Спорт")).to_be_visible()
    preview.get_by_label("Программа").select_option(label="Смерть")
    expect(preview.get_by_label("Спорт")).to_have_count(0)
    expect(preview.get_by_label("Программа")).to_have_value("death")
    preview.get_by_label("Программа").select_option(label="Травма")
    expect(preview.get_by_label("Спорт")).to_be_visible()
    expect(page.get_by_text("Ещё не сохранено")).to_be_visible()
    check_access(page)
    found = saved(page, accident)
    assert found["sport"]["show_if"] == {"programme": ["injury", "full"], "risk_class": {"not": ["3"]}}
    assert found["disability"]["show_if"] == strange

    sport = question(page, "sport")
    sport.get_by_role("button", name="Убрать условие").first.click()
    row = sport.locator("[data-condition]")
    row.get_by_label("Вопрос").select_option(label="Страховая сумма на человека, ₽")
    row.get_by_label("Сравнение").select_option(label="не меньше")
    expect(page.locator("#definition .err")).to_be_visible()
    row.locator("[data-value] input").fill("1 000 000")
    expect(page.locator("#definition .err")).to_have_count(0)
    assert saved(page, accident)["sport"]["show_if"] == {"sum_insured": {"min": 1000000}}


def test_answers_are_rows_whose_codes_stay(
    visit: Visit, product_manager: User, accident: ProductVersion
) -> None:
    page = visit(f"/products/definitions/{accident.pk}/", product_manager)
    sport = question(page, "sport")
    rows = sport.locator("[data-choice]")
    expect(rows).to_have_count(4)
    sport.get_by_role("button", name="Ответ", exact=True).click()
    rows.nth(4).get_by_label("Ответ по-русски").fill("Горные лыжи")
    expect(rows.nth(4).get_by_label("Код ответа")).to_have_value("gornye_lyzhi")
    rows.nth(4).get_by_label("Ответ по-английски").fill("Downhill")
    expect(rows.nth(4).get_by_label("Код ответа")).to_have_value("downhill")
    rows.nth(4).get_by_label("Ответ по-английски").press("Alt+ArrowUp")
    expect(rows.nth(3).get_by_label("Код ответа")).to_have_value("downhill")
    rows.nth(3).locator("[data-choice-handle]").drag_to(rows.nth(0), target_position={"x": 60, "y": 3})
    rows.nth(1).get_by_label("Ответ по-русски").fill("Без спорта")
    expect(rows.nth(1).get_by_label("Код ответа")).to_have_value("none")
    rows.nth(3).get_by_role("button", name="Убрать ответ").click()
    notice = sport.locator("[data-of-notice]")
    expect(notice).to_contain_text(
        "Ответа «Контактный» (contact) больше нет, но он ещё нужен. Он есть в таблицах:"
    )
    check_access(page, widths=(1440,))
    sport.get_by_role("button", name="Вернуть").click()
    expect(notice).to_have_count(0)
    rows.nth(4).get_by_role("button", name="Убрать ответ").click()
    found = saved(page, accident)["sport"]["choices"]
    assert [(one["value"], one["title"]) for one in found] == [
        ("downhill", "Горные лыжи"), ("none", "Без спорта"), ("amateur", "Любительский"), ("contact", "Контактный"),
    ]  # fmt: skip
    expect(page.locator("#look [data-notice]")).to_contain_text("Экстремальный")


def test_who_may_be_insured_is_rows_of_conditions(
    visit: Visit, product_manager: User, accident: ProductVersion
) -> None:
    page = visit(f"/products/definitions/{accident.pk}/", product_manager)
    part = page.locator('[data-items="eligibility"]')
    expect(part.locator("[data-condition]")).to_have_count(0)
    part.get_by_role("button", name="Условие", exact=True).click()
    row = part.locator("[data-condition]").nth(0)
    row.get_by_label("Вопрос").select_option(label="Страховая сумма на человека, ₽")
    row.get_by_label("Сравнение").select_option(label="от и до")
    row.get_by_label("Ответы: не меньше").fill("100 000")
    expect(part.locator(".err")).to_be_visible()
    row.get_by_label("Ответы: не больше").fill("5 000 000")
    expect(part.locator(".err")).to_have_count(0)
    part.get_by_role("button", name="Условие", exact=True).click()
    owner = part.locator("[data-condition]").nth(1)
    owner.get_by_label("Вопрос").select_option(label="Страхователь")
    owner.get_by_label("Сравнение").select_option(label="одно из")
    owner.get_by_label("Физическое лицо").check()
    owner.get_by_label("Предприниматель").check()
    saved(page, accident)
    assert accident.definition["eligibility"] == {
        "sum_insured": {"min": 100000, "max": 5000000}, "owner": ["person", "entrepreneur"],
    }  # fmt: skip
    expect(part.locator("[data-condition]").nth(0).get_by_label("Ответы: не больше")).to_have_value("5000000")
    expect(page.locator("#compared")).to_contain_text("Страховая сумма на человека, ₽ не меньше 100000")
    check_access(page)


def test_a_step_takes_its_table_by_its_title(
    visit: Visit, product_manager: User, accident: ProductVersion
) -> None:
    page = visit(f"/products/definitions/{accident.pk}/", product_manager)
    step = page.locator('[data-items="steps"] > [data-item]').filter(has_text="Ставка").first
    step.locator("summary").click()
    field = step.locator('[name="steps-table"]')
    expect(field).to_have_value("Ставка · accident.rate")
    field.fill("Ставки прошлого года")
    expect(step.locator(".err")).to_have_text("Нет таблицы «Ставки прошлого года».")
    field.fill("Возраст · accident.age")
    expect(step.locator(".err", has_text="Нет таблицы")).to_have_count(0)
    saved(page, accident)
    assert "accident.age" in {one.get("table") for one in accident.definition["formula"]["steps"][:1]}
