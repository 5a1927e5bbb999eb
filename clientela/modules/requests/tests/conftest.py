from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Branch
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import Incoming, receive
from clientela.modules.routing.models import Desk
from clientela.modules.routing.operations import note_seen


@pytest.fixture
def at_desk(kazan: Branch, now: datetime) -> Callable[..., Desk]:
    """``at_desk(anna, weight=50)``: at the screen, with a desk in Казань."""

    def sit(user: User, **fields: Any) -> Desk:
        note_seen([user.pk], now=now)
        return Desk.objects.create(user=user, **{"branch": kazan, "idle_since": now} | fields)

    return sit


@pytest.fixture
def ask(kazan: Branch, now: datetime) -> Callable[..., Request]:
    """``ask("+79870006319", product=kasko, text="…")``: a request from the site comes in, at ``now``."""

    def make(phone: str = "+79870006319", at: datetime = now, **fields: Any) -> Request:
        values = {"source": "web", "phone": phone, "name": "Миннуллина Резеда", "branch": kazan} | fields
        return receive(actor=None, now=at, incoming=Incoming(**values))

    return make
