from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.routing.models import Station, WorkItem
from clientela.modules.routing.operations import Need, note_seen
from clientela.modules.routing.queries import places_of


@pytest.fixture
def at_work(now: datetime) -> Callable[..., Station]:
    """``at_work(person, **fields)``: at the screen and available, with what a newcomer has."""

    def sit(user: User, **fields: Any) -> Station:
        note_seen([user.pk], now=now)
        Station.objects.filter(user=user).update(**fields)
        return Station.objects.get(user=user)

    return sit


@pytest.fixture
def need(now: datetime) -> Callable[..., Need]:
    """``need(client, 7, media="chat")``: a piece of work about the client."""

    def make(client: Client, ref_id: int = 1, **fields: Any) -> Need:
        place = places_of([client.pk], now=now)[client.pk]
        return Need(**{"kind": "call", "ref_id": ref_id, "media": "call", "place": place} | fields)

    return make


@pytest.fixture
def item() -> Callable[..., WorkItem]:
    def find(ref_id: int = 1) -> WorkItem:
        return WorkItem.objects.get(kind="call", ref_id=ref_id)

    return find
