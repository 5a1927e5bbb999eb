"""What the tests of contacts share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clientela.foundation.outbox.models import Event
from clientela.modules.contacts import guards


@pytest.fixture
def events(db: None) -> Callable[..., list[dict[str, Any]]]:
    """``events("MessageStateChanged")``: payloads published so far, in order."""

    def of(name: str) -> list[dict[str, Any]]:
        rows = Event.objects.filter(name=f"contacts.{name}").order_by("id")
        return list(rows.values_list("payload", flat=True))

    return of


@pytest.fixture
def guard() -> Iterator[Callable[..., None]]:
    """``guard(origin, function)`` for this test only."""
    known = dict(guards._guards)
    yield guards.register
    guards._guards.clear()
    guards._guards.update(known)
