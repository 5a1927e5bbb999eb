"""By when work is answered, in working time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clientela.foundation.dates import local_moment
from clientela.foundation.hours import Hours, spans

_SEARCH_DAYS = 21


def answer_by(asked: datetime, *, zone: ZoneInfo, hours: Hours, within: timedelta) -> datetime:
    """The moment by which a message that came at ``asked`` is answered: ``within`` of working time from then."""
    left, today = within, asked.astimezone(zone).date()
    for offset in range(_SEARCH_DAYS):
        day = today + timedelta(days=offset)
        for start, stop in spans(day, hours):
            begin = max(asked, local_moment(day, start, zone))
            end = (
                local_moment(day, stop, zone)
                if stop
                else local_moment(day + timedelta(days=1), start.min, zone)
            )
            if begin >= end:
                continue
            if begin + left <= end:
                return begin + left
            left -= end - begin
    return asked + within


def in_time(
    now: datetime, seconds: int | None, *, live: bool, zone: ZoneInfo, hours: Hours
) -> datetime | None:
    """``seconds`` from ``now``: of the clock for calls and chats, of working time for letters. None: never."""
    if seconds is None:
        return None
    within = timedelta(seconds=seconds)
    return now + within if live else answer_by(now, zone=zone, hours=hours, within=within)
