"""Answers to invitations that come by mail."""

from datetime import datetime

from django.db import transaction

from clientela.modules.calendar.models import Attendee
from clientela.modules.calendar.operations.events import set_answer
from clientela.modules.calendar.ports import Reply


@transaction.atomic
def take_reply(reply: Reply, *, sender: str, now: datetime) -> bool:
    """Keep the answer of the guest; False when it says nothing new.

    Only mail from the invited address itself counts, in the order it was written. An answer to an earlier time of the
    event is old news, and one about a single occurrence of a series is not kept.
    """
    if reply.email != sender or reply.single:
        return False
    guest = (
        Attendee.objects.select_for_update(of=("self",))
        .select_related("event")
        .filter(event__uid=reply.uid, email=reply.email, person__isnull=True, event__deleted_at__isnull=True)
        .first()
    )
    if guest is None or guest.answer == reply.answer or reply.sequence < guest.event.asked_sequence:
        return False
    at = reply.written_at if reply.written_at and reply.written_at < now else now
    if guest.answered_at and at < guest.answered_at:
        return False
    set_answer(guest, reply.answer, actor=None, now=now, at=at)
    return True
