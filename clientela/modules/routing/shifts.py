"""Who works when: by working periods and absences."""

from collections import Counter
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from clientela.foundation.dates import local_moment
from clientela.foundation.hours import spans
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Absence
from clientela.modules.organisation.queries import people_visible_to
from clientela.modules.routing.queries import COMPANY, working_hours

HALF_HOURS = 48


def staff_of(queue: str, user: User | None) -> "QuerySet[User]":
    """Who takes the calls of a queue: who serves it, in a branch its agents too; of those ``user`` sees."""
    rows = people_visible_to(user) if user is not None else User.objects.all()
    kind, _colon, number = queue.partition(":")
    serves = Q(station__serves=True)
    if kind == "centre":
        rows = rows.filter(serves, role=Role.CENTRE_OPERATOR, placement__centre=int(number))
    elif kind == "branch":
        agents = Q(role=Role.AGENT, agent__branch=int(number))
        rows = rows.filter(agents | serves & Q(placement__branch=int(number)))
    elif queue == COMPANY:
        rows = rows.filter(serves)
    return rows.filter(is_active=True)


def on_shift(queue: str, user: User | None, day: date, zone: ZoneInfo) -> list[int]:
    """How many work in each half-hour of a local day of ``zone``: nobody who is absent, each by the own clock."""
    absent = Absence.objects.filter(person=OuterRef("pk"), first_day__lte=day, last_day__gte=day)
    rows = staff_of(queue, user).filter(~Exists(absent)).order_by()
    zones = Counter(rows.values_list("time_zone", flat=True))
    begin = local_moment(day, time.min, zone)
    found = [0] * HALF_HOURS
    for name, people in zones.items():
        for slot in range(HALF_HOURS):
            local = (begin + timedelta(minutes=30 * slot)).astimezone(ZoneInfo(name))
            if any(
                start <= local.time() and (stop is None or local.time() < stop)
                for start, stop in spans(local.date(), working_hours())
            ):
                found[slot] += people
    return found
