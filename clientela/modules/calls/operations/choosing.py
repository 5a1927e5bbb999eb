"""Who is rung: the client's agent first, then the group of the number, one after another."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.calls.models import Call, Line
from clientela.modules.calls.rules import Why
from clientela.modules.routing.queries import places_of


@dataclass(frozen=True, slots=True)
class Choice:
    """The person to ring, or None: the caller waits. ``reason`` is readable on the call."""

    person_id: int | None
    reason: dict[str, Any]


def choose(call: Call, *, now: datetime, owner_first: bool) -> Choice:
    """The next person for a call; those who did not pick up are in ``call.passed``."""
    passed = set(call.passed)
    if owner_first and call.client_id is not None:
        place = places_of([call.client_id], now=now).get(call.client_id)
        owner = place.owner if place else None
        if owner is not None and owner.user_id is not None:
            if owner.away_until is None and _free(owner.user_id, passed):
                return Choice(owner.user_id, {"why": Why.OWNER, "agreement": owner.agreement})
            if owner.away_until is not None and owner.substitute_id and _free(owner.substitute_id, passed):
                facts = {"name": owner.name, "until": owner.away_until.isoformat()}
                return Choice(owner.substitute_id, {"why": Why.STANDS_IN, **facts})
    group = group_of(call)
    why = Why.CENTRE if call.centre_id else Why.BRANCH
    name = call.centre.name if call.centre else call.branch.name if call.branch else ""
    free = group.exclude(pk__in=passed | busy_people())
    last = Line.objects.filter(person=OuterRef("pk")).order_by("-id").values("asked_at")[:1]
    rung = free.annotate(last=Subquery(last))
    person = rung.order_by(F("last").asc(nulls_first=True), "pk").first()
    if person is None:
        return Choice(None, {"why": Why.WAITS, "name": name})
    return Choice(person.pk, {"why": why, "name": name})


def group_of(call: Call) -> "QuerySet[User]":
    """Whoever answers the call when its agent does not: operators of the centre, else leads and head of the branch."""
    people = User.objects.filter(is_active=True)
    if call.centre_id:
        return people.filter(role=Role.CENTRE_OPERATOR, placement__centre=call.centre_id)
    near = Q(role__in=[Role.TEAM_LEAD, Role.BRANCH_HEAD], placement__branch=call.branch_id or 0)
    return people.filter(near)


def busy_people() -> set[int]:
    """People with a line that is not over."""
    rows = Line.objects.filter(ended_at=None, person__isnull=False).exclude(state=Line.State.ENDED)
    return {person for person in rows.values_list("person", flat=True) if person is not None}


def _free(person_id: int, passed: Collection[int]) -> bool:
    return person_id not in passed and person_id not in busy_people()
