"""The board of renewals in a real browser: the drawer, an act, the row that follows, keys, access."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]


@pytest.fixture
def terms(
    transactional_db: None, anna: User, make_client: Callable[..., Client], make_policy: Callable[..., Policy],
    make_renewal: Callable[..., Renewal], osago: Product,
) -> list[Renewal]:  # fmt: skip
    """Three terms of Anna around the real today, with the touches of today planned."""
    now, today = timezone.now(), timezone.localdate()
    load_shipped(now=now, active_from=today - timedelta(days=90))
    found = []
    for number, (name, left) in enumerate((("Абрамова", 3), ("Орлова", 17), ("Яковлева", 30))):
        client = make_client(
            anna.agent,
            name,
            "Вера",
            "Николаевна",
            phone=f"+7917000410{number}",
            email=f"v{number}@mail.example",
        )
        policy = make_policy(client, osago, number=f"XXX 000000000{number}", end=today + timedelta(days=left))
        found.append(make_renewal(policy))
    plan_day(day=today, now=now)
    return found


def test_an_act_in_the_drawer_changes_the_row(visit: Visit, anna: User, terms: list[Renewal]) -> None:
    page = visit("/renewals/", anna)
    page.click("text=Орлова Вера Николаевна")
    drawer = page.locator("#drawer .drawer")
    expect(drawer).to_contain_text("План касаний")
    assert page.url.endswith(f"/renewals/{terms[1].pk}/")
    drawer.get_by_text("Сделать проект").click()
    page.fill("#id_premium", "9000")
    page.click("dialog >> text=Сохранить проект")
    expect(page.locator("dialog .err").first).to_contain_text("Скажите, почему цена не та")
    assert page.input_value("#id_premium") == "9000"
    page.fill("#id_reason", "новый водитель")
    page.click("dialog >> text=Сохранить проект")
    expect(page.locator("#toasts")).to_contain_text("Проект готов: 9 000,00 ₽")
    expect(drawer).to_contain_text("Отправить предложение")
    row = page.locator("tr", has_text="Орлова")
    expect(row).to_contain_text("Проект")
    expect(row).to_contain_text("9 000,00 ₽")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    assert page.url.endswith("/renewals/")


def test_loss_is_undone_from_the_toast(visit: Visit, anna: User, terms: list[Renewal]) -> None:
    page = visit(f"/renewals/{terms[1].pk}/?from=30", anna)
    page.click("[popovertarget=term-menu]")
    page.click("#act-loss-m")
    page.check("dialog >> text=Дорого") if page.locator(
        "dialog input[type=radio]"
    ).count() else page.select_option("#id_reason", label="Дорого")
    page.click("dialog >> button:has-text('Отметить потерянным')")
    expect(page.locator("#drawer .drawer")).to_contain_text("Потерян")
    page.click("#toasts >> text=Вернуть")
    expect(page.locator("#drawer .drawer")).to_contain_text("Сделать проект")
    assert Renewal.objects.get(pk=terms[1].pk).state == "nothing"


def test_keys_walk_select_and_peek(visit: Visit, anna: User, terms: list[Renewal]) -> None:
    page = visit("/renewals/", anna)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk]")).to_contain_text("Выбрано 1")
    page.keyboard.press("Space")
    expect(page.locator("#drawer h2")).to_contain_text("Орлова")
    page.keyboard.press("j")
    expect(page.locator("#drawer h2")).to_contain_text("Яковлева")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("абр")
    expect(page.locator("tbody[data-rows] tr")).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "board-q"
    assert "q=" in page.url


def test_many_are_held_at_once(visit: Visit, anna: User, terms: list[Renewal]) -> None:
    page = visit("/renewals/", anna)
    page.check("[data-select-all]")
    page.click(".bulk >> text=Придержать план")
    page.fill("#id_until", (timezone.localdate() + timedelta(days=5)).isoformat())
    page.click("dialog >> button:has-text('Придержать')")
    expect(page.locator("#toasts")).to_contain_text("Придержаны планы 2 договоров. 1 остался как был")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    assert Renewal.objects.filter(held_until__isnull=False).count() == 2
