"""Calls as work: `routing` decides who is rung; here it is told what a call wants and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from clientela.modules.calls.models import Call, Line
from clientela.modules.contacts.operations.newcomers import home_branch
from clientela.modules.routing import operations as routing
from clientela.modules.routing.models import WorkItem
from clientela.modules.routing.operations.work import reasons_of
from clientela.modules.routing.queries import Place, place_of_branch, places_of, work_on
from clientela.modules.routing.rules import Owner, Reason, Why

WORK = "calls.call"


@dataclass(frozen=True, slots=True)
class Choice:
    """The person to ring, or None: the caller waits. ``reasons`` are readable on the call."""

    person_id: int | None
    reasons: list[dict[str, Any]]


def _need(call: Call, known: Place | None, *, owner_first: bool) -> routing.Need | None:
    """What the call asks of routing; ``known``: where its client belongs. None: no branch serves it."""
    place = known
    if place is None and (branch := call.branch or home_branch()):
        place = place_of_branch(branch)
    if place is None:
        return None
    if not owner_first:
        place = replace(place, owner=Owner(None))
    if call.centre_id != place.centre_id and call.centre is not None:
        place = replace(place, centre_id=call.centre_id, centre=call.centre.name)
    return routing.Need(WORK, call.pk, WorkItem.Media.CALL, place, frozenset({"channel:call"}))


def choose(calls: Sequence[tuple[Call, bool]], *, now: datetime) -> list[Choice]:
    """Whom to ring for each call, decided in their order; nobody where no branch serves it.

    Beside each call stands whether the client's own agent comes first.
    """
    known = places_of({call.client_id for call, _first in calls if call.client_id}, now=now)
    needs = [_need(call, known.get(call.client_id or 0), owner_first=first) for call, first in calls]
    placed = iter(routing.offer([need for need in needs if need is not None], now=now))
    return [Choice(None, []) if need is None else _choice(next(placed)) for need in needs]


def _choice(placed: routing.Placed) -> Choice:
    return Choice(placed.user_id, placed.reasons)


def give_to(call: Call, person_id: int | None, *, by: Any, now: datetime, why: Why = Why.GIVEN) -> Choice:
    """A person decides who has the call, or that it goes to the queue (None)."""
    known = places_of([call.client_id], now=now) if call.client_id else {}
    need = _need(call, known.get(call.client_id or 0), owner_first=False)
    if need is None:
        return Choice(person_id, [])
    facts = {"name": str(by), "at": now.isoformat()} if why == Why.GIVEN else {}
    reason = Reason(why, facts) if person_id is not None else None
    placed = routing.give(need, to=person_id, by=by.pk if by else None, reason=reason, now=now)
    return _choice(placed)


def pass_on(call: Call, person_id: int, *, now: datetime) -> Choice:
    """The person rung does not take it: whom to ring instead."""
    placed = routing.decline(WORK, call.pk, user_id=person_id, now=now)
    if placed is not None:
        return _choice(placed)
    return where_it_is(call)


def where_it_is(call: Call) -> Choice:
    """Whom routing has given the call to by now."""
    item = work_on(WORK, [call.pk]).get(call.pk)
    return Choice(item.assignee_id, reasons_of(item)) if item is not None else Choice(None, [])


def answered(call: Call, person_id: int, now: datetime) -> None:
    """The person took the call: it is theirs until it is over."""
    if routing.accept(WORK, call.pk, user_id=person_id, now=now):
        return
    if where_it_is(call).person_id != person_id:
        give_to(call, person_id, by=None, now=now, why=Why.TAKEN)


def over(call: Call, now: datetime) -> None:
    """Nobody works on the call any more."""
    routing.release(WORK, [call.pk], now=now)


def busy_people() -> set[int]:
    """People with a line that is not over."""
    rows = Line.objects.filter(ended_at=None, person__isnull=False).exclude(state=Line.State.ENDED)
    return {person for person in rows.values_list("person", flat=True) if person is not None}
