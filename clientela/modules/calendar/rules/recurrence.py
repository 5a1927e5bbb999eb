"""When a recurring event takes place: RFC 5545 rules on the wall clock of the event's zone."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from warnings import catch_warnings, simplefilter
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

MOST = 750  # occurrences of one event in one look
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_FAR = datetime(2150, 1, 1, tzinfo=UTC)


class BadRule(ValueError):
    """Not a rule of recurrence, or one that no calendar needs."""


@dataclass(frozen=True, slots=True)
class Span:
    """The first occurrence and how it repeats; moments are aware, ``left_out`` are starts in UTC, ISO 8601."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    rule: str = ""
    left_out: Collection[str] = ()


def local_zone(name: str) -> ZoneInfo:
    """The zone of this name; ``BadRule`` when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadRule(f"no zone {name!r}") from error


def checked_rule(text: str) -> str:
    """The rule in capitals and without its prefix. Raises ``BadRule``.

    Seconds, minutes and hours are refused, as are days of a month in a daily rule: looking for a day that never comes
    would take long.
    """
    text = text.strip().upper().removeprefix("RRULE:")
    if not text:
        return ""
    try:
        parts = dict(part.split("=", 1) for part in text.split(";") if part)
    except ValueError as error:
        raise BadRule("not NAME=value") from error
    if set(parts) - _PARTS or parts.get("FREQ") not in _FREQUENCIES or len(text) > 400:
        raise BadRule("not a rule we know")
    if parts["FREQ"] in ("DAILY", "WEEKLY") and {"BYMONTHDAY", "BYMONTH", "BYSETPOS"} & set(parts):
        raise BadRule("days of a month in a rule of days or weeks")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not (
            parts[name].isascii() and parts[name].isdigit() and 1 <= int(parts[name][:5]) <= 999
        ):
            raise BadRule(f"{name} is 1 to 999")
    try:
        _rule(text, datetime(2026, 1, 1), ZoneInfo("UTC"), _FAR)  # noqa: DTZ001 - a wall clock
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise BadRule(str(error)) from error
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _rule(text: str, start: datetime, zone: ZoneInfo, until: datetime) -> rrule:
    """The rule on naive wall-clock times of ``zone``, never beyond ``until``."""
    parts = dict(part.split("=", 1) for part in text.split(";"))
    ends = parts.pop("UNTIL", "")
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    limit = until.astimezone(zone).replace(tzinfo=None)
    if ends:
        limit = min(limit, _until(ends, zone))
    rule = cast(rrule, rrulestr(text, dtstart=start))
    with catch_warnings():  # the standard forbids what bounds the search
        simplefilter("ignore", DeprecationWarning)
        return rule.replace(until=limit)


def _until(value: str, zone: ZoneInfo) -> datetime:
    if len(value) == 8:
        return datetime.strptime(value, "%Y%m%d") + timedelta(days=1, seconds=-1)  # noqa: DTZ007
    moment = datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    if value.endswith("Z"):
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return moment


def _starts(span: Span, until: datetime) -> Iterator[datetime]:
    """Starts in UTC in order, up to ``until``, those left out too."""
    if not span.rule:
        yield span.starts_at.astimezone(UTC)
        return
    zone = local_zone(span.zone)
    local = span.starts_at.astimezone(zone).replace(tzinfo=None)
    for moment in _rule(span.rule, local, zone, until):
        yield moment.replace(tzinfo=zone).astimezone(UTC)


def _length(span: Span) -> timedelta:
    """On the wall clock: a day with a change of clocks is still a day."""
    zone = local_zone(span.zone)
    start, end = (moment.astimezone(zone).replace(tzinfo=None) for moment in (span.starts_at, span.ends_at))
    return end - start


def _end(span: Span, start: datetime, length: timedelta) -> datetime:
    zone = local_zone(span.zone)
    local = start.astimezone(zone).replace(tzinfo=None) + length
    return local.replace(tzinfo=zone).astimezone(UTC)


def occurrences(span: Span, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Start and end in UTC of what touches [since, until), ``MOST`` at the most."""
    length, left_out = _length(span), set(span.left_out)
    found: list[tuple[datetime, datetime]] = []
    for start in _starts(span, until):
        end = _end(span, start, length)
        if start >= until or len(found) >= MOST:
            break
        if (end > since or start >= since) and start.isoformat() not in left_out:
            found.append((start, end))
    return found


def first_after(span: Span, moment: datetime, within: timedelta = timedelta(days=800)) -> datetime | None:
    """The first start later than ``moment``, looked for no further than ``within``."""
    left_out = set(span.left_out)
    return next(
        (
            start
            for start in _starts(span, moment + within)
            if start > moment and start.isoformat() not in left_out
        ),
        None,
    )


def last_end(span: Span) -> datetime | None:
    """The end of the last occurrence; None for a rule without an end."""
    if span.rule and "COUNT=" not in span.rule and "UNTIL=" not in span.rule:
        return None
    last = max(_starts(span, _FAR), default=span.starts_at.astimezone(UTC))
    return max(_end(span, last, _length(span)), span.ends_at.astimezone(UTC))
