"""Our events as iCalendar (RFC 5545): for a mail, for a subscription, for a program of the person's own."""

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Component, vCalAddress, vRecur, vText
from icalendar import Event as VEvent

from clientela.modules.calendar.models import Attendee, Event
from clientela.modules.calendar.rules import local_zone

PRODUCT = "-//Clientela//Calendar//RU"
PARTSTAT = {"waiting": "NEEDS-ACTION", "yes": "ACCEPTED", "maybe": "TENTATIVE", "no": "DECLINED"}
_CATEGORIES = {"meeting": "MEETING", "call": "CALL", "visit": "VISIT", "reminder": "REMINDER", "other": ""}


def calendar_name() -> str:
    """What programs call the calendar."""
    return _("Clientela calendar")


def invitation(event: Event, method: str, *, now: datetime) -> str:
    """What goes to people outside. Answers come to the company's mailbox, so that is the organiser's address."""
    _name, address = parseaddr(settings.CALENDAR_ADDRESS)
    return _text([event], now=now, method=method, address=address)


def resource_of(event: Event, *, now: datetime, user: Any) -> str:
    """The event and its moved occurrences as one file of the person's calendar."""
    return _text([event], now=now, user=user)


def feed_of(events: Iterable[Event], *, now: datetime, user: Any, name: str) -> str:
    """Many events as one calendar to subscribe to."""
    return _text(events, now=now, user=user, name=name)


def _text(
    events: Iterable[Event],
    *,
    now: datetime,
    method: str = "",
    address: str = "",
    user: Any = None,
    name: str = "",
) -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
    for event in events:
        moved = [row for row in event.moved.all() if row.deleted_at is None]
        for row in (event, *moved):
            calendar.add_component(_vevent(row, event, moved, now, method, address, user))
    calendar.add_missing_timezones()
    return calendar.to_ical().decode()


def _vevent(
    row: Event, whole: Event, moved: list[Event], now: datetime, method: str, address: str, user: Any
) -> VEvent:
    made = VEvent()
    made.add("uid", whole.uid)
    made.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    made.add("last-modified", row.updated_at.astimezone(UTC).replace(microsecond=0))
    made.add("sequence", whole.sequence)
    made.add("dtstart", _moment(row, row.starts_at))
    made.add("dtend", _moment(row, row.ends_at))
    made.add("summary", row.title)
    if row.moved_from:
        made.add("recurrence-id", _moment(whole, row.moved_from))
    if row.rrule:
        made.add("rrule", vRecur.from_ical(row.rrule))
        stands = {one.moved_from.isoformat() for one in moved if one.moved_from}
        for start in row.left_out:
            if start not in stands:
                made.add("exdate", _moment(row, datetime.fromisoformat(start)))
    if row.place:
        made.add("location", row.place)
    if row.note and method != "CANCEL":
        made.add("description", row.note)
    if not method and _CATEGORIES.get(row.kind):
        made.add("categories", [_CATEGORIES[row.kind]])
    made.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    guests = list(whole.attendees.all())
    if guests:
        organiser = vCalAddress(f"mailto:{address or whole.organiser.email}")
        organiser.params["CN"] = vText(str(whole.organiser))
        made["organizer"] = organiser
        for guest in guests:
            made.add("attendee", _attendee(guest, invite=bool(method)), encode=False)
    if user is not None and row.alarms and user.pk == whole.organiser_id:
        for alarm in Component.from_ical(row.alarms, multiple=True):
            made.add_component(alarm)
    return made


def _attendee(guest: Attendee, *, invite: bool) -> vCalAddress:
    value = vCalAddress(f"mailto:{guest.email}")
    value.params["CN"] = vText(guest.name or guest.email)
    value.params["ROLE"] = vText("REQ-PARTICIPANT")
    value.params["PARTSTAT"] = vText(PARTSTAT[guest.answer])
    if invite:
        value.params["RSVP"] = vText("TRUE")
    return value


def _moment(event: Event, moment: datetime) -> Any:
    """A date for an event of whole days, else the wall clock of the event's zone."""
    local = moment.astimezone(local_zone(event.time_zone))
    if event.all_day:
        return local.date()
    return moment.astimezone(UTC) if event.time_zone == "UTC" else local
