"""Whose the request is: routing decides, a person may decide otherwise, and each decision is kept."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import listed
from clientela.foundation.outbox.operations import publish, publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Product
from clientela.modules.requests.events import RequestChanged
from clientela.modules.requests.models import Request, Step
from clientela.modules.requests.operations.seeing import locked
from clientela.modules.requests.operations.times import promised
from clientela.modules.requests.queries import seen_by_the_rule
from clientela.modules.routing import operations as routing
from clientela.modules.routing.models import Desk
from clientela.modules.routing.operations.work import reasons_of
from clientela.modules.routing.queries import Place, place_of_branch, places_of, work_on
from clientela.modules.routing.rules import Reason, Why

WORK = "request"


class NoReason(Refusal):
    """Who gives a request on or back says why."""

    message = _("Say why: colleagues read it.")
    field = "reason"


class NotAColleague(Refusal):
    """The person does not work on requests."""

    message = _("Choose somebody who works on requests.")
    field = "person"


def skill_of(product: Product | None) -> str:
    """The skill that requests for a product ask for: of the product itself, else of its line; empty for any."""
    if product is None:
        return ""
    known = settings.WORK_SKILLS["product"]
    return f"product:{product.code if product.code in known else product.line if product.line in known else 'other'}"


def place_of(request: Request, *, now: datetime) -> Place:
    """The client's place, with who holds the client; else the branch where the request came in."""
    found = places_of([request.client_id], now=now).get(request.client_id) if request.client_id else None
    return replace(found or place_of_branch(request.branch), sells=True, centre_id=request.centre_id)


def need_of(request: Request, *, now: datetime) -> routing.Need:
    """What the request asks of routing: the hotter, the sooner."""
    skill = skill_of(request.product)
    return routing.Need(
        WORK, request.pk, WORK, place_of(request, now=now), frozenset({skill} if skill else ()),
        priority=request.score // 10, due_at=request.due_at if request.taken_at is None else None,
    )  # fmt: skip


def share(request: Request, *, now: datetime, to: int | None = None, by: Any = None) -> None:
    """Offer the request to routing, or give it to user ``to`` at once; marketing's own waits for the hand-over."""
    if to is None and request.at_marketing:
        return
    need = need_of(request, now=now)
    request.candidates = seen_by_the_rule(request, need.skills, now=now)
    if to is not None:
        placed = routing.give(need, to=to, by=None, reason=Reason(Why.TAKEN), now=now)
    else:
        (placed,) = routing.offer([need], now=now)
    _put(request, placed.user_id, placed.reasons, now=now, by=by if to is not None else None)
    request.save(update_fields=["assignee", "assigned_at", "why", "candidates", "moves"])


def _put(
    request: Request,
    user_id: int | None,
    why: list[dict[str, Any]],
    *,
    now: datetime,
    by: Any = None,
    text: str = "",
) -> None:
    """The request is this person's now, or nobody's; the step is kept."""
    before = request.assignee_id
    request.assignee_id, request.why, request.assigned_at = user_id, why, now if user_id else None
    if before is not None and before != user_id:
        request.moves += 1
    if user_id is None and before is None:
        return
    kind = Step.Kind.BACK if user_id is None else Step.Kind.GIVEN if by is not None else Step.Kind.ASSIGNED
    Step.objects.create(request=request, kind=kind, at=now, by=by, person_id=user_id or before, text=text)


@transaction.atomic
def follow_work(request_ids: Collection[int], *, now: datetime) -> None:
    """Routing moved these requests: take over who has them, however often it is told."""
    work = work_on(WORK, request_ids)
    rows = Request.objects.select_for_update(of=("self",)).select_related("branch", "product")
    events: list[Any] = []
    for request in rows.filter(pk__in=listed(request_ids), state=Request.State.NEW).order_by("id"):
        item = work.get(request.pk)
        if item is None or item.assignee_id == request.assignee_id:
            continue
        people = {request.assignee_id, item.assignee_id} - {None}
        skills = frozenset(item.skills)
        request.candidates = seen_by_the_rule(request, skills, now=now, chosen=item.assignee_id)
        _put(request, item.assignee_id, reasons_of(item), now=now)
        request.save(update_fields=["assignee", "assigned_at", "why", "candidates", "moves"])
        events.append(RequestChanged(request.pk, request.client_id, sorted(one for one in people if one)))
    publish_all(events, now=now)


