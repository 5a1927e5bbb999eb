"""We call: the own desk first, then the client. Colleagues are asked, supervisors listen."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.phones import normalize
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call, Line, Number
from clientela.modules.calls.operations.choosing import busy_people, give_to
from clientela.modules.calls.operations.journal import (
    client_line,
    hang_up,
    new_line,
    order,
    step,
    tell,
)
from clientela.modules.calls.rules import CLIENT_SECONDS, OFFER_SECONDS
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.contacts.models import Purpose
from clientela.modules.contacts.queries import Ask, assess_all
from clientela.modules.routing.rules import Why

State = Call.State


class NotNow(Refusal):
    """The communication policy says no; ``verdict`` says why, and until when."""

    message = _("The client may not be called now.")

    def __init__(self, verdict: Any) -> None:
        super().__init__()
        self.verdict = verdict


class Busy(Refusal):
    """The person already talks, or is rung."""

    message = _("You are in a call already: end it first.")


class NoNumber(Refusal):
    """There is nothing to dial."""

    message = _("This is no telephone number.")
    field = "number"


@transaction.atomic
def call_client(
    *, actor: User, now: datetime, client: Client, contact_point_id: int | None = None, reason: str = ""
) -> Call:
    """Ring the actor's desk and then the client. Raises ``NotNow``, ``Busy``, ``NotAllowed``, PermissionDenied."""
    ensure(actor, Permission.CONTACTS_WRITE)
    if not Client.objects.visible_to(actor).filter(pk=client.pk).exists():
        raise NotAllowed("scope")
    if actor.pk in busy_people():
        raise Busy
    asked = Ask(client.pk, "operator", Purpose.SERVICE, contact_point_id=contact_point_id)
    judged = assess_all([asked], now=now)[0]
    if judged.verdict.decision != "send" or judged.point is None:
        raise NotNow(judged.verdict)
    return _ring_desk(actor, now, judged.point.value, client, reason, judged.verdict.to_json())


@transaction.atomic
def call_number(*, actor: User, now: datetime, number: str, reason: str = "") -> Call:
    """Call a number; one client's number is judged as a call to the client. Raises as ``call_client``, ``NoNumber``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    value = normalize(number)
    if value is None:
        raise NoNumber
    seen = Client.objects.visible_to(actor).filter(contact_points__kind="phone", contact_points__value=value)
    clients = list(seen.distinct().order_by("pk")[:2])
    if len(clients) == 1:
        point = (
            clients[0].contact_points.filter(kind="phone", value=value).values_list("pk", flat=True).first()
        )
        return call_client(actor=actor, now=now, client=clients[0], contact_point_id=point, reason=reason)
    if actor.pk in busy_people():
        raise Busy
    return _ring_desk(actor, now, value, None, reason, None)


def _ring_desk(
    actor: User, now: datetime, number: str, client: Client | None, reason: str, verdict: Any
) -> Call:
    ours = _our_number(client, actor)
    call = Call.objects.create(
        direction=Call.Direction.OUT, client=client, number=number, our=ours, our_number=ours.value if ours else "",
        agent_id=client.agent_id if client else None, branch_id=client.branch_id if client else None,
        centre_id=client.centre_id if client else None, state=State.RINGING, person=actor, reason=reason[:200],
        verdict=verdict, started_at=now,
    )  # fmt: skip
    give_to(call, actor.pk, by=actor, now=now, why=Why.TAKEN)
    desk = new_line(call, Line.Role.DESK, f"desk{actor.pk}", now, person=actor)
    order(
        call, "ring", now, line=desk.line, to=f"desk:{actor.pk}", caller_id=number,
        caller_name=client.name if client else "", seconds=OFFER_SECONDS,
    )  # fmt: skip
    order(call, "answer", now, line=desk.line)  # who asked for the call need not lift the handset, too
    step(call, "dialled", now, actor.pk, number=number)
    record(
        actor=actor, now=now, action="call.dialled", obj=client or call, changes={"number": [None, number]}
    )
    tell(call, now)
    return call


def _our_number(client: Client | None, actor: User) -> Number | None:
    """What the client sees: the number of the client's branch, else of the person's."""
    numbers = Number.objects.filter(is_active=True, by_region=False).order_by("id")
    placement = getattr(actor, "placement", None)
    if placement is not None and placement.centre_id:
        own = numbers.filter(centre=placement.centre_id).first()
        if own is not None:
            return own
    branch = client.branch_id if client else placement.branch_id if placement else None
    return numbers.filter(branch=branch or 0).first() or numbers.first()


def dial(call: Call, desk: Line, now: datetime) -> None:
    """The own desk is there: ring the client."""
    if client_line(call) is not None:
        return
    line = new_line(call, Line.Role.CLIENT, "client", now, number=call.number)
    order(
        call, "ring", now, line=line.line, to=call.number, caller_id=call.our_number, seconds=CLIENT_SECONDS
    )
    tell(call, now)


def overhear(call: Call, line: Line, now: datetime) -> None:
    """A supervisor's telephone is lifted: let it hear the person who talks."""
    desk = call.lines.filter(role=Line.Role.DESK, person=call.person_id, state=Line.State.UP).first()
    if desk is None:
        hang_up(line, now)
    else:
        order(call, "listen", now, listener=line.line, line=desk.line, whisper=line.number == "whisper")


def consulted(call: Call, colleague: Line, now: datetime) -> None:
    """The colleague is there: the two of our side hear each other, the client hears music."""
    desk = call.lines.filter(role=Line.Role.DESK, person=call.person_id, state=Line.State.UP).first()
    if desk is None:
        hang_up(colleague, now)
        return
    order(call, "join", now, room=f"{call.room}-aside", lines=[desk.line, colleague.line])
    step(call, "consulted", now, colleague.person_id)
    tell(call, now)
