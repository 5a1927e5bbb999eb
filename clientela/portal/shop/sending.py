"""Words that go out at once to an address nobody is known by yet: a code, a link to come back.

They pass by the queue, whose policy speaks of known clients and their quiet hours: who presses the button waits for it.
What is kept of them in the messages shows no code and no secret link.
"""

import secrets
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.contacts.models import Message, Purpose
from clientela.modules.contacts.operations import StoringInbox
from clientela.modules.contacts.ports import OutgoingMessage, TransportDown


class NotSent(Refusal):
    """The network does not take it now."""

    message = _("It could not be sent now. Try again in a minute, or call us.")


def send_now(*, now: datetime, channel: str, to: str, text: str, kept: str, subject: str = "") -> None:
    """Send and note that it went; raises ``NotSent``."""
    row = Message.objects.create(
        direction=Message.Direction.OUT, channel=channel, address=to, purpose=Purpose.SERVICE, subject=subject, text=kept,
        state=Message.State.SENT, origin="shop", token=secrets.token_urlsafe(16), not_before=now, created_at=now, sent_at=now,
    )  # fmt: skip
    transport = import_string(settings.TRANSPORTS[channel])()
    transport.start(StoringInbox(channel))
    try:
        word = OutgoingMessage(id=row.pk, channel=channel, to=to, text=text, subject=subject)  # type: ignore[arg-type]
        result = transport.send([word])[0]
        outcome, detail = result.outcome, result.detail
    except TransportDown as down:
        outcome, detail = "rejected", str(down)
    finally:
        transport.close()
    if outcome in ("rejected", "retry"):
        Message.objects.filter(pk=row.pk).update(state=Message.State.FAILED, detail=detail[:400])
        raise NotSent
