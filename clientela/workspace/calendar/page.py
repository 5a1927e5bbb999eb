"""What the calendar's page shows: occurrences as the grid takes them, the month, invitations, reminders."""

from calendar import Calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from clientela.foundation.ui import formats
from clientela.modules.accounts.rules import Role
from clientela.modules.calendar.models import Event
from clientela.modules.calendar.queries import Occurrence, invitations, occurrences_of, overlapping
from clientela.modules.renewals.models import Renewal

LONGEST_LOOK = timedelta(days=100)
_TERMS = 60
ICONS = {"call": "phone", "visit": "car", "reminder": "bell"}


@dataclass(frozen=True)
class Invitation:
    """An occurrence to answer; ``clash`` is what stands there already."""

    one: Occurrence
    clash: Occurrence | None
    others: int


def grid(
    user: Any, since: datetime, until: datetime, kinds: Collection[str], now: datetime
) -> list[dict[str, Any]]:
    """Occurrences on the wall clock of the person, as the grid takes them."""
    zone = ZoneInfo(user.time_zone)
    return [_cell(one, user, zone, now) for one in occurrences_of(user, since, until, kinds=kinds)]


def _cell(one: Occurrence, user: Any, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    event, own = one.event, one.event.organiser_id == user.pk
    # A whole day is that day for everybody, wherever they are.
    shown = ZoneInfo(event.time_zone) if event.all_day else zone
    start, end = one.starts_at.astimezone(shown), one.ends_at.astimezone(shown)
    details = [
        str(event.organiser) if not own else "",
        event.place or (one.client.name if one.client else ""),
    ]
    url = reverse("calendar:event", args=[event.pk])
    return {
        "id": one.key,
        "title": event.title,
        "start": start.date().isoformat() if event.all_day else start.replace(tzinfo=None).isoformat(),
        "end": end.date().isoformat() if event.all_day else end.replace(tzinfo=None).isoformat(),
        "allDay": event.all_day,
        "editable": own,
        "classNames": ["ev", *_look(one, own, now)],
        "extendedProps": {
            "url": f"{url}?only={one.starts_at.isoformat()}".replace("+", "%2B") if event.rrule else url,
            "move": reverse("calendar:move", args=[event.pk]),
            "only": one.starts_at.isoformat() if event.rrule else "",
            "detail": ", ".join(part for part in details if part),
            "icon": ICONS.get(event.kind, "") if one.answer != "waiting" else "help-circle",
        },
    }


def _look(one: Occurrence, own: bool, now: datetime) -> list[str]:
    if one.answer in ("waiting", "maybe"):
        return ["invite"]
    if one.answer == "no":
        return ["done", "is-declined"]
    if one.ends_at <= now:
        return ["done"]
    if one.starts_at <= now and not one.event.all_day:
        return ["now"]
    if one.event.client_id:
        return ["client"]
    return ["mine"] if own and one.event.kind == Event.Kind.OTHER else []


def terms(user: Any, since: date, until: date) -> list[dict[str, Any]]:
    """The last days of an agent's expiring terms, to read only."""
    if user.role != Role.AGENT:
        return []
    rows = (
        Renewal.objects.visible_to(user)
        .filter(end_date__gte=since, end_date__lt=until, paid_at__isnull=True)
        .exclude(state=Renewal.State.LOST)
        .select_related("client", "product").order_by("end_date", "id")[:_TERMS]
    )  # fmt: skip
    return [
        {
            "id": f"term-{row.pk}",
            "title": f"{row.client.last_name or row.client.name}: {row.product.name}",
            "start": row.end_date.isoformat(),
            "allDay": True,
            "editable": False,
            "classNames": ["ev-term"],
            "extendedProps": {"page": reverse("renewals:term", args=[row.pk]), "icon": "refresh"},
        }
        for row in rows
    ]


def month(day: date, today: date, language: str) -> dict[str, Any]:
    """A month on one leaf, weeks beginning on Monday."""
    weeks = Calendar().monthdatescalendar(day.year, day.month)
    first = day.replace(day=1)
    return {
        "first": first,
        "weeks": weeks,
        "today": today,
        "before": (first - timedelta(days=1)).isoformat(),
        "after": (first + timedelta(days=32)).replace(day=1).isoformat(),
        "week_of": next((week[0] for week in weeks if day in week), None),
        "day": day,
    }


def waiting(user: Any, now: datetime) -> list[Invitation]:
    """Invitations to answer, each with what it clashes with."""
    return [
        Invitation(one, overlapping(user, one), one.event.attendees.count() - 1)
        for one in invitations(user, now)
    ]


def when(one: Occurrence, user: Any, language: str) -> str:
    """чт 19 ноября, 14:30–15:30, on the person's clock."""
    zone = ZoneInfo(one.event.time_zone if one.event.all_day else user.time_zone)
    start, end = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
    day = formats.long_date(start.date(), language)
    if one.event.all_day:
        last = end.date() - timedelta(days=1)
        return day if last == start.date() else f"{day} – {formats.long_date(last, language)}"
    if start.date() == end.date():
        return f"{day}, {start:%H:%M}–{end:%H:%M}"
    return f"{day}, {start:%H:%M} – {formats.long_date(end.date(), language)}, {end:%H:%M}"
