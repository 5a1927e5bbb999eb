"""A calling list in use, clients on it, and a network that tells what became of a call."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from clientela.modules.calls.models import Call
from clientela.modules.calls.operations.desk import take
from clientela.modules.calls.ports import Ending, LineAnswered, LineEnded
from clientela.modules.clients.models import Client
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.dialler.operations.lists import load_shipped
from clientela.modules.dialler.operations.requests import Request, request_calls
from clientela.modules.routing.models import Station


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Sentences are compared in the language they are written in."""
    with override("en"):
        yield


@pytest.fixture
def calling(db: None, now: datetime) -> CallingList:
    load_shipped(now=now)
    return CallingList.objects.get(code="renewal")


@pytest.fixture
def ask(calling: CallingList, now: datetime) -> Callable[..., Entry]:
    """``ask(vera)`` asks for a call to Vera within twelve days."""

    def asked(client: Client, origin_id: int = 1, **values: Any) -> Entry:
        request = {"until": now + timedelta(days=12)} | values
        request_calls(
            [Request(client_id=client.pk, list="renewal", origin="test", origin_id=origin_id, **request)], now=now
        )  # fmt: skip
        return Entry.objects.get(origin="test", origin_id=origin_id)

    return asked


@pytest.fixture
def at_work(now: datetime) -> Callable[..., None]:
    """``at_work(person)``: available, with an open page."""

    def declare(person: Any) -> None:
        Station.objects.update_or_create(
            user=person, defaults={"state": "available", "since": now, "seen_at": now, "idle_since": now}
        )

    return declare


def answer(call: Call, now: datetime) -> None:
    """Desk and client lift their handsets."""
    take(LineAnswered(call.lines.get(role="desk").line, now), now=now)
    take(LineAnswered(call.lines.get(role="client").line, now), now=now)


def not_answered(call: Call, now: datetime, ending: Ending = Ending.NO_ANSWER) -> None:
    take(LineAnswered(call.lines.get(role="desk").line, now), now=now)
    take(LineEnded(call.lines.get(role="client").line, now, ending), now=now)


def put_down(call: Call, now: datetime) -> None:
    """The network obeys: every line is gone."""
    for line in call.lines.exclude(state="ended"):
        take(LineEnded(line.line, now, Ending.NORMAL), now=now)
