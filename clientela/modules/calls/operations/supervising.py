"""What whoever runs the line does with other people's calls: gives a waiting one out, takes a talk over."""

from datetime import datetime

from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call, Line
from clientela.modules.calls.operations.acts import CannotTakeCall, NotYourCall
from clientela.modules.calls.operations.choosing import busy_people, give_to
from clientela.modules.calls.operations.inbound import follow
from clientela.modules.calls.operations.journal import client_line, hang_up, lines_of, locked, order, step
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.organisation.queries import people_visible_to

State = Call.State


def _seen(actor: User, call: Call) -> Call:
    """The locked call, which the actor may see."""
    ensure(actor, Permission.LINE_RUN)
    call = locked(call.pk)
    if not Call.objects.visible_to(actor).filter(pk=call.pk).exists():
        raise NotAllowed("scope")
    return call


@transaction.atomic
def assign(*, actor: User, now: datetime, call: Call, person: User) -> None:
    """Ring ``person``, whom the actor may see, for a call that waits in the queue. Raises ``NotYourCall``, ``CannotTakeCall``."""
    call = _seen(actor, call)
    if call.state != State.WAITING or call.outcome:
        raise NotYourCall
    seen = people_visible_to(actor).filter(pk=person.pk, is_active=True).exists()
    if not seen or not person.can(Permission.CONTACTS_WRITE) or person.pk in busy_people():
        raise CannotTakeCall
    follow(call, give_to(call, person.pk, by=actor, now=now), now)
    record(
        actor=actor, now=now, action="call.assigned", obj=call.client or call,
        changes={"person": [None, str(person)]},
    )  # fmt: skip


@transaction.atomic
def take_over(*, actor: User, now: datetime, call: Call) -> None:
    """Have a talk of somebody else's rung at the own desk; the client hears music meanwhile.

    Who does not lift the handset loses it to the queue, as with every call. Raises ``NotYourCall``,
    ``CannotTakeCall``.
    """
    call = _seen(actor, call)
    client, before = client_line(call), call.person
    if call.state != State.TALKING or client is None or before is None or before.pk == actor.pk:
        raise NotYourCall
    mine = [line.pk for line in lines_of(call, Line.Role.SUPERVISOR) if line.person_id == actor.pk]
    elsewhere = Line.objects.filter(person=actor, ended_at=None).exclude(pk__in=mine)
    if elsewhere.exclude(state=Line.State.ENDED).exists():
        raise CannotTakeCall
    step(call, "transferred", now, actor.pk, to=str(actor))
    call.person, call.state = None, State.MENU
    for line in lines_of(call, Line.Role.DESK, Line.Role.COLLEAGUE, Line.Role.SUPERVISOR):
        line.call = call
        hang_up(line, now)
    Line.objects.filter(pk=client.pk).update(state=Line.State.HELD)
    call.save()
    order(call, "part", now, line=client.line, music=True)
    follow(call, give_to(call, actor.pk, by=actor, now=now), now)
    record(
        actor=actor, now=now, action="call.taken_over", obj=call.client or call,
        changes={"person": [str(before), str(actor)]},
    )  # fmt: skip
