"""The chat in a real browser: keys of the composer, and one sound for all open pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Route, expect

from clientela.foundation.push.operations import notify
from clientela.modules.accounts.models import User
from clientela.modules.chat.models import Message
from clientela.modules.chat.operations import rooms

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]
# Counts sounds of all pages, and keeps the page's own audio in sight.
COUNT = """document.addEventListener("alert-sound", () =>
  localStorage.setItem("sounds", Number(localStorage.getItem("sounds") ?? 0) + 1));
window.AudioContext = class extends AudioContext { constructor() { super(); window.audio = this; } };"""


def test_enter_sends_shift_breaks_the_line_and_at_calls_a_colleague(
    visit: Visit, transactional_db: None, anna: User, lilia: User
) -> None:
    room = rooms.create_group(actor=anna, now=timezone.now(), title="КАСКО", people=[lilia.pk])
    page = visit(f"/chat/{room.pk}/", anna)
    text, log = page.locator("#chat-text"), page.get_by_role("log")

    text.fill("Посчитай Крету, @Зак")
    option = page.get_by_role("option", name="Лилия Закирова")
    expect(option).to_have_attribute("aria-selected", "true")
    text.press("Enter")
    expect(text).to_have_value("Посчитай Крету, @Лилия Закирова ")
    expect(page.locator("#calling")).to_be_hidden()
    text.press("Shift+Enter")
    page.keyboard.insert_text("Срочно")
    text.press("Enter")

    expect(log).to_contain_text("Посчитай Крету, @Лилия Закирова")
    expect(text).to_have_value("")
    said = Message.objects.get()
    assert said.text.splitlines() == ["Посчитай Крету, @Лилия Закирова ", "Срочно"]
    assert said.called == [[lilia.pk, "Лилия Закирова"]]


def test_two_pages_make_one_sound(visit: Visit, transactional_db: None, anna: User, vera: Any) -> None:
    first = visit("/clients/", anna)
    _wake(first.context)
    first.reload()
    second = visit("/calendar/")
    for page in (first, second):
        page.keyboard.press("End")
        page.wait_for_function("window.audio?.state === 'running'")
    first.wait_for_function("navigator.locks.query().then((all) => all.held.length > 0)")

    now = timezone.now()
    notify(
        user_ids=[anna.pk],
        topic="mention",
        title="Тимур Галиев",
        body="Глянь",
        url="/chat/",
        now=now,
        key="x",
    )

    for page in (first, second):
        expect(page.locator("#toasts")).to_contain_text("Глянь")
    for page in (first, second):  # whoever asked for the lock before has had it
        page.evaluate("navigator.locks.request('alert-sound', () => null)")
    assert first.evaluate("localStorage.getItem('sounds')") == "1"


def _wake(context: BrowserContext) -> None:
    """Counts sounds, and answers for the live application: something came, look."""

    def live(route: Route) -> None:
        origin = route.request.headers.get("origin", "*")
        cors = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
        route.fulfill(content_type="text/event-stream", headers=cors, body="retry: 300\n\ndata: alerts\n\n")

    context.add_init_script(COUNT)
    context.route("**/live/**", live)
