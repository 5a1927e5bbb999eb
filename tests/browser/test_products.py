"""Tariff tables and the editor of a product in a real browser: blocks of cells, rows that move, the look while typing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clientela.foundation.jobs.operations import run_next
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.models import Table
from clientela.modules.rating.operations.checking import check
from clientela.modules.rating.operations.definitions import make_product_draft
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.modules.rating.operations.versions import make_draft, propose, replace_rows
from tests.browser.shots import check_access

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]


@pytest.fixture
def base(transactional_db: None, product_manager: User) -> Table:
    """The base rates of KASKO, with a draft."""
    now = timezone.now()
    load_shipped(now=now - timedelta(days=1))
    table = Table.objects.get(code="kasko.base")
    make_draft(actor=product_manager, now=now, table=table)
    return table


def cell(page: Page, row: int, place: int) -> Locator:
    """A cell by its row and its place in it, both from 1."""
    return page.locator(f".dtab tbody tr:nth-child({row}) td:nth-of-type({place})")


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_block_of_cells_goes_out_comes_in_and_is_undone(
    visit: Visit, product_manager: User, base: Table
) -> None:
    page = visit(f"/products/tables/{base.pk}/", product_manager)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(page.locator("[data-grid].is-live")).to_be_visible()
    rows = base.versions.get(number=2).rows
    cell(page, 1, 3).click()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".cell-in")).to_have_count(4)
    page.keyboard.press("Control+c")
    block = "\n".join("\t".join(text.replace(".", ",") for text in row[2:4]) for row in rows[:2])
    assert clipboard(page) == block

    cell(page, 3, 3).hover()
    page.mouse.down()
    cell(page, 4, 4).hover()
    page.mouse.up()
    expect(page.locator(".cell-in")).to_have_count(4)
    page.keyboard.press("Control+v")
    expect(cell(page, 4, 4).locator("[data-shown]")).to_have_text(block.split("\n")[1].split("\t")[1])
    page.keyboard.press("Delete")
    expect(cell(page, 3, 3).locator("[data-shown]")).to_have_text("")
    page.keyboard.press("Control+z")
    expect(cell(page, 3, 3).locator("[data-shown]")).to_have_text(block.split("\t")[0])

    last = page.locator(".dtab tbody tr").count()
    page.evaluate("navigator.clipboard.writeText('Haval\\t1\\nChery\\t2\\n')")
    cell(page, last, 1).click()
    page.keyboard.press("Control+v")
    expect(page.locator(".dtab tbody tr")).to_have_count(last + 1)
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Сохранить таблицу").click()
    expect(page.locator("#toasts")).to_contain_text("Таблица сохранена")
    kept = base.versions.get(number=2).rows
    assert [row[2:4] for row in kept[2:4]] == [
        [text.replace(".", ",") for text in row[2:4]] for row in rows[:2]
    ]
    assert len(kept) == len(rows)


def test_a_cell_that_cannot_be_read_is_marked_and_what_was_typed_stays(
    visit: Visit, product_manager: User, base: Table
) -> None:
    page = visit(f"/products/tables/{base.pk}/", product_manager)
    expect(page.locator("[data-grid].is-live")).to_be_visible()
    cell(page, 2, 3).click()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("дорого")
    page.keyboard.press("Enter")
    cell(page, 1, 4).click()
    page.keyboard.type("7,77")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Сохранить таблицу").click()
    expect(page.get_by_role("alert")).to_contain_text("дорого")
    expect(page.locator(".is-bad [data-shown]")).to_have_text("дорого")
    expect(cell(page, 1, 4).locator("[data-shown]")).to_have_text("7,77")
    assert base.versions.get(number=2).rows == base.versions.get(number=1).rows


@pytest.fixture
def accident(base: Table, product_manager: User) -> ProductVersion:
    """A draft of the product «accident»."""
    product = ProductVersion.objects.get(product__code="accident").product
    return make_product_draft(actor=product_manager, now=timezone.now(), product=product)


def keys(page: Page) -> list[str]:
    """The questions in the order they stand on the page."""
    found: list[str] = page.eval_on_selector_all(
        '[data-items="questions"] > [data-item]', "rows => rows.map((row) => row.dataset.name)"
    )
    return found


def test_questions_move_by_drag_and_by_keys(
    visit: Visit, product_manager: User, accident: ProductVersion
) -> None:
    page = visit(f"/products/definitions/{accident.pk}/", product_manager)
    expect(page.locator("[data-product]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    before = [one["key"] for one in accident.definition["questions"]]
    assert keys(page) == before
    rows = page.locator('[data-items="questions"] > [data-item]')
    rows.nth(0).locator("[data-handle]").drag_to(rows.nth(2), target_position={"x": 60, "y": 30})
    moved = [before[1], before[2], before[0], *before[3:]]
    assert keys(page) == moved
    summary = rows.nth(3).locator("summary")
    summary.focus()
    page.keyboard.press("Alt+ArrowUp")
    moved[2], moved[3] = moved[3], moved[2]
    assert keys(page) == moved
    expect(summary.or_(rows.nth(2).locator("summary")).and_(page.locator(":focus"))).to_be_visible()
    page.get_by_role("button", name="Сохранить черновик").click()
    expect(page.locator("#toasts")).to_contain_text("Черновик сохранён")
    accident.refresh_from_db()
    assert [one["key"] for one in accident.definition["questions"]] == moved


def test_what_is_typed_is_looked_at_while_one_types_and_never_lost(
    visit: Visit, product_manager: User, accident: ProductVersion
) -> None:
    page = visit(f"/products/definitions/{accident.pk}/", product_manager)
    page.wait_for_load_state("networkidle")
    least = page.locator('[data-items="limits"] [name="limits-min"]').first
    least.fill("много")
    expect(page.locator("#look [data-fault]")).to_have_count(1)
    expect(least).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#definition .err")).to_have_text("Здесь должно быть число.")
    page.locator("#look [data-goto]").click()
    expect(least).to_be_focused()
    least.fill("60 000")
    expect(page.locator("#look [data-fault]")).to_have_count(0)
    expect(page.locator("#definition .err")).to_have_count(0)

    page.locator('[data-add="limits"]').click()
    added = page.locator('[data-items="limits"] > [data-item]').last
    added.locator("select").select_option("sum_insured")
    added.locator('[name="limits-min"]').fill("7")
    page.get_by_role("button", name="Сохранить черновик").click()
    expect(page.locator("#definition .err").first).to_contain_text("дважды")
    expect(least).to_have_value("60 000")
    accident.refresh_from_db()
    assert accident.definition["limits"]["sum_insured"] == ["50000", "10000000"]
    page.locator('[data-items="limits"] > [data-item]').last.locator("[data-drop]").click()
    page.get_by_role("button", name="Сохранить черновик").click()
    expect(page.locator("#toasts")).to_contain_text("Черновик сохранён")
    accident.refresh_from_db()
    assert accident.definition["limits"]["sum_insured"] == ["60000", "10000000"]


def test_rules_of_acceptance_are_tables_one_copies_from_and_a_proposed_version_is_closed(
    visit: Visit, product_manager: User, accident: ProductVersion
) -> None:
    page = visit(f"/products/definitions/{accident.pk}/", product_manager)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    grid = page.locator("[data-grid].is-live").first
    grid.locator("tbody tr:nth-child(1) td").first.click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+c")
    rows = Table.objects.get(code="accident.uw").versions.get().rows
    assert clipboard(page) == "\n".join(row[0] for row in rows[:2])
    ProductVersion.objects.filter(pk=accident.pk).update(state="proposed")
    page.reload()
    expect(page.get_by_text("Версия ждёт второго человека")).to_be_visible()
    assert page.locator("#definition :is(input, select, textarea):not([type=hidden]):enabled").count() == 0
    assert page.locator("#definition [data-add], #definition [data-drop]").count() == 0


def test_the_check_is_watched_on_the_page_and_what_is_typed_stays(
    visit: Visit, product_manager: User, base: Table
) -> None:
    page = visit(f"/products/tables/{base.pk}/", product_manager)
    expect(page.locator("[data-grid].is-live")).to_be_visible()
    cell(page, 1, 3).click()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Проверить на расчётах").click()
    expect(page.locator("#check")).to_contain_text("проверка идёт дальше")
    expect(page.locator("#check [role=progressbar]")).to_be_visible()
    expect(cell(page, 1, 3).locator("[data-shown]")).to_have_text("7")
    assert run_next(worker="w", now=timezone.now(), lease=timedelta(minutes=1))
    expect(page.locator("#check")).to_contain_text("Прошлых расчётов этого продукта нет")
    expect(cell(page, 1, 3).locator("[data-shown]")).to_have_text("7")
    assert base.versions.get(number=2).regression["failed"] == 0


def test_cells_are_undone_and_done_again_and_unsaved_ones_are_not_left_unseen(
    visit: Visit, product_manager: User, base: Table
) -> None:
    page = visit(f"/products/tables/{base.pk}/", product_manager)
    expect(page.locator("[data-grid].is-live")).to_be_visible()
    shown = cell(page, 1, 3).locator("[data-shown]")
    before = shown.inner_text()
    undo, redo = page.get_by_role("button", name="Отменить"), page.get_by_role("button", name="Повторить")
    expect(undo).to_be_disabled()
    for text in ("5", "6"):
        cell(page, 1, 3).click()
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    cell(page, 1, 3).click()
    page.keyboard.press("Control+z")
    expect(shown).to_have_text("5")
    undo.click()
    expect(shown).to_have_text(before)
    expect(page.get_by_text("Ещё не сохранено")).to_have_count(0)
    redo.click()
    expect(shown).to_have_text("5")
    cell(page, 1, 3).click()
    page.keyboard.press("Control+Shift+z")
    expect(shown).to_have_text("6")
    expect(redo).to_be_disabled()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    expect(shown).to_have_text("6")

    page.get_by_role("link", name="Что меняется").click()
    asked = page.get_by_role("dialog", name="Уйти без сохранения?")
    asked.locator("[data-refuse]").click()
    expect(shown).to_have_text("6")
    kinds: list[str] = []
    page.once("dialog", lambda dialog: (kinds.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)
    assert kinds == ["beforeunload"]
    page.get_by_role("link", name="Что меняется").click()
    asked.get_by_role("button", name="Уйти без сохранения").click()
    expect(page.get_by_text("Отличий нет")).to_be_visible()
    expect(shown).to_have_text(before)


def test_a_second_person_sees_what_changes_returns_it_and_approves(
    visit: Visit, product_manager: User, make_user: Callable[..., User], base: Table
) -> None:
    now, draft = timezone.now(), base.versions.get(number=2)
    rows = [list(row) for row in draft.rows]
    rows[0][2] = str(float(rows[0][2].replace(",", ".")) * 2)
    replace_rows(actor=product_manager, now=now, version=draft, rows=rows)
    check(actor=product_manager, now=now, version=draft, cases=[], on=now.date())
    day = now.date() + timedelta(days=30)
    propose(actor=product_manager, now=now, version=draft, starts_on=day, reason="Дороже запчасти")
    page = visit(f"/products/tables/{base.pk}/", product_manager)
    pane = page.get_by_label("Утверждение вторым человеком")
    expect(pane).to_contain_text("Эту версию подготовили вы")
    expect(pane.get_by_role("button", name="Утвердить")).to_have_count(0)
    second = make_user(Role.PRODUCT_MANAGER, "Лариса", "Ким", email="l.kim@prichal.example")
    page = visit(f"/products/tables/{base.pk}/", second)
    pane = page.get_by_label("Утверждение вторым человеком")
    expect(pane.locator("[data-counts]")).to_have_text("меняется 1 ячейка")
    expect(pane).to_contain_text("+100,0 %")
    expect(pane).to_contain_text("Дороже запчасти")
    check_access(page)
    pane.get_by_role("button", name="Вернуть").click()
    expect(page.locator("#toasts")).to_contain_text("Напишите, что исправить")
    pane.get_by_label("Комментарий или что исправить").fill("Слишком много")
    pane.get_by_role("button", name="Вернуть").click()
    expect(pane.locator("[data-decisions] > li").first).to_contain_text("Слишком много")
    draft.refresh_from_db()
    assert draft.state == "draft"
    propose(actor=product_manager, now=now, version=draft, starts_on=day, reason="Обсудили")
    page.reload()
    pane.get_by_label("Комментарий или что исправить").fill("Согласна")
    pane.get_by_role("button", name="Утвердить").click()
    expect(pane.locator("[data-decisions] > li").first).to_contain_text("Согласна")
    draft.refresh_from_db()
    assert (draft.state, draft.approver, draft.starts_on) == ("approved", second, day)
