"""iCalendar as programs write it, read into our words. Everything here may be hostile."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component

from clientela.modules.calendar.ports import Draft, Guest, Parsed, Reply
from clientela.modules.calendar.rules import BadRule, local_zone

LARGEST = 512 * 1024
MOST_PARTS = 400
_ANSWERS = {"NEEDS-ACTION": "waiting", "ACCEPTED": "yes", "TENTATIVE": "maybe", "DECLINED": "no"}
_KINDS = {"MEETING": "meeting", "CALL": "call", "VISIT": "visit", "REMINDER": "reminder"}
_FAULTS = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    BadRule,
)


class BadCalendar(ValueError):
    """Not an iCalendar file we can keep."""


def read_event(raw: bytes, *, zone: str) -> list[Parsed]:
    """The event of a file: itself first, then its moved occurrences. ``zone`` is for times that name none.

    Raises ``BadCalendar``: not iCalendar, several uids, no event, or another kind of thing.
    """
    try:
        parts = [_parsed(part, zone) for part in _events(raw)]
    except _FAULTS as error:
        raise BadCalendar(str(error)[:200]) from error
    whole = [part for part in parts if part.moved_from is None]
    if len(whole) != 1 or len({part.uid for part in parts}) != 1 or not whole[0].uid:
        raise BadCalendar("one event with its moved occurrences")
    return [*whole, *(part for part in parts if part.moved_from is not None)]


def read_reply(raw: bytes) -> Reply | None:
    """The answer to an invitation; None when the file is something else."""
    try:
        calendar = _calendar(raw)
        if str(calendar.get("method", "")).upper() != "REPLY":
            return None
        part: Any = next(iter(calendar.walk("VEVENT")))
        guest = next(iter(_listed(part.get("attendee"))))
        stamp = part.get("dtstamp")
        return Reply(
            uid=str(part["uid"])[:255],
            email=_address(guest),
            answer=_ANSWERS[str(guest.params.get("PARTSTAT", "")).upper()],
            sequence=int(part.get("sequence", 0)),
            written_at=stamp.dt.astimezone(UTC) if stamp is not None else None,
            only=part["recurrence-id"].dt if part.get("recurrence-id") is not None else None,
        )
    except (*_FAULTS, StopIteration):
        return None


def _calendar(raw: bytes) -> Component:
    if len(raw) > LARGEST:
        raise ValueError("too large")
    return Calendar.from_ical(raw)


def _events(raw: bytes) -> list[Component]:
    calendar = _calendar(raw)
    found = [part for part in calendar.subcomponents if part.name == "VEVENT"]
    others = [part.name for part in calendar.subcomponents if part.name not in ("VEVENT", "VTIMEZONE")]
    if calendar.name != "VCALENDAR" or others or not 1 <= len(found) <= MOST_PARTS:
        raise ValueError("no event")
    return found


def _parsed(part: Any, zone: str) -> Parsed:
    start = part["dtstart"].dt
    all_day = not isinstance(start, datetime)
    name = zone if all_day else _zone_name(start, zone)
    starts_at = _aware(start, name)
    if "dtend" in part:
        ends_at = _aware(part["dtend"].dt, name)
    elif "duration" in part:
        ends_at = starts_at + part["duration"].dt
    else:
        ends_at = starts_at + (timedelta(days=1) if all_day else timedelta(minutes=30))
    if ends_at <= starts_at:
        ends_at = starts_at + (timedelta(days=1) if all_day else timedelta(minutes=5))
    rules = _listed(part.get("rrule"))
    if len(rules) > 1 or part.get("rdate") is not None:
        raise ValueError("a repetition by several rules")
    guests = [
        Guest(_address(one), str(one.params.get("CN", ""))[:120], None, _partstat(one))
        for one in _listed(part.get("attendee"))
    ]
    labels = {str(label).upper() for one in _listed(part.get("categories")) for label in one.cats}
    moved = part.get("recurrence-id")
    draft = Draft(
        title=_clean(part.get("summary", "")), starts_at=starts_at, ends_at=ends_at, time_zone=name, all_day=all_day,
        kind=next((_KINDS[label] for label in labels if label in _KINDS), "other" if not guests else "meeting"),
        place=_clean(part.get("location", ""))[:200], note=_clean(part.get("description", ""))[:20_000],
        rrule=rules[0].to_ical().decode() if rules else "", guests=tuple(guests),
        alarms="".join(
            one.to_ical().decode() for one in part.subcomponents if one.name == "VALARM"
        )[:20_000],
    )  # fmt: skip
    return Parsed(
        uid=str(part["uid"])[:255],
        draft=draft,
        moved_from=_aware(moved.dt, name) if moved is not None else None,
        left_out=tuple(
            _aware(one.dt, name).isoformat() for row in _listed(part.get("exdate")) for one in row.dts
        ),
        sequence=int(part.get("sequence", 0)),
    )


def _clean(text: Any) -> str:
    return str(text).replace("\x00", "").strip()


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _address(value: Any) -> str:
    address = str(value).strip()
    if address[:7].lower() != "mailto:" or "@" not in address:
        raise ValueError("not an address")
    return _clean(address[7:]).lower()[:254]


def _partstat(value: Any) -> str:
    return _ANSWERS.get(str(value.params.get("PARTSTAT", "")).upper(), "waiting")


def _zone_name(moment: datetime, zone: str) -> str:
    """The name of a moment's zone; the person's where it has none that we know."""
    key = getattr(moment.tzinfo, "key", None) or getattr(moment.tzinfo, "zone", None)
    if key in (None, "UTC"):
        return zone
    try:
        return local_zone(str(key)).key
    except BadRule:
        return zone


def _aware(value: date | datetime, zone: str) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if value.tzinfo is None:
        value = value.replace(tzinfo=ZoneInfo(zone))
    return value.astimezone(UTC)


def answer_for(parsed: Iterable[Parsed], email: str) -> str:
    """What a file says that the person of this address answers; empty where it says nothing."""
    for part in parsed:
        for guest in part.draft.guests:
            if guest.email == email:
                return guest.answer
    return ""
