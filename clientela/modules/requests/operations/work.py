"""A person takes a request, works on it and closes it; who it is of is named."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations.handover import hand_over_clients
from clientela.modules.organisation.models import Agent
from clientela.modules.requests.events import RequestChanged, RequestClosed, RequestTaken
from clientela.modules.requests.models import Policy, Request, Step
from clientela.modules.requests.operations.coming import count
from clientela.modules.requests.operations.seeing import AlreadyClosed, locked
from clientela.modules.requests.operations.sharing import WORK, need_of, share
from clientela.modules.requests.operations.times import promised
from clientela.modules.routing import operations as routing
from clientela.modules.routing.rules import Reason, Why

__all__ = ["AlreadyClosed"]


class AlreadyTaken(Refusal):
    """A colleague was quicker."""

    message = _("A colleague has taken the request already.")


class ReasonMissing(Refusal):
    """A request is closed with a reason."""

    message = _("Choose why the request is closed.")
    field = "reason"


class NotOfThese(Refusal):
    """The card is none of those that share the phone."""

    message = _("Choose one of the cards with this phone.")
    field = "client"


@transaction.atomic
def take(*, actor: Any, now: datetime, request: Request) -> Request:
    """Answer the request and work on it: the timer stops. One's own, or one that nobody has taken yet.

    A new client without an agent becomes the client of the agent who takes the request.
    Raises ``AlreadyTaken``, ``AlreadyClosed``, PermissionDenied.
    """
    ensure(actor, Permission.REQUESTS_WRITE)
    row = locked(request, actor)
    if row.taken_at is not None:
        if row.assignee_id == actor.pk:
            return row
        raise AlreadyTaken
    if row.assignee_id == actor.pk:
        routing.accept(WORK, row.pk, user_id=actor.pk, now=now)
    else:
        row.moves += 1 if row.assignee_id else 0
        placed = routing.give(need_of(row, now=now), to=actor.pk, by=None, reason=Reason(Why.TAKEN), now=now)
        row.why, row.assigned_at = placed.reasons, now
    row.assignee, row.at_marketing = actor, False
    routing.answered(WORK, [row.pk], now=now)
    row.state, row.taken_at = Request.State.TAKEN, now
    _keep_client(row, actor, now)
    row.save()
    Step.objects.create(request=row, kind=Step.Kind.TAKEN, at=now, by=actor, person=actor)
    record(actor=actor, now=now, action="request.taken", obj=row, changes={"state": ["new", row.state]})
    publish(RequestTaken(row.pk, row.client_id, row.product_id, row.assignee_id), now=now)
    return row


def _keep_client(row: Request, actor: Any, now: datetime) -> None:
    client = row.client
    agent = (
        Agent.objects.filter(user=actor).first() if client is not None and client.agent_id is None else None
    )
    if agent is None or client is None:
        return
    hand_over_clients([client.pk], actor=actor, now=now, to=agent, reason=row.number)
    row.agent, row.branch, row.centre_id = agent, agent.branch, agent.centre_id


@transaction.atomic
def begin(*, actor: Any, now: datetime, request: Request) -> Request:
    """The client was reached: the request is in work. Taken first where it was not."""
    row = request if request.taken_at is not None else take(actor=actor, now=now, request=request)
    row = locked(row, actor)
    if row.state == Request.State.WORKING:
        return row
    ensure(actor, Permission.REQUESTS_WRITE)
    row.state = Request.State.WORKING
    row.save(update_fields=["state"])
    _step(row, Step.Kind.WORKING, actor, now)
    return row


@transaction.atomic
def close(*, actor: Any, now: datetime, request: Request, reason: str, note: str = "") -> Request:
    """End the request for ``reason``, a code of ``Request.Reason``. Raises ``ReasonMissing``, ``AlreadyClosed``."""
    ensure(actor, Permission.REQUESTS_WRITE)
    if reason not in Request.Reason.values or reason in Request.NOT_BY_HAND:
        raise ReasonMissing
    row = locked(request, actor)
    row.state, row.reason, row.note, row.closed_at = Request.State.CLOSED, reason, note.strip()[:500], now
    row.save(update_fields=["state", "reason", "note", "closed_at"])
    routing.release(WORK, [row.pk], now=now)
    Step.objects.create(
        request=row, kind=Step.Kind.CLOSED, at=now, by=actor, text=f"{row.reason}: {row.note}"[:500]
    )
    record(
        actor=actor,
        now=now,
        action="request.closed",
        obj=row,
        changes={"reason": [None, reason]},
        reason=row.note,
    )
    publish(RequestClosed(row.pk, row.client_id, reason), now=now)
    return row


@transaction.atomic
def become_deal(*, actor: Any, now: datetime, request: Request, deal_id: int, number: str = "") -> Request:
    """The request is a deal from now on: told by the module of sales in the transaction of the deal."""
    row = locked(request, actor, closed=True)
    if row.deal_id == deal_id:
        return row
    row.state, row.deal_id, row.closed_at = Request.State.DEAL, deal_id, now
    row.taken_at = row.taken_at or now
    row.save(update_fields=["state", "deal_id", "closed_at", "taken_at"])
    routing.release(WORK, [row.pk], now=now)
    Step.objects.create(request=row, kind=Step.Kind.DEAL, at=now, by=actor, text=number[:500])
    record(actor=actor, now=now, action="request.deal", obj=row, changes={"deal": [None, number or deal_id]})
    publish(RequestClosed(row.pk, row.client_id, "deal", deal_id), now=now)
    return row


@transaction.atomic
def sold(*, now: datetime, request_id: int, number: str, deal_id: int | None = None) -> Request | None:
    """The client bought policy ``number`` without us: the request is over, its timers stop. Told twice it is once.

    One that a person has closed stays as it is; one that became a deal stays a deal and keeps what happened.
    Returns it when something changed.
    """
    rows = Request.objects.select_for_update(of=("self",)).select_related("branch", "product", "client")
    row = (
        rows.filter(pk=request_id)
        .exclude(state=Request.State.CLOSED)
        .exclude(reason=Request.Reason.SOLD)
        .first()
    )
    if row is None:
        return None
    before = row.state
    row.reason, row.note, row.deal_id = Request.Reason.SOLD, number[:500], row.deal_id or deal_id
    if row.is_open:
        row.state, row.closed_at, row.at_marketing = Request.State.CLOSED, now, False
    row.save(update_fields=["state", "reason", "note", "deal_id", "closed_at", "at_marketing"])
    routing.release(WORK, [row.pk], now=now)
    Step.objects.create(request=row, kind=Step.Kind.SOLD, at=now, text=row.note)
    record(
        actor=None,
        now=now,
        action="request.sold",
        obj=row,
        changes={"state": [before, row.state]},
        reason=row.note,
    )
    publish(RequestClosed(row.pk, row.client_id, Request.Reason.SOLD, row.deal_id), now=now)
    return row


@transaction.atomic
def reopen(*, actor: Any, now: datetime, request: Request) -> Request:
    """Undo closing: the same person goes on, or the queue gets it. What became a deal stays one."""
    ensure(actor, Permission.REQUESTS_WRITE)
    row = locked(request, actor, closed=True)
    if row.state != Request.State.CLOSED:
        return row
    row.state = Request.State.NEW if row.taken_at is None else Request.State.TAKEN
    row.reason, row.note, row.closed_at = "", "", None
    if row.taken_at is None:
        row.due_at = promised(row, now=now)
    row.save(update_fields=["state", "reason", "note", "closed_at", "due_at"])
    Step.objects.create(request=row, kind=Step.Kind.REOPENED, at=now, by=actor)
    record(actor=actor, now=now, action="request.reopened", obj=row)
    if row.assignee_id is None:
        share(row, now=now)
    else:
        routing.give(need_of(row, now=now), to=row.assignee_id, by=None, reason=Reason(Why.TAKEN), now=now)
        if row.taken_at is not None:
            routing.answered(WORK, [row.pk], now=now)
    publish(RequestChanged(row.pk, row.client_id, [row.assignee_id] if row.assignee_id else []), now=now)
    return row


@transaction.atomic
def identify(*, actor: Any, now: datetime, request: Request, client: Client) -> Request:
    """Say which of the clients with this phone it is; counted and shared anew where nobody has taken it.

    Raises ``NotOfThese``.
    """
    ensure(actor, Permission.REQUESTS_WRITE)
    row = locked(request, actor)
    if client.pk not in row.possible:
        raise NotOfThese
    row.client, row.possible = client, []
    row.agent_id, row.branch_id, row.centre_id = client.agent_id, client.branch_id, client.centre_id
    row.branch = client.branch
    count(row, Policy.now(), now=now)
    row.save()
    Step.objects.create(request=row, kind=Step.Kind.NAMED, at=now, by=actor, text=client.name[:500])
    record(actor=actor, now=now, action="request.named", obj=row, changes={"client": [None, client.name]})
    if row.taken_at is None:
        share(row, now=now)
    publish(RequestChanged(row.pk, row.client_id, [row.assignee_id] if row.assignee_id else []), now=now)
    return row


def _step(
    row: Request, kind: str, actor: Any, now: datetime, changes: Mapping[str, Any] | None = None
) -> None:
    Step.objects.create(request=row, kind=kind, at=now, by=actor)
    record(actor=actor, now=now, action=f"request.{kind}", obj=row, changes=dict(changes or {}))
    publish(RequestChanged(row.pk, row.client_id, [row.assignee_id] if row.assignee_id else []), now=now)
