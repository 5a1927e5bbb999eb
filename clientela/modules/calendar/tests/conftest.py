from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from clientela.modules.calendar.models import Event
from clientela.modules.calendar.operations import plan_event
from clientela.modules.calendar.ports import Draft


@pytest.fixture
def draft(now: datetime) -> Callable[..., Draft]:
    """``draft(title="…", **fields)``: an hour at 14:00 in Moscow tomorrow."""

    def make(**fields: Any) -> Draft:
        start = fields.pop("starts_at", now.replace(hour=14, minute=0) + timedelta(days=1))
        values = {
            "title": "Осмотр машины", "starts_at": start, "ends_at": start + timedelta(hours=1),
            "time_zone": "Europe/Moscow",
        }  # fmt: skip
        return Draft(**values | fields)

    return make


@pytest.fixture
def plan(draft: Callable[..., Draft], now: datetime) -> Callable[..., Event]:
    """``plan(anna, title="…", **fields)``: an event stands in Anna's calendar."""

    def make(person: Any, **fields: Any) -> Event:
        return plan_event(actor=person, now=now, draft=draft(**fields))

    return make
