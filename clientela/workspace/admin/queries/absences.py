"""Who is away in a month, as the strip of the screen shows it."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Absence
from clientela.modules.organisation.queries import absence_planned_by, absences_visible_to

MOST = 200
KEPT = 8


@dataclass(frozen=True)
class Row:
    """An absence; ``left`` and ``width`` are percents of the month that is shown."""

    absence: Absence
    left: float
    width: float
    now: bool
    may_end: bool


def month_of(user: Any, first: date, *, today: date) -> tuple[list[Row], bool]:
    """Absences in sight that touch the month from ``first``, and whether there are more than are shown."""
    days = monthrange(first.year, first.month)[1]
    last = first + timedelta(days=days - 1)
    rows = absences_visible_to(user).filter(first_day__lte=last, last_day__gte=first)
    found = list(rows.order_by("first_day", "person__last_name", "id")[: MOST + 1])
    return _rows(user, found[:MOST], first, days, today), len(found) > MOST


def of_person(user: Any, person: User, *, today: date) -> list[Row]:
    """The latest absences of one person, the newest first; the strip is not shown."""
    rows = absences_visible_to(user).filter(person=person).order_by("-first_day", "-id")
    return _rows(user, rows[:KEPT], today, 1, today)


def open_of(person: User | None, *, today: date) -> dict[int, Absence]:
    """Absences, present and to come, in which this person is away or stands in, by id."""
    if person is None:
        return {}
    both = Absence.objects.filter(Q(person=person) | Q(substitute=person), last_day__gte=today)
    return {absence.pk: absence for absence in both.select_related("person", "substitute")}


def _rows(user: Any, absences: Iterable[Absence], first: date, days: int, today: date) -> list[Row]:
    shown = list(absences)
    mine = absence_planned_by(user).filter(pk__in={one.person_id for one in shown})
    planned = set(mine.values_list("pk", flat=True)) if shown else set()
    return [_row(one, first, days, today, may=one.person_id in planned) for one in shown]


def _row(absence: Absence, first: date, days: int, today: date, *, may: bool) -> Row:
    start = max((absence.first_day - first).days, 0)
    end = min((absence.last_day - first).days + 1, days)
    return Row(
        absence, 100 * start / days, 100 * max(end - start, 0) / days,
        now=absence.first_day <= today <= absence.last_day, may_end=may and absence.last_day >= today,
    )  # fmt: skip
