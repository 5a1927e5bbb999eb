"""What people do in a call."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call, Line
from clientela.modules.calls.operations.choosing import busy_people, give_to
from clientela.modules.calls.operations.inbound import follow, not_picked_up, route
from clientela.modules.calls.operations.journal import (
    client_line,
    hang_up,
    lines_of,
    locked,
    new_line,
    order,
    step,
    tell,
)
from clientela.modules.calls.operations.talking import start_recording
from clientela.modules.calls.queries import possible_clients, sound_of
from clientela.modules.calls.rules import KEYS, OFFER_SECONDS, SAID_BY_PEOPLE
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import NotAllowed

State = Call.State


class NotYourCall(Refusal):
    """The call went on, ended, or is somebody else's."""

    message = _("You do not have this call any more.")


class CannotTakeCall(Refusal):
    """The person talks already, or is not at work here."""

    message = _("This person cannot take the call now: choose somebody else.")
    field = "person"


class NoSuchOutcome(Refusal):
    """Not a code that a person gives."""

    message = _("Choose how the call came out.")
    field = "outcome"


def _desk(call: Call, actor: User) -> Line:
    """The actor's own line in the call. Raises ``NotYourCall``."""
    line = next(
        (one for one in lines_of(call, Line.Role.DESK, Line.Role.COLLEAGUE) if one.person_id == actor.pk),
        None,
    )
    if line is None or call.state == State.ENDED or line.state == Line.State.LEAVING:
        raise NotYourCall
    return line


def _talking(actor: User, call: Call) -> tuple[Call, Line, Line]:
    """The locked call, the actor's line and the client's. Raises ``NotYourCall``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    call = locked(call.pk)
    mine, client = _desk(call, actor), client_line(call)
    if call.state != State.TALKING or client is None or call.person_id != actor.pk:
        raise NotYourCall
    return call, mine, client


@transaction.atomic
def accept(*, actor: User, now: datetime, call: Call) -> None:
    """Lift the handset for the person whose desk is rung. Raises ``NotYourCall``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    call = locked(call.pk)
    order(call, "answer", now, line=_desk(call, actor).line)


@transaction.atomic
def take(*, actor: User, now: datetime, call: Call) -> None:
    """Have a call that waits in the queue rung at the own desk. Raises ``NotYourCall``, ``CannotTakeCall``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    call = locked(call.pk)
    if not Call.objects.visible_to(actor).filter(pk=call.pk).exists():
        raise NotAllowed("scope")
    if call.state != State.WAITING or call.outcome:
        raise NotYourCall
    if actor.pk in busy_people():
        raise CannotTakeCall
    route(call, now, to=actor.pk)


@transaction.atomic
def decline(*, actor: User, now: datetime, call: Call) -> None:
    """Let the call go on to the next person. Raises ``NotYourCall``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    call = locked(call.pk)
    line = _desk(call, actor)
    if line.answered_at is not None:
        raise NotYourCall
    hang_up(line, now, "rejected")
    if line.role == Line.Role.DESK and call.is_in and call.offered_to_id == actor.pk:
        not_picked_up(call, actor.pk, now)


