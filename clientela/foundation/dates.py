"""Calendar arithmetic of business: terms, anniversaries, ages, and moments in a client's time zone."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Nobody born before that is insured.
OLDEST_YEAR = 1900


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later (or earlier), or the last day of that month where it has none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The same day ``years`` later; 29 February becomes 28 February in a common year."""
    return add_months(day, years * 12)


def term_end(start: date, months: int = 12) -> date:
    """Last day, inclusive, of a term of whole months: the day before the same day ``months`` later.

    A term from 29 February 2024 of one year lasts to 28 February 2025, one of six months from
    31 August to the last day of February (Civil Code, art. 192).
    """
    same_day = add_months(start, months)
    return same_day if same_day.day != start.day else same_day - timedelta(days=1)


def days_until(end: date, today: date) -> int:
    """Days from ``today`` to ``end``: 0 on the day itself, negative afterwards."""
    return (end - today).days


def full_years(since: date, on: date) -> int:
    """Completed years between two dates: age, driving experience. Negative if ``on`` is earlier."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def anniversary(day: date, year: int) -> date:
    """When ``day`` comes round in ``year``; 29 February is kept on 28 February of a common year."""
    return add_years(day, year - day.year)


def is_of_a_life(day: date, today: date) -> bool:
    """Whether somebody who is insured today may have lived ``day``: born on it, got a licence on it."""
    return day.year >= OLDEST_YEAR and day <= today


def local_today(zone: str | ZoneInfo, now: datetime) -> date:
    """The calendar date at aware moment ``now`` in ``zone``; ``ValueError`` for a naive ``now``."""
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    return now.astimezone(_zone(zone)).date()


def local_moment(day: date, at: time, zone: str | ZoneInfo) -> datetime:
    """Aware UTC moment of wall-clock ``at`` on ``day`` in ``zone``.

    A time that the clock skips moves forward by the length of the gap; a time that the clock
    repeats is the first of the two.
    """
    return datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=_zone(zone)).astimezone(UTC)


def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
