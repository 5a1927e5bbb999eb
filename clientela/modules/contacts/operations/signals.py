"""What a client did with our message: opened it, followed a link, unsubscribed."""

from datetime import datetime, timedelta
from secrets import compare_digest

from django.db import transaction

from clientela.foundation.ids import id_of
from clientela.foundation.outbox.operations import publish, publish_all
from clientela.modules.contacts.events import ClientSignalled, MessageStateChanged
from clientela.modules.contacts.models import Message, Signal
from clientela.modules.contacts.operations.consents import withdraw_consent
from clientela.modules.contacts.rules import consent_channel

State = Message.State
# A picture that is loaded again and again is still one reading.
REPEAT_WINDOW = timedelta(minutes=1)
MOST_SIGNALS = 200
_UNREAD = (State.SENDING, State.UNCERTAIN, State.SENT, State.DELIVERED)


class UnknownToken(LookupError):
    """No message of ours has this token."""


def message_of(token: str) -> Message:
    """The outgoing message of a ``link_token``. Raises `UnknownToken`."""
    number, _, secret = token.partition("-")
    message = Message.objects.outgoing().filter(pk=id_of(number) or 0).first()
    if message is None or not secret or not compare_digest(message.token.encode(), secret.encode()):
        raise UnknownToken
    return message


@transaction.atomic
def register_signal(*, token: str, kind: str, now: datetime, detail: str = "") -> Message:
    """Note a signal and the first time of its kind on the message; a click is a reading too.

    ``token`` is the message's ``link_token``. An unsubscribe withdraws the consent the message went under. A repeat within a minute, and anything
    after two hundred signals of one message, is not kept again. Raises `UnknownToken`.
    """
    message = message_of(token)
    message = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    kept = Signal.objects.filter(message=message)
    repeated = kept.filter(kind=kind, detail=detail[:400], at__gt=now - REPEAT_WINDOW).exists()
    if repeated or kept.count() >= MOST_SIGNALS:
        if kind == Signal.Kind.UNSUBSCRIBE:
            _unsubscribe(message, now=now)
        return message
    Signal.objects.create(message=message, kind=kind, at=now, detail=detail[:400])
    if kind in (Signal.Kind.OPEN, Signal.Kind.CLICK):
        _note_reading(message, kind, now=now)
    if kind == Signal.Kind.UNSUBSCRIBE:
        _unsubscribe(message, now=now)
    publish(ClientSignalled(message.pk, message.client_id, message.origin, message.origin_id, kind), now=now)
    return message


def _note_reading(message: Message, kind: str, *, now: datetime) -> None:
    fields = []
    if message.opened_at is None:
        message.opened_at = now
        fields.append("opened_at")
    if kind == Signal.Kind.CLICK and message.clicked_at is None:
        message.clicked_at = now
        fields.append("clicked_at")
    if message.state in _UNREAD:
        message.state, message.fault, message.detail = State.READ, "", ""
        message.claimed_by, message.lease_until = "", None
        message.sent_at = message.sent_at or now
        fields += ["state", "fault", "detail", "claimed_by", "lease_until", "sent_at"]
        publish_all(
            [
                MessageStateChanged(
                    message.pk, message.client_id, message.origin, message.origin_id, State.READ
                )
            ],
            now=now,
        )
    if fields:
        message.save(update_fields=fields)


def _unsubscribe(message: Message, *, now: datetime) -> None:
    if message.client is not None:
        withdraw_consent(
            actor=None,
            now=now,
            client=message.client,
            purpose=message.purpose,
            channel=consent_channel(message.channel),
            via="unsubscribe link",
        )
