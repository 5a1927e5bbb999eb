"""The person's own calendar over the API."""

from datetime import datetime, time, timedelta
from typing import Annotated, Any, Self

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field, model_validator

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.calendar import operations
from clientela.modules.calendar.models import AppPassword, Attendee, Event, Keeper, Rule
from clientela.modules.calendar.operations import settings as own
from clientela.modules.calendar.operations.reminding import LONGEST_LEAD
from clientela.modules.calendar.ports import Draft, Guest
from clientela.modules.calendar.queries import Occurrence, occurrences_of

USE = requires(Permission.CALENDAR_USE)
LONGEST_LOOK = timedelta(days=100)
router = Router(tags=["calendar"])
for _refusal in (
    operations.BadTime, operations.UnknownRule, operations.Foreign, operations.TooMany, own.BadReminder,
):  # fmt: skip
    map_problem(_refusal, 422)
map_problem(own.TooManyOwn, 409)

Text = Annotated[str, Field(max_length=200)]


class GuestIn(Schema):
    """A colleague by id, or an address."""

    colleague_id: Id | None = None
    email: Annotated[str, Field(max_length=254)] = ""
    name: Annotated[str, Field(max_length=120)] = ""

    @model_validator(mode="after")
    def somebody(self) -> Self:
        local, at, domain = self.email.partition("@")
        if self.colleague_id is None and not (local and at and "." in domain and self.email.isprintable()):
            raise ValueError("colleague_id or an e-mail address")
        return self


class EventIn(Schema):
    """``ends_at`` is the first moment after it; ``rrule`` is of RFC 5545; ``about`` is e.g. a policy of the client's."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    kind: Event.Kind = Event.Kind.MEETING
    all_day: bool = False
    time_zone: Annotated[str, Field(max_length=40)] = ""
    place: Text = ""
    note: Annotated[str, Field(max_length=20_000)] = ""
    rrule: Annotated[str, Field(max_length=400)] = ""
    client_id: Id | None = None
    about_kind: Annotated[str, Field(max_length=20)] = ""
    about_id: Id | None = None
    guests: Annotated[list[GuestIn], Field(max_length=100)] = []

    def draft(self, zone: str) -> Draft:
        values = self.dict(exclude={"guests"}) | {
            "time_zone": self.time_zone or zone,
            "kind": self.kind.value,
        }
        return Draft(
            **values, guests=tuple(Guest(one.email, one.name, one.colleague_id) for one in self.guests)
        )


class AttendeeOut(Schema):
    """``colleague_id`` is a person here."""

    colleague_id: int | None = Field(alias="person_id")
    email: str
    name: str
    answer: str
    apart: dict[str, list[str]]


class CalendarEventOut(Schema):
    """``organiser_id`` is who planned it; only they change it."""

    id: int
    uid: str
    organiser_id: int
    kind: str
    title: str
    place: str
    note: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    time_zone: str
    rrule: str
    left_out: list[str]
    client_id: int | None
    about_kind: str
    about_id: int | None
    sequence: int
    attendees: list[AttendeeOut]

    @staticmethod
    def resolve_attendees(row: Event) -> list[Attendee]:
        return list((row.series or row).attendees.order_by("id"))


class OccurrenceOut(Schema):
    """One time that an event takes place; ``answer`` is the person's own."""

    event_id: int
    title: str
    kind: str
    place: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    client_id: int | None
    answer: str


class MoveIn(Schema):
    """``only`` is the start of the one occurrence of a series that moves."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    all_day: bool = False
    only: AwareDatetime | None = None


class InvitationAnswerIn(Schema):
    answer: Attendee.Answer


class ReminderRuleIn(Schema):
    """``at`` goes with week and day, ``minutes`` with before."""

    when: Rule.When
    at: time | None = None
    minutes: Annotated[int, Field(ge=0, le=LONGEST_LEAD)] = 0
    kind: Event.Kind | None = None
    by_page: bool = True
    by_push: bool = False
    by_email: bool = False


class ReminderRuleOut(Schema):
    id: int
    when: str
    at: time | None
    minutes: int
    kind: str
    by_page: bool
    by_push: bool
    by_email: bool
    on: bool


class ReminderSwitchIn(Schema):
    on: bool


class AppPasswordIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=80)]


class AppPasswordOut(Schema):
    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


class NewAppPasswordOut(AppPasswordOut):
    """``secret`` is shown only now."""

    secret: str


class CalendarFeedOut(Schema):
    """``token`` stands in the secret address; empty while there is none."""

    token: str


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _event(request: HttpRequest, event_id: int) -> Event:
    return get_object_or_404(Event.objects.visible_to(caller(request)).select_related("series"), pk=event_id)


@router.get("/calendar/occurrences", response=list[OccurrenceOut])
@USE
def list_occurrences(
    request: HttpRequest, start: AwareDatetime, end: AwareDatetime, kind: Event.Kind | None = None
) -> Any:
    """What takes place between two moments, at the most 100 days apart."""
    if not timedelta(0) < end - start <= LONGEST_LOOK:
        raise operations.BadTime
    kinds = [kind.value] if kind else []
    return [_out(one) for one in occurrences_of(caller(request), start, end, kinds=kinds)]


def _out(one: Occurrence) -> dict[str, Any]:
    event = one.event
    return {
        "event_id": event.pk, "title": event.title, "kind": event.kind, "place": event.place,
        "starts_at": one.starts_at, "ends_at": one.ends_at, "all_day": event.all_day,
        "client_id": one.client.pk if one.client else None, "answer": one.answer,
    }  # fmt: skip


@router.get("/calendar/events", response=Page[CalendarEventOut])
@USE
def list_calendar_events(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Everything in the person's calendar, the newest first; a series is one event."""
    rows = Event.objects.visible_to(caller(request)).whole()
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.post("/calendar/events", response={201: CalendarEventOut})
@USE
def plan_calendar_event(request: HttpRequest, body: EventIn) -> Any:
    draft = body.draft(caller(request).time_zone)
    return Status(201, operations.plan_event(**_who(request), draft=draft))


