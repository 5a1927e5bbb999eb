"""Tariff tables and the editor of a product in a real browser: blocks of cells, rows that move, the look while typing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.rating.models import Table
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.modules.rating.operations.versions import make_draft

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
