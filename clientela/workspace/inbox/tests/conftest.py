"""What the tests of the inbox share: clients write at the real time, because pages look at the clock."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Conversation, Message


@pytest.fixture
def write_in(write_in: Callable[..., Message]) -> Callable[..., Message]:
    """``write_in("Спасибо", ago=timedelta(hours=1))``."""

    def write(*words: str, ago: timedelta = timedelta(), **fields: Any) -> Message:
        return write_in(*words, at=timezone.now() - ago, **fields)

    return write


@pytest.fixture
def talk(vera: Client, write_in: Callable[..., Message]) -> Conversation:
    write_in()
    return vera.conversation
