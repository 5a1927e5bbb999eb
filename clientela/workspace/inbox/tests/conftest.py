"""What the tests of the inbox share."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import StoringInbox
from clientela.modules.contacts.ports import IncomingMessage

PHONE = "+79170004108"


@pytest.fixture
def write_in(db):
    """``write_in("Спасибо")``: a client's SMS of this moment."""

    def one(text="Сколько стоит?", sender=PHONE, channel="sms", ago=timedelta(), **fields):
        at = timezone.now() - ago
        message = IncomingMessage(
            channel=channel, external_id=f"{sender}-{text}", from_address=sender, to_address="PRICHAL", text=text,
            at=at, **fields,
        )  # fmt: skip
        StoringInbox(channel, clock=lambda: at).incoming([message])
        return Message.objects.latest("id")

    return one


@pytest.fixture
def talk(vera, write_in):
    write_in()
    return vera.conversation