@transaction.atomic
def hang_up_call(*, actor: User, now: datetime, call: Call) -> None:
    """End the own part: a colleague who was asked in goes on, else the call is over. Raises ``NotYourCall``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    call = locked(call.pk)
    mine = next((one for one in lines_of(call) if one.person_id == actor.pk), None)
    if mine is None:
        raise NotYourCall
    others = [one for one in lines_of(call, Line.Role.DESK, Line.Role.COLLEAGUE) if one.pk != mine.pk]
    client = client_line(call)
    hang_up(mine, now)
    if client is not None and not others and mine.role == Line.Role.DESK:
        hang_up(client, now)
    tell(call, now, [actor.pk])


@transaction.atomic
def hold(*, actor: User, now: datetime, call: Call) -> None:
    """Let the client hear music."""
    call, _mine, client = _talking(actor, call)
    if client.state == Line.State.UP:
        Line.objects.filter(pk=client.pk).update(state=Line.State.HELD)
        order(call, "part", now, line=client.line, music=True)
        step(call, "held", now, actor.pk)
        tell(call, now)


@transaction.atomic
def resume(*, actor: User, now: datetime, call: Call) -> None:
    """Talk with the client again; a colleague who was asked aside is let go."""
    call, mine, client = _talking(actor, call)
    for colleague in lines_of(call, Line.Role.COLLEAGUE):
        hang_up(colleague, now)
    Line.objects.filter(pk=client.pk).update(state=Line.State.UP)
    order(call, "join", now, room=call.room, lines=[client.line, mine.line])
    step(call, "resumed", now, actor.pk)
    tell(call, now)


def _colleague(person: User, actor: User) -> None:
    fit = person.is_active and person.can(Permission.CONTACTS_WRITE) and person.pk != actor.pk
    if not fit or person.pk in busy_people():
        raise CannotTakeCall


@transaction.atomic
def transfer(*, actor: User, now: datetime, call: Call, person: User | None) -> None:
    """Give the call away without asking (blind): to a person, or to the queue. Raises ``CannotTakeCall``."""
    call, mine, client = _talking(actor, call)
    if person is not None:
        _colleague(person, actor)
    step(call, "transferred", now, actor.pk, to=str(person) if person else "")
    call.person, call.state = None, State.MENU
    for colleague in lines_of(call, Line.Role.COLLEAGUE):
        hang_up(colleague, now)
    hang_up(mine, now)
    Line.objects.filter(pk=client.pk).update(state=Line.State.HELD)
    call.save()
    order(call, "part", now, line=client.line, music=True)
    follow(call, give_to(call, person.pk if person else None, by=actor, now=now), now)
    record(
        actor=actor, now=now, action="call.transferred", obj=call.client or call,
        changes={"person": [str(actor), str(person or "")]},
    )  # fmt: skip


@transaction.atomic
def consult(*, actor: User, now: datetime, call: Call, person: User) -> None:
    """Ask a colleague while the client hears music. Raises ``CannotTakeCall``."""
    call, _mine, client = _talking(actor, call)
    _colleague(person, actor)
    if lines_of(call, Line.Role.COLLEAGUE):
        raise CannotTakeCall
    Line.objects.filter(pk=client.pk).update(state=Line.State.HELD)
    order(call, "part", now, line=client.line, music=True)
    line = new_line(call, Line.Role.COLLEAGUE, f"ask{person.pk}", now, person=person)
    order(
        call, "ring", now, line=line.line, to=f"desk:{person.pk}", caller_name=str(actor), caller_id="",
        seconds=OFFER_SECONDS,
    )  # fmt: skip
    step(call, "consults", now, person.pk)
    tell(call, now)


@transaction.atomic
def hand_over(*, actor: User, now: datetime, call: Call) -> None:
    """The colleague who was asked takes the client over (attended transfer). Raises ``NotYourCall``."""
    call, mine, client = _talking(actor, call)
    colleague = _asked(call)
    order(call, "join", now, room=call.room, lines=[client.line, colleague.line])
    Line.objects.filter(pk=client.pk).update(state=Line.State.UP)
    Line.objects.filter(pk=colleague.pk).update(role=Line.Role.DESK)
    call.person_id = colleague.person_id
    call.save(update_fields=["person"])
    give_to(call, colleague.person_id, by=actor, now=now)
    hang_up(mine, now)
    step(call, "handed_over", now, colleague.person_id)
    tell(call, now, [actor.pk])
    record(
        actor=actor, now=now, action="call.transferred", obj=call.client or call,
        changes={"person": [str(actor), str(colleague.person)]},
    )  # fmt: skip


@transaction.atomic
def confer(*, actor: User, now: datetime, call: Call) -> None:
    """Let client, colleague and actor hear each other. Raises ``NotYourCall``."""
    call, mine, client = _talking(actor, call)
    colleague = _asked(call)
    order(call, "join", now, room=call.room, lines=[client.line, mine.line, colleague.line])
    Line.objects.filter(pk=client.pk).update(state=Line.State.UP)
    step(call, "conference", now, colleague.person_id)
    tell(call, now)


def _asked(call: Call) -> Line:
    line = next((one for one in lines_of(call, Line.Role.COLLEAGUE) if one.state == Line.State.UP), None)
    if line is None:
        raise NotYourCall
    return line


@transaction.atomic
def press(*, actor: User, now: datetime, call: Call, keys: str) -> None:
    """Send key presses to the client's side, e.g. to an answering machine. Others than 0–9 * # are left out."""
    call, _mine, client = _talking(actor, call)
    clean = "".join(key for key in keys[:32] if key in KEYS)
    if clean:
        order(call, "press", now, line=client.line, keys=clean)


