"""Answers to invitations that come by mail."""

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from clientela.foundation.dates import local_moment
from clientela.modules.calendar.models import Attendee, Event
from clientela.modules.calendar.operations.events import set_answer
from clientela.modules.calendar.ports import Reply
from clientela.modules.calendar.queries.shown import span_of
from clientela.modules.calendar.rules import first_after

MOST_APART = 400


@transaction.atomic
def take_reply(reply: Reply, *, sender: str, now: datetime) -> bool:
    """Keep the answer of the guest; False when it says nothing new.

    Only mail from the invited address itself counts, in the order it was written. An answer to an earlier time of the
    event is old news; one about a single time of a series is kept for that time.
    """
    if reply.email != sender:
        return False
    guest = (
        Attendee.objects.select_for_update(of=("self",))
        .select_related("event")
        .filter(
            event__uid=reply.uid, event__series=None, email=reply.email, person__isnull=True,
            event__deleted_at__isnull=True,
        )
        .first()
    )  # fmt: skip
    if guest is None or reply.sequence < guest.event.asked_sequence:
        return False
    at = reply.written_at if reply.written_at and reply.written_at < now else now
    if reply.only is not None:
        return _take_apart(guest, _start(guest.event, reply.only), reply.answer, at, now=now)
    if guest.answer == reply.answer or (guest.answered_at and at < guest.answered_at):
        return False
    set_answer(guest, reply.answer, actor=None, now=now, at=at)
    return True


def _start(event: Event, moment: datetime | date) -> datetime:
    if isinstance(moment, datetime):
        zoned = moment if moment.tzinfo else local_moment(moment.date(), moment.time(), event.time_zone)
        return zoned.astimezone(UTC)
    return local_moment(moment, time.min, event.time_zone).astimezone(UTC)


def _take_apart(guest: Attendee, start: datetime, answer: str, at: datetime, *, now: datetime) -> bool:
    event = guest.event
    moved = event.moved.filter(moved_from=start, deleted_at=None).exists()
    if not moved and first_after(span_of(event), start - timedelta(seconds=1)) != start:
        return False
    said = guest.apart.get(start.isoformat(), ["", ""])
    if said[0] == answer or at.isoformat() < said[1] or len(guest.apart) >= MOST_APART:
        return False
    set_answer(guest, answer, actor=None, now=now, at=at, start=start)
    return True
