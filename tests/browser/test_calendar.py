"""The calendar's grid in a real browser: an event is dragged to another hour, and taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.calendar.models import Event
from clientela.modules.calendar.operations import plan_event
from clientela.modules.calendar.ports import Draft

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_an_event_is_dragged_and_taken_back(visit: Callable[..., Page], anna: User) -> None:
    now = timezone.now()
    start = timezone.localtime(now).replace(hour=12, minute=0, second=0, microsecond=0)
    draft = Draft(
        title="Осмотр", starts_at=start, ends_at=start + timedelta(hours=1), time_zone="Europe/Moscow"
    )
    event = plan_event(actor=anna, now=now, draft=draft)
    page = visit("/calendar/", anna)
    shown = page.locator(f'[data-event^="{event.pk}"]').first
    expect(shown).to_be_visible()
    shown.scroll_into_view_if_needed()
    box = shown.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + box["height"] / 2, steps=4)
    page.mouse.move(x, y + box["height"], steps=4)
    page.mouse.up()
    toasts = page.locator("#toasts")
    expect(toasts).to_contain_text("Осмотр")
    assert start < Event.objects.get().starts_at <= start + timedelta(hours=1)
    toasts.get_by_role("button", name="Вернуть").first.click()
    expect(shown).to_contain_text("12:00")
    assert Event.objects.get().starts_at == start
