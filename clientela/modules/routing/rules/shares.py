"""How much of a week somebody has worked: what a fair share of requests is counted from."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clientela.foundation.dates import local_moment, local_today
from clientela.foundation.hours import Hours, spans

# Early on Monday nobody has worked an hour yet: then the weights alone decide.
LEAST = 1.0


def monday(day: date) -> date:
    """The first day of the week."""
    return day - timedelta(days=day.weekday())


def hours_so_far(
    now: datetime, *, zone: ZoneInfo, hours: Hours, away: Iterable[tuple[date, date]] = ()
) -> float:
    """Working hours from Monday to ``now``, without the days ``away`` (first, last); ``LEAST`` at least."""
    today, absent, worked = local_today(zone, now), list(away), 0.0
    day = monday(today)
    while day <= today:
        if not any(first <= day <= last for first, last in absent):
            for start, stop in spans(day, hours):
                begin = local_moment(day, start, zone)
                end = (
                    local_moment(day, stop, zone)
                    if stop
                    else local_moment(day + timedelta(days=1), start.min, zone)
                )
                worked += max((min(end, now) - begin).total_seconds(), 0.0) / 3600
        day += timedelta(days=1)
    return max(worked, LEAST)
