"""Reading requests: whom the rule looks at, and how requests were answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from clientela.foundation.phones import format_phone
from clientela.modules.organisation.models import Branch
from clientela.modules.organisation.queries import branches_visible_to
from clientela.modules.requests.models import Request
from clientela.modules.routing.desks import Part, parts, queue_of_branch
from clientela.modules.routing.models import Desk, Queue

# Of another branch only those with the skill are named, and not all of a big company.
OTHERS = 4


def title(request: Request) -> str:
    """The client's name, what they called themselves, or the number they have."""
    if request.client_id and request.client:
        return request.client.name
    return request.name or (format_phone(request.phone) if request.phone else request.email)


def seen_by_the_rule(
    request: Request, skills: frozenset[str], *, now: datetime, chosen: int | None = None
) -> list[dict[str, Any]]:
    """Everybody the rule looks at for a request of this branch, as they are at ``now``: kept with the request.

    ``chosen`` has it already: what was counted to the person for it is taken off again. ``place`` is who comes when,
    0 who does not suit.
    """
    branches = [request.branch_id, *_neighbours(request.branch_id)]
    own, others = [], []
    for part in parts(branches, now=now):
        if part.branch_id == request.branch_id:
            own.append(part)
        elif skills <= part.skills and part.takes:
            others.append(part)
    rows = [
        _candidate(part, skills, request.branch_id, part.user_id == chosen)
        for part in [*own, *others[:OTHERS]]
    ]
    order = sorted((one for one in rows if not one["why"]), key=lambda one: (one["behind"], one["idle"]))
    for place, one in enumerate(order, start=1):
        one["place"] = place
    rows.sort(key=lambda one: (not one["place"], one["place"], not one["here"]))
    return [{name: value for name, value in one.items() if name != "idle"} for one in rows]


def _neighbours(branch_id: int) -> list[int]:
    """Branches of the same renewal centres."""
    rows = Branch.objects.filter(renewal_centres__branches=branch_id, is_active=True).exclude(pk=branch_id)
    return list(rows.values_list("pk", flat=True).distinct())


def _candidate(part: Part, skills: frozenset[str], branch_id: int, is_chosen: bool) -> dict[str, Any]:
    one = 1 if is_chosen else 0
    load, given = max(part.load - one, 0), max(part.given - one, 0)
    here = part.branch_id == branch_id
    if not here:
        why = "elsewhere"
    elif not part.takes:
        why = "takes_none"
    elif not skills <= part.skills:
        why = "skill"
    elif part.away_until is not None:
        why = "away"
    elif part.state != "available":
        why = part.state
    else:
        why = "full" if load >= part.capacity else ""
    return {
        "user": part.user_id, "name": part.name, "branch": part.branch, "here": here, "skill": skills <= part.skills,
        "state": part.state, "load": load, "of": part.capacity, "given": given, "due": round(part.due, 1),
        "behind": given / part.share if part.share else 0.0, "idle": part.idle_since, "why": why, "place": 0,
        "until": part.away_until.isoformat() if part.away_until else "",
    }  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """First answers of a period: how many, the middle one in minutes, and the share within the promise, percent."""

    count: int
    minutes: float | None
    in_time: float | None


def answered(rows: "QuerySet[Request]", *, since: datetime) -> Answered:
    """How requests that were answered since then were answered; of at most the 2,000 newest."""
    found: list[Any] = list(
        rows.filter(taken_at__gte=since)
        .order_by("-taken_at")
        .values_list("created_at", "taken_at", "due_at")[:2000]
    )
    if not found:
        return Answered(0, None, None)
    waited = sorted((taken - came) / timedelta(minutes=1) for came, taken, _due in found)
    kept = sum(1 for _came, taken, due in found if due is None or taken <= due)
    return Answered(len(found), waited[len(waited) // 2], 100 * kept / len(found))


def sharing_branches(user: Any) -> Sequence[Branch]:
    """The branches in sight in which somebody has a desk."""
    desks = Desk.objects.values("branch")
    return list(branches_visible_to(user).filter(pk__in=desks).order_by("name").distinct())


def sharing_of(branches: Sequence[Branch]) -> dict[int, Queue]:
    """Of each branch whether it shares its requests out, and takes late ones back."""
    keys = {queue_of_branch(branch.pk): branch.pk for branch in branches}
    known = {keys[row.key]: row for row in Queue.objects.filter(key__in=list(keys))}
    return {branch.pk: known.get(branch.pk) or Queue(key=queue_of_branch(branch.pk)) for branch in branches}


def counts(rows: "QuerySet[Request]", *, now: datetime, today: datetime) -> dict[str, int]:
    """How many there are on each tab of the screen, in one statement over what is open or of today."""
    lately = rows.filter(Q(state__in=Request.OPEN) | Q(created_at__gte=today)).order_by()
    new = Q(state=Request.State.NEW, at_marketing=False)
    return lately.aggregate(
        today=Count("pk", filter=Q(created_at__gte=today)),
        waiting=Count("pk", filter=new),
        late=Count("pk", filter=new & Q(due_at__lt=now)),
        moved=Count("pk", filter=Q(moves__gt=0, state__in=Request.OPEN)),
        nobody=Count("pk", filter=new & Q(assignee=None)),
        marketing=Count("pk", filter=Q(at_marketing=True, state__in=Request.OPEN)),
    )


def of_client(user: Any, client_id: int, limit: int = 5) -> list[Request]:
    """What a client asked for last."""
    rows = Request.objects.visible_to(user).filter(client=client_id)
    return list(rows.select_related("product", "assignee").order_by("-created_at")[:limit])