@transaction.atomic
def give(*, actor: Any, now: datetime, request: Request, to: User, reason: str) -> Request:
    """Give the request to a colleague. Raises ``NoReason``, ``NotAColleague``, ``AlreadyClosed``."""
    ensure(actor, Permission.REQUESTS_WRITE)
    if not reason.strip():
        raise NoReason
    if not (to.is_active and to.can(Permission.REQUESTS_WRITE)):
        raise NotAColleague
    row = locked(request, actor)
    if not (actor is None or scope_of(actor).everything or _works_in(to, row.branch_id)):
        raise NotAColleague
    before, name = row.assignee_id, str(actor or "")
    row.at_marketing = False
    placed = routing.give(
        need_of(row, now=now), to=to.pk, by=actor.pk if actor else None, reason=Reason(Why.GIVEN, {"name": name}), now=now
    )  # fmt: skip
    if row.taken_at is not None:
        routing.answered(WORK, [row.pk], now=now)
    _put(row, to.pk, placed.reasons, now=now, by=actor, text=reason.strip()[:500])
    row.save(update_fields=["assignee", "assigned_at", "why", "moves", "at_marketing"])
    _told(row, actor, "request.given", {"assignee": [before, str(to)]}, reason, [before, to.pk], now)
    return row


@transaction.atomic
def give_back(*, actor: Any, now: datetime, request: Request, reason: str) -> Request:
    """Return the request to the queue: the rule chooses anew, and not this person. Raises ``NoReason``."""
    ensure(actor, Permission.REQUESTS_WRITE)
    if not reason.strip():
        raise NoReason
    row = locked(request, actor)
    before = row.assignee_id
    routing.give(need_of(row, now=now), to=None, by=before, reason=None, now=now)
    _put(row, None, [], now=now, by=actor, text=reason.strip()[:500])
    row.state, row.taken_at = Request.State.NEW, None
    row.save(update_fields=["assignee", "assigned_at", "why", "moves", "state", "taken_at"])
    routing.route_waiting(limit=20, now=now, of=_desks(row))
    _told(row, actor, "request.returned", {"assignee": [before, None]}, reason, [before], now)
    return row


def _works_in(person: User, branch_id: int | None) -> bool:
    """Whether the branch is this person's; who sees the whole company may give work to anybody."""
    places = (
        Q(agent__branch=branch_id) | Q(placement__branch=branch_id) | Q(placement__team__branch=branch_id)
    )
    return User.objects.filter(places | Q(desk__branch=branch_id), pk=person.pk).exists()


def _desks(request: Request) -> list[int]:
    return list(Desk.objects.filter(branch=request.branch_id, takes=True).values_list("user", flat=True))


@transaction.atomic
def hand_over(*, actor: Any, now: datetime, request: Request, note: str) -> Request:
    """Marketing hands the request over to sales, with what it knows: now it is shared out, and its time begins."""
    ensure(actor, Permission.REQUESTS_WRITE)
    row = locked(request, actor)
    if not row.at_marketing:
        return row
    row.at_marketing, row.due_at = False, promised(row, now=now)
    row.save(update_fields=["at_marketing", "due_at"])
    Step.objects.create(request=row, kind=Step.Kind.SALES, at=now, by=actor, text=note.strip()[:500])
    share(row, now=now)
    _told(row, actor, "request.to_sales", {}, note, [row.assignee_id], now)
    return row


@transaction.atomic
def note_late(request_id: int, user_id: int, *, now: datetime) -> None:
    """Nobody answered in time, and this head was told."""
    row = (
        Request.objects.select_for_update(of=("self",)).filter(pk=request_id, state=Request.State.NEW).first()
    )
    if row is None or row.steps.filter(kind=Step.Kind.LATE, person=user_id).exists():
        return
    Step.objects.create(request=row, kind=Step.Kind.LATE, at=now, person_id=user_id)
    publish(
        RequestChanged(row.pk, row.client_id, [one for one in (row.assignee_id, user_id) if one]), now=now
    )


def _told(
    row: Request,
    actor: Any,
    action: str,
    changes: dict[str, Any],
    reason: str,
    people: Iterable[int | None],
    now: datetime,
) -> None:
    record(actor=actor, now=now, action=action, obj=row, changes=changes, reason=reason.strip()[:200])
    publish(RequestChanged(row.pk, row.client_id, sorted({one for one in people if one})), now=now)
