from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Branch
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import Incoming, receive
from clientela.modules.requests.operations.setting import create_intake
from clientela.modules.routing.models import Desk
from clientela.modules.routing.operations import note_seen


@pytest.fixture
def moment() -> datetime:
    """Pages read the clock themselves: what they show is made now."""
    return timezone.now()


@pytest.fixture
def at_desk(kazan: Branch, moment: datetime) -> Callable[..., Desk]:
    """``at_desk(anna)``: at the screen, with a desk in Казань."""

    def sit(user: User, **fields: Any) -> Desk:
        note_seen([user.pk], now=moment)
        return Desk.objects.create(user=user, **{"branch": kazan, "idle_since": moment} | fields)

    return sit


@pytest.fixture
def ask(kazan: Branch, moment: datetime) -> Callable[..., Request]:
    """``ask(product=kasko)``: a request from the site comes in now."""

    def make(phone: str = "+79870006319", **fields: Any) -> Request:
        values = {"source": "web", "phone": phone, "name": "Миннуллина Резеда", "branch": kazan} | fields
        return receive(actor=None, now=moment, incoming=Incoming(**values))

    return make


@pytest.fixture
def form(kazan: Branch, moment: datetime) -> Any:
    """A public form in Казань that asks for an e-mail and what is to be insured."""
    values = {
        "name": "КАСКО", "title": "Рассчитать КАСКО", "branch": kazan, "origins": ["https://salon.example"],
        "fields": [
            {"label": "Машина", "kind": "text", "required": True}, {"label": "Почта", "kind": "email"},
            {"label": "Когда ответить", "kind": "choice", "choices": ["Днём", "Вечером"]},
        ],
    }  # fmt: skip
    return create_intake(actor=None, now=moment, key="kasko", values=values, consent="Согласен на звонок.")
