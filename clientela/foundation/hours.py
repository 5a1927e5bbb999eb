"""Open hours of days, on the clock of a zone: working hours, and hours when a client may be contacted."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from clientela.foundation.dates import local_moment

SATURDAY = 5
# Longer than any run of holidays, so that a wish which fits working days only still finds its day.
_SEARCH_DAYS = 21

Span = tuple[time, time | None]


@dataclass(frozen=True, slots=True)
class Hours:
    """From … up to, local time; the end itself is quiet already. Public holidays count as weekend."""

    weekday_from: time = time(9)
    weekday_to: time = time(21)
    weekend_from: time = time(10)
    weekend_to: time = time(19)

    def of(self, day: date) -> tuple[time, time]:
        if is_rest_day(day):
            return self.weekend_from, self.weekend_to
        return self.weekday_from, self.weekday_to


@cache
def _public_holidays(year: int) -> frozenset[date]:
    import holidays  # every process starts with this module, few ask for a holiday

    return frozenset(holidays.country_holidays("RU", years=year))


def is_public_holiday(day: date) -> bool:
    """A public holiday of Russia, with its moved days off."""
    return day in _public_holidays(day.year)


def is_rest_day(day: date) -> bool:
    """Saturday, Sunday or a public holiday."""
    return day.weekday() >= SATURDAY or is_public_holiday(day)


def spans(day: date, hours: Hours, wish: tuple[time | None, time | None] = (None, None)) -> list[Span]:
    """The open spans of a local day: the policy's hours where they meet the client's own wish.

    A wish may run over midnight (20:00–10:00). An end of None is the end of the day.
    """
    begin, end = hours.of(day)
    wish_from, wish_to = wish
    wished: list[Span]
    if wish_from is not None and wish_to is not None and wish_from >= wish_to:
        wished = [(time.min, wish_to), (wish_from, None)]
    else:
        wished = [(wish_from or time.min, wish_to)]
    met = [(max(begin, start), end if stop is None else min(end, stop)) for start, stop in wished]
    return [(start, stop) for start, stop in met if start < stop]


@lru_cache(maxsize=1024)  # a batch is judged at one moment, in a few zones
def next_open(
    moment: datetime, zone: ZoneInfo, hours: Hours, wish: tuple[time | None, time | None] = (None, None)
) -> datetime | None:
    """``moment`` itself when it is open, else the next opening; None when wish and hours never meet."""
    today = moment.astimezone(zone).date()
    for offset in range(_SEARCH_DAYS):
        day = today + timedelta(days=offset)
        for start, stop in spans(day, hours, wish):
            candidate = max(moment, local_moment(day, start, zone))
            local = candidate.astimezone(zone)
            if local.date() == day and start <= local.time() and (stop is None or local.time() < stop):
                return candidate
    return None