@router.get("/calendar/events/{event_id}", response=CalendarEventOut)
@USE
def calendar_event(request: HttpRequest, event_id: int) -> Any:
    return _event(request, event_id)


@router.put("/calendar/events/{event_id}", response=CalendarEventOut)
@USE
def change_calendar_event(
    request: HttpRequest, event_id: int, body: EventIn, only: AwareDatetime | None = None
) -> Any:
    """Write it anew; with ``only``, the occurrence of a series that starts then."""
    event = _event(request, event_id)
    draft = body.draft(event.time_zone)
    return operations.change_event(**_who(request), event=event, draft=draft, only=only)


@router.delete("/calendar/events/{event_id}", response={204: None})
@USE
def remove_calendar_event(request: HttpRequest, event_id: int, only: AwareDatetime | None = None) -> Any:
    """Take it off; with ``only``, one occurrence."""
    event = _event(request, event_id)
    if only is None:
        operations.remove_event(**_who(request), event=event)
    else:
        operations.leave_out(**_who(request), event=event, only=only)
    return Status(204, None)


@router.post("/calendar/events/{event_id}/move", response=CalendarEventOut)
@USE
def move_calendar_event(request: HttpRequest, event_id: int, body: MoveIn) -> Any:
    return operations.move_event(**_who(request), event=_event(request, event_id), **body.dict())


@router.post("/calendar/events/{event_id}/restoration", response=CalendarEventOut)
@USE
def restore_calendar_event(request: HttpRequest, event_id: int) -> Any:
    """Undo of taking off."""
    event = get_object_or_404(Event, pk=event_id, organiser=caller(request))
    return operations.restore_event(**_who(request), event=event)


@router.put("/calendar/events/{event_id}/answer", response=AttendeeOut)
@USE
def answer_calendar_event(request: HttpRequest, event_id: int, body: InvitationAnswerIn) -> Any:
    """Whether the person will come; for who is invited."""
    event = _event(request, event_id)
    if not (event.series or event).attendees.filter(person=caller(request)).exists():
        raise Http404
    return operations.answer_invitation(**_who(request), event=event, answer=body.answer.value)


@router.get("/calendar/reminder-rules", response=list[ReminderRuleOut])
@USE
def list_reminder_rules(request: HttpRequest) -> Any:
    return caller(request).reminder_rules.all()


@router.post("/calendar/reminder-rules", response={201: ReminderRuleOut})
@USE
def add_reminder_rule(request: HttpRequest, body: ReminderRuleIn) -> Any:
    values = body.dict() | {"kind": body.kind.value if body.kind else "", "when": body.when.value}
    return Status(201, own.add_rule(**_who(request), **values))


@router.put("/calendar/reminder-rules/{rule_id}", response=ReminderRuleOut)
@USE
def switch_reminder_rule(request: HttpRequest, rule_id: int, body: ReminderSwitchIn) -> Any:
    rule = get_object_or_404(caller(request).reminder_rules, pk=rule_id)
    return own.switch_rule(**_who(request), rule=rule, on=body.on)


@router.delete("/calendar/reminder-rules/{rule_id}", response={204: None})
@USE
def remove_reminder_rule(request: HttpRequest, rule_id: int) -> Any:
    own.remove_rule(**_who(request), rule=get_object_or_404(caller(request).reminder_rules, pk=rule_id))
    return Status(204, None)


@router.get("/calendar/app-passwords", response=list[AppPasswordOut])
@USE
def list_app_passwords(request: HttpRequest) -> Any:
    """Passwords of programs that read and write the calendar."""
    return caller(request).calendar_passwords.filter(revoked_at__isnull=True).order_by("id")


@router.post("/calendar/app-passwords", response={201: NewAppPasswordOut})
@USE
def make_app_password(request: HttpRequest, body: AppPasswordIn) -> Any:
    row, secret = own.make_password(**_who(request), name=body.name)
    row.secret = secret  # type: ignore[attr-defined] # told once, never kept
    return Status(201, row)


@router.delete("/calendar/app-passwords/{password_id}", response={204: None})
@USE
def revoke_app_password(request: HttpRequest, password_id: int) -> Any:
    row = get_object_or_404(AppPassword, pk=password_id, person=caller(request))
    own.revoke_password(**_who(request), password=row)
    return Status(204, None)


@router.get("/calendar/feed", response=CalendarFeedOut)
@USE
def calendar_feed(request: HttpRequest) -> Any:
    """The secret part of the address ``/calendar-feed/TOKEN.ics``."""
    return {"token": own.feed_token(Keeper.objects.filter(person=caller(request)).first())}


@router.put("/calendar/feed", response=CalendarFeedOut)
@USE
def renew_calendar_feed(request: HttpRequest) -> Any:
    """A new address; the old one stops at once."""
    return {"token": own.feed_token(own.renew_feed(**_who(request)))}


@router.delete("/calendar/feed", response={204: None})
@USE
def close_calendar_feed(request: HttpRequest) -> Any:
    own.close_feed(**_who(request))
    return Status(204, None)
