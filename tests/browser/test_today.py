"""The day in a real browser: the order, keys, acts that leave the queue, segments, access."""

import contextlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Error, Page, Route, expect

from clientela.modules.accounts.models import User
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations.asking import note_incoming
from clientela.modules.renewals.models import Renewal, Touch

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]


@pytest.fixture
def day(
    transactional_db: None, anna: User, make_client: Any, make_policy: Any, make_renewal: Any, osago: Any
) -> dict[str, Renewal]:
    """A call of the plan, a project to make and a client who waits, around the real today."""
    now, today = timezone.now(), timezone.localdate()
    found = {}
    for number, (name, left) in enumerate((("Валиев", 5), ("Кузьмин", 16), ("Тихонова", 40))):
        client = make_client(
            anna.agent,
            name,
            "Марат",
            "Рустамович",
            phone=f"+7917000410{number}",
            email=f"v{number}@mail.example",
        )
        policy = make_policy(client, osago, number=f"ХХХ 000000000{number}", end=today + timedelta(days=left))
        found[name] = make_renewal(policy, state="quoted" if name == "Тихонова" else "nothing")
    Touch.objects.create(
        renewal=found["Валиев"], step_key="centre.motor-17-operator", term_end=found["Валиев"].end_date, day=17,
        channel="operator", due_on=today, due_at=now, created_at=now, state="queued",
    )  # fmt: skip
    at = now - timedelta(minutes=26)
    asked = Message.objects.create(
        direction="in", channel="sms", client=found["Тихонова"].client, address="+79170004102", state="received",
        text="Можно оплатить половину сейчас?", external_id="in-1", not_before=at, created_at=at,
    )  # fmt: skip
    with transaction.atomic():
        note_incoming([asked], {}, now=at)
    return found


def names(page: Page) -> list[str]:
    return [text.split()[0] for text in page.locator("#today [data-row] a[data-open]").all_inner_texts()]


def test_a_day_is_worked_through_with_the_keyboard(visit: Visit, anna: User, day: dict[str, Renewal]) -> None:
    page = visit("/", anna)
    assert names(page) == ["Валиев", "Тихонова", "Кузьмин"]
    expect(page.locator("#today")).to_contain_text("Первое из 3, потому что")

    page.keyboard.press("KeyJ")
    page.keyboard.press("KeyE")
    dialog = page.locator("#modal dialog")
    expect(dialog).to_contain_text("Чем кончился")
    dialog.get_by_text("Продлит", exact=True).click()
    dialog.get_by_role("button", name="Записать").click()
    expect(page.locator("#toasts")).to_contain_text("Звонок записан")
    expect(page.locator("#today")).to_contain_text("Первое из 3")
    assert day["Валиев"].touches.get().state == "done"

    page.locator("[data-row]", has_text="Тихонова").locator("[data-key=E]").click()
    expect(dialog).to_contain_text("Можно оплатить половину сейчас?")
    dialog.locator("textarea").fill("Да, на два платежа.")
    dialog.get_by_role("button", name="Отправить").click()
    expect(page.locator("#toasts")).to_contain_text("Сообщение")
    expect(page.locator("#today")).not_to_contain_text("Тихонова")

    page.locator("[data-row]", has_text="Кузьмин").locator("a[data-open]").focus()
    page.keyboard.press("KeyL")
    expect(dialog).to_contain_text("Кузьмин")
    dialog.locator("button.btn-primary").click()
    expect(page.locator("#today")).not_to_contain_text("Кузьмин")
    assert Renewal.objects.get(pk=day["Кузьмин"].pk).held_until is not None


def test_segments_change_the_queue_and_back_returns(
    visit: Visit, anna: User, day: dict[str, Renewal]
) -> None:
    page = visit("/", anna)
    page.locator("#segments a", has_text="Истекают").click()
    expect(page).to_have_url(re.compile(r"/\?show=expiring$"))
    assert names(page) == ["Кузьмин"]
    page.go_back()
    expect(page.locator("#today")).to_contain_text("Валиев")


def test_an_act_while_the_queue_is_being_read_is_not_lost(
    visit: Visit, anna: User, day: dict[str, Renewal]
) -> None:
    page = visit("/", anna)
    held: list[tuple[Route, Any]] = []

    def hold_first(route: Route) -> None:
        if not held:
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route(re.compile(r"/\?show=all$"), hold_first)
    with page.expect_request(re.compile(r"/\?show=all$")):
        page.evaluate("htmx.trigger('#today', 'live')")
    page.wait_for_function("document.querySelector('#today.htmx-request')")
    page.locator("[data-row]", has_text="Тихонова").locator("[data-key=E]").click()
    dialog = page.locator("#modal dialog")
    dialog.locator("textarea").fill("Да, на два платежа.")
    dialog.get_by_role("button", name="Отправить").click()
    expect(page.locator("#toasts")).to_contain_text("Сообщение")
    stale, answer = held[0]
    assert "Тихонова" in answer.text()
    with contextlib.suppress(Error):
        stale.fulfill(response=answer)
    expect(page.locator("#today")).not_to_contain_text("Тихонова")
