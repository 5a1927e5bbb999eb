"""A conversation begins, changes hands and ends; what is left when it has ended."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.calls.events import CallEnded
from clientela.modules.calls.models import Call, CallBack, Line, Recording
from clientela.modules.calls.operations.callbacks import ask_back, reached
from clientela.modules.calls.operations.choosing import answered, give_to, over
from clientela.modules.calls.operations.inbound import not_picked_up
from clientela.modules.calls.operations.journal import client_line, hang_up, lines_of, order, step, tell
from clientela.modules.calls.ports import Ending
from clientela.modules.calls.rules import KEEP_RECORDINGS, Outcome, outcome_of
from clientela.modules.contacts.operations.calling import note_call
from clientela.modules.routing.rules import Why

State = Call.State
_STAFF = (Line.Role.DESK, Line.Role.COLLEAGUE)


def begin(call: Call, desk: Line, now: datetime) -> None:
    """The client and a person hear each other."""
    line = client_line(call)
    if line is None:
        hang_up(desk, now)
        return
    before = {call.person_id, call.offered_to_id}
    if desk.person_id is not None and call.is_in:
        answered(call, desk.person_id, now)
    call.person_id, call.offered_to, call.offered_until, call.due_at = desk.person_id, None, None, None
    call.state, call.answered_at = State.TALKING, call.answered_at or now
    if call.outcome not in Outcome.values or call.outcome == Outcome.CALL_BACK:
        call.outcome = ""
    call.save()
    for other in lines_of(call, Line.Role.DESK):
        if other.pk != desk.pk:
            hang_up(other, now)
    Line.objects.filter(pk=line.pk).update(state=Line.State.UP)
    order(call, "silence", now, line=line.line)
    order(call, "join", now, room=call.room, lines=[line.line, desk.line])
    step(call, "answered", now, desk.person_id)
    reached(call, now)
    if call.our is not None and call.our.records and not call.recordings.filter(ended_at=None).exists():
        start_recording(call, now)
    tell(call, now, before)


def start_recording(call: Call, now: datetime) -> Recording:
    """Keep what is said from now on."""
    day = local_today(settings.TIME_ZONE, now)
    recording = Recording.objects.create(
        call=call, name=f"{call.room}-{call.recordings.count() + 1}", started_at=now,
        keep_until=day + KEEP_RECORDINGS,
    )  # fmt: skip
    order(call, "record", now, room=call.room, recording=recording.name)
    return recording


def client_gone(call: Call, line: Line, now: datetime, ending: Ending, cause: str) -> None:
    """The client's line is over, and with it the call."""
    for other in lines_of(call):
        if other.pk != line.pk:
            hang_up(other, now)
    before = {call.person_id, call.offered_to_id}
    end(call, now, ending, cause)
    tell(call, now, before)


def end(call: Call, now: datetime, ending: Ending, cause: str) -> None:
    """Close the books of a call: outcome, whoever is to be called back, the conversation."""
    if call.state == State.ENDED:
        return
    call.state, call.ended_at, call.due_at = State.ENDED, now, None
    call.ending, call.cause, call.offered_to, call.offered_until = ending, cause[:80], None, None
    if call.answered_at is not None:
        call.outcome = call.outcome or Outcome.TALKED
    elif call.is_in:
        call.outcome = call.outcome or Outcome.MISSED
    else:
        call.outcome = outcome_of(ending)
    call.save()
    over(call, now)
    for recording in call.recordings.filter(ended_at=None):
        order(call, "stop_recording", now, recording=recording.name)
    step(call, "ended", now, call.person_id, ending=ending, cause=cause, outcome=call.outcome)
    if call.outcome == Outcome.MISSED:
        ask_back(call, CallBack.Why.MISSED, now)
    _into_conversation(call, now)
    publish_all([CallEnded(call.pk, call.client_id, call.direction, call.outcome)], now=now)


def _into_conversation(call: Call, now: datetime) -> None:
    if call.client_id is None:
        return
    with override(settings.LANGUAGE_CODE):
        if call.is_missed and call.outcome in (Outcome.MISSED, Outcome.CALL_BACK, Outcome.CLOSED):
            text = _("Missed call")
        elif call.answered_at is not None:
            text = _("Call, %(minutes)s min") % {"minutes": max(1, round(call.seconds / 60))}
        else:
            text = _("We called: %(outcome)s") % {"outcome": str(call.get_outcome_display()).lower()}
    waits = call.is_missed and call.outcome != Outcome.SOLVED
    note_call(
        call.client_id, address=call.number, text=text, is_ours=not call.is_in, waits=waits,
        reached=call.answered_at is not None, at=call.ended_at or now, now=now,
    )  # fmt: skip


def staff_gone(call: Call, line: Line, now: datetime, ending: Ending, cause: str) -> None:
    """Somebody on our side is out: the next one is rung, the others go on, or the call is over."""
    client = client_line(call)
    staff = [one for one in lines_of(call, *_STAFF) if one.pk != line.pk]
    if line.role == Line.Role.SUPERVISOR:
        return
    was_up = line.answered_at is not None
    offered = line.person_id is not None and line.person_id == call.offered_to_id and not was_up
    if call.state == State.RINGING and call.is_in and offered and line.person_id is not None:
        not_picked_up(call, line.person_id, now)
    elif call.state == State.RINGING and not call.is_in and line.role == Line.Role.DESK and client is None:
        end(call, now, Ending.NORMAL, cause)
        tell(call, now, [line.person_id])
    elif call.state == State.RINGING and not call.is_in and line.role == Line.Role.DESK and not staff:
        if client is not None:
            hang_up(client, now)
    elif line.role == Line.Role.COLLEAGUE and not was_up:
        step(call, "consult_failed", now, line.person_id, ending=ending)
        tell(call, now, [line.person_id])
    elif call.state == State.TALKING and not staff and client is not None:
        hang_up(client, now)
    elif call.state == State.TALKING and line.person_id == call.person_id and staff:
        _go_on_with(call, staff, client, now)
    else:
        tell(call, now, [line.person_id])


def _go_on_with(call: Call, staff: list[Line], client: Line | None, now: datetime) -> None:
    """Who held the call hung up; whoever was asked in or consulted has it now."""
    up = next((one for one in staff if one.state == Line.State.UP), None)
    if up is None or client is None:
        for one in [*staff, *([client] if client else [])]:
            hang_up(one, now)
        return
    before = call.person_id
    call.person_id = up.person_id
    call.save(update_fields=["person"])
    give_to(call, up.person_id, by=None, now=now, why=Why.TAKEN)
    Line.objects.filter(pk=client.pk).update(state=Line.State.UP)
    order(call, "join", now, room=call.room, lines=[client.line, up.line])
    step(call, "handed_over", now, up.person_id)
    tell(call, now, [before])
