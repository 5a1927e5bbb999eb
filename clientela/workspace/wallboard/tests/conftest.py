from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import Client
from clientela.modules.routing.models import Station
from clientela.modules.routing.operations import note_seen


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def at_work(now: datetime) -> Callable[..., None]:
    """These people are at the screen and available since a minute ago."""

    def sit(*people: User) -> None:
        for moment in (now - timedelta(minutes=1), now):
            note_seen([user.pk for user in people], now=moment)
        Station.objects.filter(user__in=people).update(serves=True)

    return sit


@pytest.fixture
def call_of(now: datetime) -> Callable[..., Call]:
    """``call_of(vera, ago=60, wait=10, talk=0)``: a call that came ``ago`` seconds before now; no talk: it waits."""

    def make(client: Client, *, ago: int = 60, wait: int = 10, talk: int = 0, **fields: Any) -> Call:
        at = now - timedelta(seconds=ago)
        picked = at + timedelta(seconds=wait)
        values = {
            "direction": "in", "client": client, "number": "+79170004108", "agent": client.agent,
            "branch": client.branch, "centre": client.centre, "state": "ended" if talk else "waiting",
            "started_at": at, "queued_at": at, "answered_at": picked if talk else None,
            "ended_at": picked + timedelta(seconds=talk) if talk else None, "outcome": "talked" if talk else "",
        }  # fmt: skip
        return Call.objects.create(**(values | fields))

    return make
