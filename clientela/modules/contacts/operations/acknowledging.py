"""Telling a client at once that a mail has arrived: by the mailbox's own words, and never to a machine."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations.queueing import Draft, queue_messages
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.mailboxes.queries import own_addresses, values_for
from clientela.modules.mailboxes.rules import filled

ORIGIN = "contacts.acknowledgement"


def acknowledge(messages: Iterable[Message], *, now: datetime) -> int:
    """Acknowledge clients' mails, once in the mailbox's time to each client; returns how many were asked for.

    The caller leaves out what machines wrote and what asks to stop. Mails from our own addresses are left out here:
    two mailboxes would thank each other for ever. What the communication policy says is stored with the message.
    """
    asked = [message for message in messages if message.mailbox_id and message.client_id]
    boxes: Mapping[int, Mailbox] = (
        Mailbox.objects.filter(acknowledges=True, is_active=True)
        .select_related("branch")
        .in_bulk({message.mailbox_id for message in asked})
        if asked
        else {}
    )
    if not boxes:
        return 0
    ours = own_addresses()
    told: set[int] = set()
    drafts = []
    for message in sorted(asked, key=lambda one: (one.created_at, one.pk)):
        box = boxes.get(message.mailbox_id or 0)
        if box is None or message.address in ours or message.client_id in told:
            continue
        if now - message.created_at > timedelta(hours=box.acknowledgement_hours) or _was_told(
            message, box, now
        ):
            continue
        told.add(message.client_id or 0)
        subject = (
            filled(box.acknowledgement_subject, values_for(None, box.branch)) or f"Re: {message.subject}"
        )
        drafts.append(
            Draft(
                client_id=message.client_id or 0,
                channel="email",
                text=filled(box.acknowledgement, values_for(None, box.branch)),
                subject=subject[:200],
                origin=ORIGIN,
                origin_id=message.pk,
                contact_point_id=message.contact_point_id,
                in_reply_to_id=message.pk,
                sender=box.sender,
                mailbox_id=box.pk,
            )
        )
    queue_messages(drafts, now=now)
    return len(drafts)


def _was_told(message: Message, box: Mailbox, now: datetime) -> bool:
    since = now - timedelta(hours=box.acknowledgement_hours)
    sent = Message.objects.filter(client_id=message.client_id or 0, origin=ORIGIN, created_at__gte=since)
    return sent.exclude(state=Message.State.DROPPED).exists()
