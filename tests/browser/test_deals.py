"""The board of deals by mouse and keyboard, the rules of a funnel, and a script built and followed, in a real browser."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import start
from clientela.modules.quotes.tests.conftest import tariffs
from clientela.modules.sales.models import Deal, Funnel, Script
from clientela.modules.sales.operations.deals import move_deal
from clientela.modules.sales.tests.conftest import kasko_funnel, make_deal, sales

__all__ = ["kasko_funnel", "make_deal", "sales", "tariffs"]
pytestmark = [pytest.mark.browser, pytest.mark.server]
Make = Callable[..., Deal]
Visit = Callable[..., Page]
BOARD = "/deals/?funnel=kasko"


def column(page: Page, name: str) -> Locator:
    return page.locator(f"[data-stage][data-name='{name}']")


def card(page: Page, deal: Deal) -> Locator:
    return page.locator(f".kan-card:has(#deal-{deal.pk})")


def stage_of(deal: Deal) -> str:
    return Deal.objects.select_related("stage").get(pk=deal.pk).stage.name


def drag(page: Page, deal: Deal, to: str) -> None:
    card(page, deal).drag_to(column(page, to), target_position={"x": 60, "y": 120})


def test_a_card_is_dragged_and_taken_back(visit: Visit, make_deal: Make, vera: Client, anna: User) -> None:
    deal = make_deal(anna, vera, subject="Kia Ceed")
    page = visit(BOARD, anna)
    drag(page, deal, "Потребность")
    expect(column(page, "Потребность").locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Потребность"
    page.locator("#toasts").get_by_role("button", name="Вернуть").first.click()
    expect(column(page, "Новая").locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Новая"


def test_a_stage_asks_for_its_fields_before_the_card_stays(
    visit: Visit, make_deal: Make, vera: Client, anna: User
) -> None:
    deal = make_deal(anna, vera, subject="Kia Ceed")
    page = visit(BOARD, anna)
    drag(page, deal, "Решение")
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Без этого сделка останется на стадии «Новая»")
    page.keyboard.press("Escape")
    expect(column(page, "Новая").locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Новая"
    drag(page, deal, "Решение")
    asked.get_by_label("Премия").fill("много")
    asked.get_by_role("button", name="Перенести").click()
    expect(asked.locator("[aria-invalid=true]").first).to_be_visible()
    expect(asked.get_by_label("Премия")).to_have_value("много")
    asked.get_by_label("Премия").fill("52 900")
    asked.get_by_label("Когда").fill("2026-12-01T10:00")
    asked.get_by_role("button", name="Перенести").click()
    expect(column(page, "Решение").locator(f"#deal-{deal.pk}")).to_be_visible()
    assert stage_of(deal) == "Решение"


def test_a_card_goes_by_keyboard_and_keeps_the_focus(
    visit: Visit, make_deal: Make, vera: Client, anna: User
) -> None:
    deal = make_deal(anna, vera, subject="Kia Ceed")
    page = visit(BOARD, anna)
    page.locator(f"#deal-{deal.pk}").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, "Потребность").locator(f"#deal-{deal.pk}")).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    expect(column(page, "Новая").locator(f"#deal-{deal.pk}")).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    assert stage_of(deal) == "Новая"


def test_two_people_at_one_board(
    visit: Visit, make_deal: Make, vera: Client, anna: User, kasko_funnel: Funnel, now: datetime
) -> None:
    """What a colleague moved comes to the board by itself; before it comes, the older card is refused and comes back."""
    deal = make_deal(anna, vera, subject="Kia Ceed")
    page = visit(BOARD, anna)
    move_deal(actor=anna, now=now, deal=deal, stage=kasko_funnel.stages.get(name="Потребность"))
    drag(page, deal, "Оплата")
    expect(page.locator("#toasts")).to_contain_text("сейчас она на стадии «Потребность»")
    expect(column(page, "Потребность").locator(f"#deal-{deal.pk}")).to_be_visible()
    deal.refresh_from_db()
    move_deal(actor=anna, now=now, deal=deal, stage=kasko_funnel.stages.get(name="Новая"))
    page.locator("#board").dispatch_event("live")
    expect(column(page, "Новая").locator(f"#deal-{deal.pk}")).to_be_visible()


def test_stages_are_dragged_and_a_stage_with_deals_asks_where_they_go(
    visit: Visit, make_deal: Make, vera: Client, anna: User, renewals_manager: User, kasko_funnel: Funnel
) -> None:
    deal = make_deal(anna, vera)
    page = visit("/deals/funnels/?funnel=kasko", renewals_manager)
    rows = page.locator("[data-stages] tr")
    expect(rows).to_have_count(5)
    rows.nth(2).locator("[data-handle]").drag_to(rows.nth(1))
    expect(rows.nth(1)).to_contain_text("Расчёт")
    expect(rows.nth(1)).to_have_attribute("data-version", "2")
    names = kasko_funnel.stages.order_by("position").values_list("name", flat=True)
    assert list(names[:3]) == ["Новая", "Расчёт", "Потребность"]
    rows.nth(1).get_by_role("button", name="Ближе к концу: Расчёт").focus()
    page.keyboard.press("Enter")
    expect(rows.nth(2)).to_contain_text("Расчёт")
    page.get_by_role("link", name="Снять: Новая").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 сделка")
    dialog.get_by_label("Её сделки перейдут на стадию").select_option(label="Решение")
    dialog.get_by_role("button", name="Снять").click()
    expect(rows).to_have_count(4)
    assert stage_of(deal) == "Решение"


def test_a_script_is_built_without_codes_and_tried(
    visit: Visit, tariffs: None, kasko_funnel: Funnel, renewals_manager: User
) -> None:
    script = Script.objects.get(code="kasko-new")
    page = visit(f"/deals/scripts/{script.pk}/", renewals_manager)
    page.get_by_role("link", name="Шаг", exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_label("Что делает продавец").fill("Спросите про GAP")
    form.get_by_label("Что сказать").fill("«Сохранить стоимость машины на весь срок?»")
    form.get_by_label("Идёт после").select_option(label="Договоритесь → Сегодня")
    answers = form.locator("fieldset:has(legend)")
    answers.nth(0).get_by_label("Ответ").fill("Да, сохранить")
    answers.nth(0).locator("summary").click()
    answers.nth(0).get_by_label("Заполняет").select_option(label="Сохранение стоимости (GAP) (расчёт): да")
    form.get_by_role("button", name="Сохранить в черновик").click()
    expect(page.locator("#script")).to_contain_text("версия 2, черновик")
    expect(page.locator("#script")).to_contain_text("сохранение стоимости (gap): да")
    step = page.locator("#script li", has=page.get_by_role("heading", name="Спросите про GAP"))
    step.get_by_role("link", name="Изменить шаг").click()
    form.locator("[name=goto_0]").select_option(label="Спросите про GAP")
    form.get_by_role("button", name="Сохранить в черновик").click()
    expect(form).to_contain_text("Разговор идёт по кругу")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Проверить").click()
    for words in ("Да, слушаю", "Только я", "15 000 ₽", "Своя", "Сегодня", "Да, сохранить"):
        form.get_by_role("link").filter(has_text=words).click()
    expect(form).to_contain_text("Разговор окончен")
    expect(form).to_contain_text("Сохранение стоимости (GAP) = да")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Ввести в действие").click()
    expect(page.locator("#script")).to_contain_text("версия 2, действует")
    assert script.versions.get(state="active").number == 2


def test_what_the_client_says_stands_in_the_calculation(
    visit: Visit, tariffs: None, make_deal: Make, vera: Client, anna: User, now: datetime
) -> None:
    product = Product.objects.get(code="kasko")
    deal = make_deal(anna, vera, product=product, subject="Hyundai Creta")
    row = start(actor=anna, now=now, client=vera, product=product, deal_ref=deal.pk)
    page = visit(f"/quotes/{row.pk}/", anna)
    talk = page.locator("#quote-talk")
    for words in ("Да, слушаю", "Только я", "15 000 ₽"):
        talk.get_by_role("button").filter(has_text=words).click()
    expect(page.locator("[name=q-deductible]")).to_have_value("15000")
    questions = page.locator("#quote-questions")
    if questions.get_attribute("open") is None:
        questions.locator("summary").click()
    expect(questions).to_contain_text("из разговора")
    page.locator("[name=q-deductible]").select_option("20000")
    expect(questions).not_to_contain_text("из разговора")
    assert Calculation.objects.get().answers["deductible"] == "20000"
    talk.get_by_role("button", name="Шаг назад").click()
    talk.get_by_role("button").filter(has_text="30 000 ₽").click()
    expect(talk).to_contain_text("В разговоре: 30 000. Вручную: 20 000.")
    expect(page.locator("[name=q-deductible]")).to_have_value("20000")
    talk.get_by_role("button", name="Взять из разговора").click()
    expect(page.locator("[name=q-deductible]")).to_have_value("30000")
    expect(talk).not_to_contain_text("Вручную")