@transaction.atomic
def switch_recording(*, actor: User, now: datetime, call: Call, on: bool) -> bool:
    """Record from now on, after the client heard that it is recorded; or stop. False when it was so already."""
    call, _mine, client = _talking(actor, call)
    running = list(call.recordings.filter(ended_at=None))
    if on == bool(running):
        return False
    if on:
        order(
            call,
            "play",
            now,
            line=client.line,
            prompt=f"c{call.pk}-recording",
            sounds=[sound_of("recording")],
        )
        start_recording(call, now)
    for recording in running:
        order(call, "stop_recording", now, recording=recording.name)
        recording.ended_at = now
        recording.seconds = int((now - recording.started_at).total_seconds())
        recording.save(update_fields=["ended_at", "seconds"])
    step(call, "recorded" if on else "not_recorded", now, actor.pk)
    tell(call, now)
    return True


@transaction.atomic
def listen(*, actor: User, now: datetime, call: Call, whisper: bool) -> None:
    """A supervisor hears a talk, or is heard by the colleague alone. Every time stands in the journal."""
    ensure(actor, Permission.CALLS_LISTEN)
    call = locked(call.pk)
    if not Call.objects.visible_to(actor).filter(pk=call.pk).exists():
        raise NotAllowed("scope")
    if call.state != State.TALKING or call.person_id == actor.pk:
        raise NotYourCall
    if actor.pk in busy_people():
        raise CannotTakeCall
    mode = "whisper" if whisper else "listen"
    line = new_line(call, Line.Role.SUPERVISOR, f"{mode}{actor.pk}", now, person=actor, number=mode)
    order(
        call,
        "ring",
        now,
        line=line.line,
        to=f"desk:{actor.pk}",
        caller_name=str(call.person or ""),
        seconds=OFFER_SECONDS,
    )
    order(call, "answer", now, line=line.line)
    record(
        actor=actor,
        now=now,
        action=f"call.{mode}",
        obj=call.client or call,
        changes={"person": [None, str(call.person or "")]},
    )
    tell(call, now, [actor.pk])


@transaction.atomic
def note_outcome(*, actor: User, now: datetime, call: Call, outcome: str, note: str = "") -> None:
    """Say how a talk came out. Raises ``NoSuchOutcome``, ``NotYourCall``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    call = locked(call.pk)
    if not Call.objects.visible_to(actor).filter(pk=call.pk).exists():
        raise NotAllowed("scope")
    if call.answered_at is None:
        raise NotYourCall
    if outcome not in SAID_BY_PEOPLE:
        raise NoSuchOutcome
    before = [call.outcome, call.note]
    call.outcome, call.note = outcome, note.strip()[:2000]
    if before == [call.outcome, call.note] and call.steps.filter(kind="outcome").exists():
        return
    call.wrapped_at = call.wrapped_at or now
    call.save(update_fields=["outcome", "note", "wrapped_at"])
    step(call, "outcome", now, actor.pk, outcome=outcome)
    record(
        actor=actor, now=now, action="call.outcome", obj=call.client or call,
        changes={"outcome": [before[0], call.outcome], "note": [before[1], call.note]},
    )  # fmt: skip
    tell(call, now)


@transaction.atomic
def name_caller(*, actor: User, now: datetime, call: Call, client: Client) -> None:
    """Say which of the clients who share the number is on the line. Raises ``NotAllowed``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    call = locked(call.pk)
    if not Call.objects.visible_to(actor).filter(pk=call.pk).exists():
        raise NotAllowed("scope")
    seen = Client.objects.visible_to(actor).filter(pk__in=possible_clients(call.number).values("pk"))
    if not seen.filter(pk=client.pk).exists():
        raise NotAllowed("scope")
    before = str(call)
    call.client, call.agent, call.branch = client, client.agent, client.branch
    call.centre = client.centre or call.centre
    call.save(update_fields=["client", "agent", "branch", "centre"])
    record(
        actor=actor,
        now=now,
        action="call.caller_named",
        obj=client,
        changes={"client": [before, client.name]},
    )
    tell(call, now)
