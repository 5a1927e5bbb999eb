"""A complaint heard in a conversation is handed over; who keeps complaints takes it from the event."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.contacts.events import ComplaintHandedOver, ComplaintTakenBack
from clientela.modules.contacts.models import PUBLIC, Conversation, HandOver, Message
from clientela.modules.contacts.operations.asking import changed
from clientela.modules.contacts.operations.conversations import locked_for
from clientela.modules.contacts.queries.conversations import messages_of

UNDO_WITHIN = timedelta(minutes=10)
MOST_MESSAGES, EXCERPT = 20, 1000


class NothingToHandOver(Refusal):
    """The client has written nothing since the last complaint was handed over."""

    message = _("There is nothing new to hand over: the client has written nothing since.")


class TooLateToUndo(Refusal):
    """Whoever took it over is at work on it."""

    message = _("It was handed over more than ten minutes ago: tell who handles it.")


@transaction.atomic
def hand_over(*, actor: Any, now: datetime, conversation: Conversation) -> HandOver:
    """Say that what the client wrote since the last hand-over is a complaint. Raises ``NothingToHandOver``.

    Urgent where everybody reads it. Of many messages the newest are taken.
    """
    talk = locked_for(actor, conversation)
    said = messages_of(talk).filter(direction=Message.Direction.IN)
    before = talk.hand_overs.filter(undone_at=None).order_by("-at").first()
    if before is not None:
        said = said.exclude(pk__in=before.messages).filter(created_at__gt=before.at)
    else:
        said = said.filter(created_at__gte=talk.waiting_since) if talk.waiting_since else said
    messages = list(said.order_by("-created_at", "-id")[: MOST_MESSAGES if talk.waiting_since else 1])[::-1]
    if not messages:
        raise NothingToHandOver
    is_public = any(message.channel in PUBLIC for message in messages)
    row = HandOver.objects.create(
        conversation=talk, client=talk.client, messages=[message.pk for message in messages],
        excerpt="\n".join(filter(None, (message.text.strip() for message in messages)))[:EXCERPT],
        urgency=HandOver.Urgency.URGENT if is_public else HandOver.Urgency.USUAL, by=actor, at=now,
    )  # fmt: skip
    _record(actor, now, row, "complaint.handed_over")
    event = ComplaintHandedOver(row.pk, talk.pk, talk.client_id, row.messages, row.excerpt, row.urgency)
    publish_all([event, changed(talk, talk.assignee_id)], now=now)
    return row


@transaction.atomic
def take_back(*, actor: Any, now: datetime, hand_over: HandOver) -> bool:
    """It was no complaint. False when that was said already. Raises ``TooLateToUndo``, ``NotAllowed``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    row = HandOver.objects.select_for_update(of=("self",)).get(pk=hand_over.pk)
    if row.conversation is None:
        raise NotAllowed("scope")
    talk = locked_for(actor, row.conversation)
    if row.undone_at is not None:
        return False
    if now - row.at > UNDO_WITHIN:
        raise TooLateToUndo
    row.undone_at = now
    row.save(update_fields=["undone_at"])
    _record(actor, now, row, "complaint.taken_back")
    event = ComplaintTakenBack(row.pk, row.conversation_id, row.client_id)
    publish_all([event, changed(talk, talk.assignee_id)], now=now)
    return True


def _record(actor: Any, now: datetime, row: HandOver, action: str) -> None:
    record(actor=actor, now=now, action=action, obj=row.client or row.conversation, reason=row.excerpt[:200])
