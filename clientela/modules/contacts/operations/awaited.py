"""Sending words with a secret to an address that somebody has just typed: a code, a link to come back.

They go by the queue of their channel, before all that waits there, and the worker sends them: once, whoever is killed
meanwhile. The policy asks only whether they can arrive: who pressed the button has asked for them.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from clientela.foundation.sealing import seal, unseal
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Awaited, Message, Purpose
from clientela.modules.contacts.rules import sms_size

MASK = "••••••"
_KIND = "contacts.awaited"
_AHEAD = timedelta(days=1)


@transaction.atomic
def send_awaited(
    *, now: datetime, channel: str, to: str, text: str, secret: str, until: datetime, origin: str,
    subject: str = "", client: Client | None = None,
) -> Message:  # fmt: skip
    """Ask for a message whose ``text`` has `MASK` in the place of ``secret``; kept and shown to colleagues as such.

    It joins the transaction of the caller, and is dropped when it has not gone ``until`` then.
    """
    assert MASK in text, "the secret has a place"
    message = Message.objects.create(
        direction=Message.Direction.OUT, channel=channel, client=client, address=to, purpose=Purpose.SERVICE,
        subject=subject, text=text, state=Message.State.QUEUED, origin=origin, token=secrets.token_urlsafe(16),
        not_before=now - _AHEAD, created_at=now,
        parts=sms_size(text.replace(MASK, secret)).parts if channel == "sms" else 1,
    )  # fmt: skip
    Awaited.objects.create(message=message, sealed=seal(_KIND, secret), until=until)
    return message


def filled(text: str, sealed: str) -> str:
    """The words as they go out. Raises ``Unreadable``."""
    return text.replace(MASK, unseal(_KIND, sealed))


def forget_secrets(*, now: datetime) -> int:
    """Forget what nobody waits for any more."""
    return Awaited.objects.filter(until__lt=now).exclude(sealed="").update(sealed="")
