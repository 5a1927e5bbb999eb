"""What calls do to conversations: they stand in the one thread of the client, and a missed one waits for an answer."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from clientela.foundation.outbox.operations import publish_all
from clientela.modules.contacts.models import Conversation
from clientela.modules.contacts.operations.asking import _talks, changed
from clientela.modules.contacts.operations.work import need_of
from clientela.modules.contacts.queries.conversations import WORK
from clientela.modules.routing.operations import answered, offer
from clientela.modules.routing.queries import places_of, working_hours
from clientela.modules.routing.rules import answer_by

CALL = "call"
State = Conversation.State


def note_call(
    client_id: int,
    *,
    address: str,
    text: str,
    is_ours: bool,
    waits: bool,
    reached: bool,
    at: datetime,
    now: datetime,
) -> None:
    """A call with the client ended. ``waits``: they reached nobody; ``reached``: they were talked with.

    The caller holds a transaction.
    """
    places = places_of([client_id], now=now)
    if client_id not in places:
        return
    place, talk = places[client_id], _talks([client_id], places, now)[client_id]
    before = talk.assignee_id
    is_fresh = not talk.last_text
    if talk.last_at <= at or is_fresh:
        talk.last_at, talk.last_text, talk.last_is_ours = at, text[:200], is_ours
    if is_fresh:
        talk.channel, talk.address = CALL, address
    if reached:
        talk.waiting_since = talk.answer_by = None
        answered(WORK, [talk.pk], now=now)
    if waits:
        holder = talk.assignee_id if talk.state == State.OPEN else None
        talk.state, talk.done_at, talk.last_in_at = State.OPEN, None, at
        talk.waiting_since = talk.waiting_since or at
        talk.answer_by = answer_by(
            talk.waiting_since, zone=ZoneInfo(place.time_zone), hours=working_hours(), within=settings.ANSWER_WITHIN
        )  # fmt: skip
        (placed,) = offer([need_of(talk, place, due_at=talk.answer_by, holder_id=holder)], now=now)
        if not placed.stays:
            talk.assignee_id, talk.reasons = placed.user_id, placed.reasons
    talk.save()
    publish_all([changed(talk, before)], now=now)
