"""Lists with their figures: how many wait, were called, reached and agreed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import TruncDate

from clientela.foundation.dates import local_moment
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.queries.facts import asleep, hours_of
from clientela.modules.dialler.rules.outcomes import UNREACHED, Outcome

State = Entry.State
_REACHED = Q(outcome__gt="") & ~Q(outcome__in=UNREACHED)
_AGREED = Q(outcome__in=[Outcome.AGREED, Outcome.QUOTE, Outcome.MEETING, Outcome.PROMISED])


@dataclass(slots=True)
class Figures:
    """Of a list today: clients who wait and are due, who were called, reached, and agreed to something."""

    waiting: int = 0
    due: int = 0
    called: int = 0
    reached: int = 0
    agreed: int = 0
    over: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.over

    @property
    def percent(self) -> int:
        return round(100 * self.over / self.total) if self.total else 0


def figures(user: Any, lists: Iterable[CallingList], *, now: datetime, since: datetime) -> dict[int, Figures]:
    """The figures of each list within the person's scope, two statements and two a list; ``since``: the day's begin.

    Whose night it is is not due.
    """
    lists = list(lists)
    found = {one.pk: Figures() for one in lists}
    entries = Entry.objects.visible_to(user).filter(calling__in=list(found)).order_by()
    rows = entries.filter(Q(state__in=[State.WAITING, State.TAKEN]) | Q(ended_at__gte=since)).values(
        "calling"
    )
    for row in rows.annotate(
        waiting=Count("pk", filter=Q(ended_at=None)),
        over=Count("pk", filter=Q(ended_at__gte=since)),
    ):
        one = found[row["calling"]]
        one.waiting, one.over = row["waiting"], row["over"]
    for calling in lists:
        due = entries.filter(calling=calling, state=State.WAITING, next_at__lte=now)
        sleeping = asleep(due, hours_of(calling), now=now)
        found[calling.pk].due = due.exclude(client__time_zone__in=sleeping).count()
    tries = attempts_of(user).filter(entry__calling__in=list(found), began_at__gte=since).order_by()
    for pk, called, reached, agreed in tries.values_list("entry__calling").annotate(**_counts()):
        one = found[pk]
        one.called, one.reached, one.agreed = called, reached, agreed
    return found


def attempts_of(user: Any) -> "QuerySet[Attempt]":
    """Attempts at clients this person may see."""
    return Attempt.objects.filter(entry__in=Entry.objects.visible_to(user).values("pk"), undone_at=None)


def _counts() -> dict[str, Count]:
    return {
        "called": Count("entry", distinct=True),
        "reached": Count("entry", distinct=True, filter=_REACHED),
        "agreed": Count("entry", distinct=True, filter=_AGREED),
    }


def by_day(
    user: Any, calling: CallingList, *, today: date, zone: Any, days: int = 14
) -> list[dict[str, Any]]:
    """Clients called, reached and agreed on each of the last days, the oldest first."""
    first = today - timedelta(days=days - 1)
    rows = (
        attempts_of(user)
        .filter(entry__calling=calling, began_at__gte=local_moment(first, _MIDNIGHT, zone))
        .order_by()
        .annotate(day=TruncDate("began_at", tzinfo=zone))
        .values_list("day")
        .annotate(**_counts())
    )
    known = {day: counts for day, *counts in rows}
    return [
        dict(zip(("day", "called", "reached", "agreed"), (day, *known.get(day, (0, 0, 0))), strict=True))
        for day in (first + timedelta(days=number) for number in range(days))
    ]


_MIDNIGHT = datetime.min.time()


def own_day(user: User, *, since: datetime) -> dict[str, Any]:
    """What this person did today: attempts, reached, agreed, seconds of an average talk."""
    mine = Attempt.objects.filter(operator=user.pk, undone_at=None, began_at__gte=since).order_by()
    talk = F("call__ended_at") - F("call__answered_at")
    found = mine.aggregate(
        calls=Count("pk"), reached=Count("pk", filter=_REACHED), agreed=Count("pk", filter=_AGREED),
        talk=Avg(talk, filter=Q(call__answered_at__isnull=False, call__ended_at__isnull=False)),
    )  # fmt: skip
    seconds = found["talk"].total_seconds() if found["talk"] else 0
    percent = round(100 * found["reached"] / found["calls"]) if found["calls"] else 0
    minutes, rest = divmod(round(seconds), 60)
    return found | {"talk": round(seconds), "clock": f"{minutes}:{rest:02}", "percent": percent}


def due_count(user: Any, *, now: datetime, most: int = 1000) -> int:
    """How many clients' moment has come for this person, ``most`` at the most; some may sleep. One statement: it
    stands on every page."""
    if not user.can(Permission.CONTACTS_WRITE):
        return 0
    mine = Entry.objects.visible_to(user).filter(
        state=State.WAITING, next_at__lte=now, calling__is_active=True
    )
    mine = mine.filter(Q(reserved_for=None) | Q(reserved_for=user.pk))
    return mine.order_by().values("pk")[:most].count()


def queue(user: User, calling: CallingList, *, now: datetime, most: int = 40) -> list[Entry]:
    """Who comes next for this person: those who are due in order, then the others by their moments."""
    mine = (
        Entry.objects.visible_to(user)
        .filter(calling=calling, state=State.WAITING)
        .select_related("client", "calling")
    )
    mine = mine.filter(Q(reserved_for=None) | Q(reserved_for=user.pk))
    due = list(mine.filter(next_at__lte=now).first_comes()[:most])
    return due + list(mine.filter(next_at__gt=now).order_by("next_at", "id")[: most - len(due)])
