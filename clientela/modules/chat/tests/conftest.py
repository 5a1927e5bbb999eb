"""What the tests of the chat share."""

from collections.abc import Callable
from typing import Any

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.chat.models import Message, Room
from clientela.modules.chat.operations import messages, rooms


@pytest.fixture
def direct(anna: User, lilia: User, now: Any) -> Room:
    """Анна and Лилия."""
    return rooms.open_direct(actor=anna, now=now, person=lilia)


@pytest.fixture
def group(anna: User, lilia: User, boris: User, now: Any) -> Room:
    """Анна's group with Лилия and Борис of another branch."""
    return rooms.create_group(actor=anna, now=now, title="КАСКО", people=[lilia.pk, boris.pk])


@pytest.fixture
def about_vera(anna: User, vera: Any, now: Any) -> Room:
    """The discussion of Анна's client."""
    return rooms.open_record(actor=anna, now=now, record_type="client", record_id=vera.pk)


@pytest.fixture
def say(now: Any) -> Callable[..., Message]:
    """``say(anna, room, "Привет", at=…)``."""

    def write(actor: User, room: Room, text: str = "Привет", at: Any = now, **fields: Any) -> Message:
        return messages.say(actor=actor, now=at, room=room, text=text, **fields)

    return write
