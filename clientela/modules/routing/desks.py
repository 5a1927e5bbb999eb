"""Who shares the requests of a branch: who may get one now, and how much of the week's share everybody has got."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_today
from clientela.modules.organisation.models import Absence
from clientela.modules.routing.models import Dealt, Desk, Queue, Station
from clientela.modules.routing.queries import SEEN_WITHIN, absences_of, presence, working_hours
from clientela.modules.routing.rules import Person, hours_so_far, monday


def queue_of_branch(branch_id: int) -> str:
    """The key of a branch's sales queue."""
    return f"sales:{branch_id}"


def paused(queues: Iterable[str]) -> set[str]:
    """Which of these sales queues give nothing out by themselves."""
    return set(Queue.objects.filter(key__in=list(queues), is_paused=True).values_list("key", flat=True))


def _counted(desks: "QuerySet[Desk]", now: datetime) -> "QuerySet[Desk]":
    """With ``given``: how many requests the queue gave the person this week."""
    since = monday(local_today(settings.TIME_ZONE, now))
    dealt = Dealt.objects.filter(user=OuterRef("user"), day__gte=since).order_by().values("user")
    return desks.annotate(given=Coalesce(Subquery(dealt.annotate(sum=Sum("count")).values("sum")), 0))


def free_desks(*, now: datetime, queues: Collection[str], weight: int = 1) -> list[Person]:
    """Who may get a request of these queues now: available, seen, not absent, with room for ``weight``."""
    open_queues = set(queues) - paused(queues)
    branches = [int(key.partition(":")[2]) for key in open_queues]
    free = Q(user__station__state=Station.State.AVAILABLE, user__station__seen_at__gte=now - SEEN_WITHIN)
    rows: Any = _counted(
        Desk.objects.filter(free, branch__in=branches, takes=True, user__is_active=True), now
    )
    fits = rows.filter(load__lte=F("capacity") - weight).values_list(
        "user", "branch", "capacity", "load", "idle_since", "weight", "given", "user__station__skills"
    )
    found = list(fits)
    users = {row[0] for row in found}
    away, share = absences_of(users, now), shares({row[0]: row[5] for row in found}, now)
    return [
        Person(user, queue_of_branch(branch), capacity, load, idle, frozenset(skills), share[user], given)
        for user, branch, capacity, load, idle, _weight, given, skills in found
        if user not in away
    ]


def shares(weights: Mapping[int, int], now: datetime) -> dict[int, float]:
    """Weight and hours of this week of each person, multiplied; the unit is the same for all."""
    today, zone = local_today(settings.TIME_ZONE, now), ZoneInfo(settings.TIME_ZONE)
    away: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
    rows = Absence.objects.filter(
        person__in=listed(weights), first_day__lte=today, last_day__gte=monday(today)
    )
    for person, first, last in rows.values_list("person", "first_day", "last_day"):
        away[person].append((first, last))
    whole = hours_so_far(now, zone=zone, hours=working_hours())
    return {
        user: weight / 100 * (hours_so_far(now, zone=zone, hours=working_hours(), away=away[user]) if away.get(user) else whole)
        for user, weight in weights.items()
    }  # fmt: skip


def desk_queues(user_ids: Collection[int]) -> set[str]:
    """The sales queues in which these people have a desk."""
    rows = Desk.objects.filter(user__in=listed(user_ids), takes=True)
    return {queue_of_branch(branch) for branch in rows.values_list("branch", flat=True)}


def note_dealt(counts: Mapping[int, int], *, now: datetime) -> None:
    """The queue gave these people so many requests."""
    if not counts:
        return
    day = local_today(settings.TIME_ZONE, now)
    rows = ", ".join(["(%s, %s, %s)"] * len(counts))
    values = [value for user, count in counts.items() for value in (user, day, count)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO routing_dealt (user_id, day, count) VALUES {rows} "
            "ON CONFLICT (user_id, day) DO UPDATE SET count = routing_dealt.count + excluded.count",
            values,
        )


@dataclass(frozen=True)
class Part:
    """A person's part in a branch's requests now. ``due`` of this week's are theirs by weight and hours; ``given`` came.

    ``state`` is what others see; ``away_until`` and ``substitute`` tell of an absence.
    """

    user_id: int
    name: str
    photo: str
    branch_id: int
    branch: str
    takes: bool
    capacity: int
    load: int
    weight: int
    given: int
    due: float
    share: float
    idle_since: datetime
    skills: frozenset[str]
    state: str
    away_until: date | None
    substitute: str

    @property
    def full(self) -> bool:
        return self.load >= self.capacity

    @property
    def behind(self) -> float:
        """What came of the own share: less than 1 is less than is due."""
        return self.given / self.due if self.due else float(self.given)


def parts(branch_ids: Collection[int], *, now: datetime) -> list[Part]:
    """Everybody who has a desk in these branches, by branch and surname; five statements."""
    rows = Desk.objects.filter(branch__in=listed(branch_ids), user__is_active=True)
    desks = list(
        _counted(rows, now)
        .select_related("user__station", "branch")
        .order_by("branch", "user__last_name", "user__first_name", "user")
    )
    away = absences_of({desk.user_id for desk in desks}, now)
    share = shares({desk.user_id: desk.weight for desk in desks}, now)
    whole: defaultdict[int, float] = defaultdict(float)
    came: defaultdict[int, int] = defaultdict(int)
    for desk in desks:
        if desk.takes:
            whole[desk.branch_id] += share[desk.user_id]
            came[desk.branch_id] += desk.given  # type: ignore[attr-defined]
    found = []
    for desk in desks:
        station, absence = getattr(desk.user, "station", None), away.get(desk.user_id)
        due = came[desk.branch_id] * share[desk.user_id] / whole[desk.branch_id] if desk.takes else 0.0
        found.append(
            Part(
                desk.user_id, str(desk.user), desk.user.photo_url, desk.branch_id, desk.branch.name, desk.takes,
                desk.capacity, desk.load, desk.weight, desk.given, due, share[desk.user_id], desk.idle_since,  # type: ignore[attr-defined]
                frozenset(station.skills if station else ()),
                presence(station, now=now).state if station else Station.State.OFFLINE,
                absence.last_day if absence else None, str(absence.substitute) if absence else "",
            )
        )  # fmt: skip
    return found
