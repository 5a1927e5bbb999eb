"""What people of a line do now: who talks and with whom, who writes down how it came out, who is free or away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from clientela.foundation.bulk import listed
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission, Role, permissions_of
from clientela.modules.calls.figures.counting import bounds, of_people
from clientela.modules.calls.figures.rules import Totals, occupancy
from clientela.modules.calls.models import Call
from clientela.modules.calls.operations.choosing import busy_people
from clientela.modules.contacts.models import Conversation
from clientela.modules.organisation.queries import people_visible_to
from clientela.modules.routing.history import spells_of
from clientela.modules.routing.queries import COMPANY, presence
from clientela.modules.routing.rules.spells import staffed
from clientela.workspace.wallboard.line import Line

MOST = 200
# After a talk the person has so long to say how it came out before they count as free.
WRAP_UP = timedelta(minutes=2)
_LONGEST_CALL = timedelta(hours=4)
_WORKING = [role for role in Role.values if Permission.CONTACTS_WRITE in permissions_of(role)]
ORDER = ("talking", "ringing", "wrap_up", "available", "busy", "break", "away", "offline")


@dataclass(frozen=True)
class Doing:
    """A person with what they do (one of ``ORDER``) and since when; ``call`` is the one in hand, if any."""

    user: User
    state: str
    since: datetime | None
    call: Call | None = None

    @property
    def is_out(self) -> bool:
        """A call of ours."""
        return self.call is not None and not self.call.is_in

    @property
    def is_there(self) -> bool:
        return self.state != "offline"


def people_of(line: Line) -> "QuerySet[User]":
    """People of the line who were at the screen today: of the centre, of the branch, or who serve any queue."""
    rows = people_visible_to(line.user) if line.user is not None else User.objects.all()
    kind, _colon, number = line.queue.partition(":")
    if line.queue == COMPANY:
        rows = rows.filter(station__serves=True)
    elif kind == "centre":
        rows = rows.filter(placement__centre=int(number))
    else:
        rows = rows.filter(Q(placement__branch=int(number)) | Q(agent__branch=int(number)))
    begin, _end = bounds(line.today, line.zone)
    rows = rows.filter(is_active=True, role__in=_WORKING, station__seen_at__gte=begin)
    return rows.select_related("station").order_by("last_name", "first_name", "id")


def doing(line: Line) -> list[Doing]:
    """What each of them does now, in four statements; the busiest first, then by name."""
    people = list(people_of(line)[:MOST])
    ids = [user.pk for user in people]
    calls = _calls(ids)
    ended = _just_ended(ids, line.now)
    found = [_of(user, calls.get(user.pk), ended.get(user.pk), line.now) for user in people]
    return sorted(found, key=lambda one: ORDER.index(one.state))


def _calls(ids: Sequence[int]) -> dict[int, Call]:
    """The live call of each person: the talk before what rings."""
    mine = Q(person__in=listed(ids)) | Q(offered_to__in=listed(ids))
    rows = Call.objects.live().filter(mine).select_related("client")
    found: dict[int, Call] = {}
    for call in sorted(rows, key=lambda call: call.state == Call.State.TALKING):
        for person in (call.offered_to_id, call.person_id):
            if person is not None:
                found[person] = call
    return found


def _just_ended(ids: Sequence[int], now: datetime) -> dict[int, Call]:
    rows = Call.objects.filter(
        person__in=listed(ids), started_at__gte=now - _LONGEST_CALL, state=Call.State.ENDED, wrapped_at=None,
        answered_at__isnull=False, ended_at__gte=now - WRAP_UP,
    )  # fmt: skip
    return {call.person_id: call for call in rows.order_by("ended_at") if call.person_id is not None}


def _of(user: User, call: Call | None, ended: Call | None, now: datetime) -> Doing:
    if call is not None and call.state == Call.State.TALKING:
        return Doing(user, "talking", call.answered_at, call)
    if call is not None:
        return Doing(user, "ringing", call.queued_at or call.started_at, call)
    seen = presence(user.station, now=now)
    if ended is not None and seen.state != "offline":
        return Doing(user, "wrap_up", ended.ended_at, ended)
    idle = user.station.idle_since if seen.state == "available" else None
    return Doing(user, seen.state, max(filter(None, [seen.since, idle]), default=None))


def counts(some: Sequence[Doing]) -> dict[str, int]:
    """How many people are in each state."""
    found = dict.fromkeys(ORDER, 0)
    for one in some:
        found[one.state] += 1
    return found


def takers(user: User, text: str) -> list[dict[str, Any]]:
    """People in sight who may be given work, the free ones first."""
    rows = people_visible_to(user).filter(is_active=True, role__in=_WORKING)
    for word in text.split()[:3]:
        rows = rows.filter(Q(last_name__istartswith=word) | Q(first_name__istartswith=word))
    busy = busy_people()
    people = rows.distinct().order_by("last_name", "first_name", "pk")[:30]
    found = [{"person": person, "name": str(person), "busy": person.pk in busy} for person in people]
    return sorted(found, key=lambda row: bool(row["busy"]))


@dataclass(frozen=True)
class Work:
    """What a person did today: calls of the line, agreed renewals, occupancy (None: not at work), open conversations."""

    totals: Totals
    agreed: int
    occupancy: float | None
    open: int


def work_of(line: Line, people: Sequence[Doing]) -> dict[int, Work]:
    """The day of each of these people, in five statements."""
    ids = [one.user.pk for one in people]
    begin, end = bounds(line.today, line.zone)
    totals = of_people(line.place, line.today, line.zone)
    spells = spells_of(ids, begin=begin, end=end, now=line.now)
    mine = Call.objects.filter(person__in=listed(ids), started_at__gte=begin, outcome="agreed").order_by()
    agreed = dict(mine.values_list("person").annotate(Count("id")))
    talks = Conversation.objects.filter(assignee__in=listed(ids), state="open", waiting_since__isnull=False)
    waiting = dict(talks.order_by().values_list("assignee").annotate(Count("id")))
    found = {}
    for number in ids:
        sums = totals.get(number, Totals())
        handling = timedelta(seconds=sums.talked + sums.wrapped)
        share = occupancy(handling, staffed(spells[number]))
        found[number] = Work(sums, agreed.get(number, 0), share, waiting.get(number, 0))
    return found
