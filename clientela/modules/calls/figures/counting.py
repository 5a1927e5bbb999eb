"""Counting calls: sums over a day by half-hour and place, in one statement each on either database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, DateTimeField, DurationField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractMinute, TruncHour

from clientela.foundation.dates import local_moment
from clientela.foundation.hours import is_public_holiday
from clientela.modules.calls.figures.forecast import Forecast, days_like, forecast
from clientela.modules.calls.figures.rules import SHORT, SLOTS, WRAP_UP_MOST, Totals, total
from clientela.modules.calls.models import Call
from clientela.modules.organisation.queries import scope_of
from clientela.modules.routing.models import Queue

USUAL_WITHIN = timedelta(seconds=Queue().answer_within)
Place = tuple[int | None, int | None]


def calls_at(queue: str, user: Any = None) -> Q:
    """Calls of a queue's place: all of the centre's, all of the branch's, or the company's; of those ``user`` may see."""
    kind, _, number = queue.partition(":")
    place = Q(**{f"{kind}_id": int(number)}) if number else Q()
    return place & scope_of(user).q() if user is not None else place


def waiting(place: Q) -> "QuerySet[Call]":
    """Who waits for a person now, the longest first; also while somebody's telephone rings."""
    states = [Call.State.WAITING, Call.State.RINGING]
    rows = Call.objects.filter(place, state__in=states, direction=Call.Direction.IN, outcome="")
    return rows.filter(answered_at=None, queued_at__isnull=False).order_by("queued_at", "id")


@dataclass
class Day:
    """What came on one local day: sums by half-hour (0…47), and by place (centre, else branch)."""

    day: date
    slots: list[Totals] = field(default_factory=lambda: [Totals()] * SLOTS)
    places: dict[Place, Totals] = field(default_factory=dict)

    @property
    def total(self) -> Totals:
        return total(self.slots)


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments between which a local day lies."""
    return local_moment(day, time.min, zone), local_moment(day + timedelta(days=1), time.min, zone)


def offered_between(place: Q, begin: datetime, end: datetime) -> "QuerySet[Call]":
    """Calls that began to wait between two moments, whatever came of them."""
    return Call.objects.filter(place, queued_at__gte=begin, queued_at__lt=end)


def count_day(place: Q, day: date, zone: ZoneInfo, *, within: Iterable[Queue] = ()) -> Day:
    """The sums of a day. ``within``: the queues whose answer time is not the usual one."""
    found = Day(day)
    begin, end = bounds(day, zone)
    rows = offered_between(place, begin, end).annotate(
        in_time_until=_in_time_until(within), hour=TruncHour("queued_at", tzinfo=zone), minute=ExtractMinute("queued_at"),
        half=Case(When(minute__gte=30, then=Value(1)), default=Value(0)),
    )  # fmt: skip
    places: defaultdict[Place, Totals] = defaultdict(Totals)
    for row in rows.order_by().values("hour", "half", "centre_id", "branch_id").annotate(**_SUMS):
        sums = _totals(row)
        slot = row["hour"].hour * 2 + row["half"]
        found.slots[slot] = found.slots[slot] + sums
        places[(row["centre_id"], None if row["centre_id"] else row["branch_id"])] += sums
    found.places = dict(places)
    return found


def _in_time_until(within: Iterable[Queue]) -> Case:
    whens = []
    for queue in within:
        kind, _, number = queue.key.partition(":")
        until = F("queued_at") + timedelta(seconds=queue.answer_within)
        if kind == "centre":
            whens.append(When(Q(centre_id=int(number)), then=until))
        elif kind == "branch":
            whens.append(When(Q(centre_id=None, branch_id=int(number)), then=until))
    return Case(*whens, default=F("queued_at") + USUAL_WITHIN, output_field=DateTimeField())


_TALKED = Q(answered_at__isnull=False)
_GONE = Q(answered_at=None, ended_at__isnull=False)
_WRAPPED = _TALKED & Q(wrapped_at__gt=F("ended_at"), wrapped_at__lte=F("ended_at") + WRAP_UP_MOST)
_SUMS = {
    "answered": Count("id", filter=_TALKED),
    "in_time": Count("id", filter=_TALKED & Q(answered_at__lte=F("in_time_until"))),
    "called_back": Count("id", filter=_GONE & Q(outcome="call_back")),
    "short": Count("id", filter=_GONE & ~Q(outcome="call_back") & Q(ended_at__lte=F("queued_at") + SHORT)),
    "abandoned": Count("id", filter=_GONE & ~Q(outcome="call_back") & Q(ended_at__gt=F("queued_at") + SHORT)),
    "waited": Sum(F("answered_at") - F("queued_at"), filter=_TALKED, output_field=DurationField()),
    "talked": Sum(F("ended_at") - F("answered_at"), filter=_TALKED, output_field=DurationField()),
    "wrapped": Sum(F("wrapped_at") - F("ended_at"), filter=_WRAPPED, output_field=DurationField()),
}


def _totals(row: Mapping[str, Any]) -> Totals:
    seconds = {name: (row[name] or timedelta()).total_seconds() for name in ("waited", "talked", "wrapped")}
    counts = {name: row[name] for name in ("answered", "in_time", "called_back", "short", "abandoned")}
    values: dict[str, Any] = counts | seconds
    return Totals(**values)


def of_people(place: Q, day: date, zone: ZoneInfo) -> dict[int, Totals]:
    """What each person answered of the day's calls: one statement."""
    begin, end = bounds(day, zone)
    rows = offered_between(place, begin, end).filter(_TALKED, person__isnull=False)
    rows = rows.annotate(in_time_until=_in_time_until(()))
    grouped = rows.order_by().values("person_id").annotate(**_SUMS)
    return {row["person_id"]: _totals(row) for row in grouped}


def forecast_of(place: Q, day: date, zone: ZoneInfo, *, weeks: int) -> Forecast:
    """The forecast of a day from the same weekday of the last ``weeks``: one statement a week."""
    history = {one: count_day(place, one, zone).slots for one in days_like(day, weeks, is_public_holiday)}
    return forecast(day, history, holiday=is_public_holiday(day))
