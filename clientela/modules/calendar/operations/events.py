"""Planning, moving, answering and taking off. Only the organiser changes an event; who is invited answers."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.calendar import links
from clientela.modules.calendar.events import CalendarChanged
from clientela.modules.calendar.models import Attendee, Change, Event
from clientela.modules.calendar.operations.letters import cancel_letters, request_letters
from clientela.modules.calendar.operations.reminding import keep_for
from clientela.modules.calendar.ports import Draft, Guest
from clientela.modules.calendar.queries.shown import span_of
from clientela.modules.calendar.rules import BadRule, Span, checked_rule, first_after, last_end, local_zone
from clientela.modules.clients.models import Client

LONGEST = timedelta(days=60)
MOST_GUESTS = 100
_FROM, _TO = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_TIMES = ("starts_at", "ends_at", "all_day", "time_zone", "rrule")
_FIELDS = (*_TIMES, "title", "kind", "place", "note", "client_id", "about_kind", "about_id", "alarms")


class BadTime(Refusal):
    """The end is not after the start, or the time is out of all reason."""

    message = _("The end is after the start, and an event lasts 60 days at the most.")
    field = "ends_at"


class UnknownRule(Refusal):
    """The event would repeat in a way that we do not keep, or never take place."""

    message = _("Such a repetition is not kept.")
    field = "rrule"


class Foreign(Refusal):
    """The client, the record or the person is not in the planner's reach."""

    message = _("There is no such record.")
    field = "client"


class TooMany(Refusal):
    """More people than one event takes."""

    message = _("An event takes 100 people at the most.")
    field = "guests"


class NotOrganiser(PermissionDenied):
    """Who is invited does not change the event."""


@transaction.atomic
def plan_event(*, actor: Any, now: datetime, draft: Draft, uid: str = "", resource: str = "") -> Event:
    """Put an event into the actor's calendar and invite the guests.

    Raises ``BadTime``, ``UnknownRule``, ``Foreign``, ``TooMany``, ``PermissionDenied``.
    """
    ensure(actor, Permission.CALENDAR_USE)
    uid = uid or f"{uuid.uuid4()}@clientela"
    event = Event(
        organiser=actor, uid=uid, resource=resource or uid, created_at=now, updated_at=now, timed_at=now
    )
    _fill(event, _checked(actor, draft), now=now)
    event.save()
    _invite(event, draft.guests)
    _done(event, actor=actor, now=now, action="event.planned", people=people_of(event))
    request_letters(event, now=now)
    return event


@transaction.atomic
def change_event(
    *, actor: Any, now: datetime, event: Event, draft: Draft, only: datetime | None = None
) -> Event:
    """Write the event anew; with ``only``, the occurrence that starts then, which gets a row of its own.

    A series that gets another rule or another start forgets its moved and left-out occurrences.
    Raises as ``plan_event``, and ``NotOrganiser``.
    """
    row = _mine(actor, event)
    if only is not None and row.rrule:
        return _change_one(actor, now, row, draft, only)
    series, before_people = row.series, people_of(row)
    if series is not None:
        draft = replace(draft, rrule="", guests=())
    before = {name: getattr(row, name) for name in _FIELDS}
    _fill(row, _checked(actor, draft, before=before), now=now)
    changes = {name: [old, getattr(row, name)] for name, old in before.items() if old != getattr(row, name)}
    if series is not None:
        row.save()
        _done(_touch(series, now), actor=actor, now=now, action="event.changed", changes=changes)
        request_letters(series, now=now)
        return row
    if {"starts_at", "rrule", "all_day", "time_zone"} & set(changes):
        row.moved.all().delete()
        row.left_out = []
    row.sequence += 1
    row.version += 1
    again = bool({"starts_at", "rrule"} & set(changes))
    if again:
        row.asked_sequence = row.sequence
    row.save()
    dropped = _invite(row, draft.guests, again=again)
    people = before_people | people_of(row)
    _done(row, actor=actor, now=now, action="event.changed", changes=changes, people=people)
    cancel_letters(row, dropped, now=now)
    request_letters(row, now=now)
    return row


def _change_one(actor: Any, now: datetime, series: Event, draft: Draft, only: datetime) -> Event:
    start = only.astimezone(UTC)
    if first_after(span_of(series), start - timedelta(seconds=1)) != start:
        raise Foreign
    row = Event(
        organiser_id=series.organiser_id, uid=series.uid, resource=series.resource, series=series, moved_from=start,
        created_at=now, updated_at=now, timed_at=now,
    )  # fmt: skip
    values = {name: getattr(series, name) for name in _FIELDS}
    _fill(row, _checked(actor, replace(draft, rrule=""), before=values), now=now)
    row.save()
    series.left_out = sorted({*series.left_out, start.isoformat()})
    _done(
        _touch(series, now), actor=actor, now=now, action="event.moved",
        changes={"starts_at": [start, row.starts_at]},
    )  # fmt: skip
    request_letters(series, now=now)
    return row


@transaction.atomic
def move_event(
    *, actor: Any, now: datetime, event: Event, starts_at: datetime, ends_at: datetime, all_day: bool,
    only: datetime | None = None,
) -> Event:  # fmt: skip
    """Another time and nothing else. Raises ``BadTime``, ``Foreign``, ``NotOrganiser``."""
    row = _mine(actor, event)
    draft = replace(draft_of(row), starts_at=starts_at, ends_at=ends_at, all_day=all_day)
    return change_event(actor=actor, now=now, event=row, draft=draft, only=only)


@transaction.atomic
def leave_out(*, actor: Any, now: datetime, event: Event, only: datetime) -> Event:
    """One occurrence of a series does not take place. Raises ``Foreign``, ``NotOrganiser``."""
    row = _mine(actor, event)
    start = only.astimezone(UTC)
    if not row.rrule or first_after(span_of(row), start - timedelta(seconds=1)) != start:
        raise Foreign
    row.left_out = sorted({*row.left_out, start.isoformat()})
    _done(
        _touch(row, now), actor=actor, now=now, action="event.removed", changes={"starts_at": [start, None]}
    )
    request_letters(row, now=now)
    return row


@transaction.atomic
def remove_event(*, actor: Any, now: datetime, event: Event) -> Event:
    """Take the event off; whoever is invited outside gets a cancellation. Saying it again changes nothing."""
    row = _mine(actor, event)
    if row.deleted_at:
        return row
    row.deleted_at = now
    if row.series is not None:
        row.save(update_fields=["deleted_at"])
        _done(_touch(row.series, now), actor=actor, now=now, action="event.removed")
        request_letters(row.series, now=now)
        return row
    row.next_at = None
    _done(_touch(row, now), actor=actor, now=now, action="event.removed")
    cancel_letters(row, list(row.attendees.all()), now=now)
    return row


@transaction.atomic
def restore_event(*, actor: Any, now: datetime, event: Event, only: datetime | None = None) -> Event:
    """Undo ``remove_event``; with ``only``, the occurrence that was left out takes place after all."""
    row = _mine(actor, event)
    if only is not None:
        row.left_out = [start for start in row.left_out if start != only.astimezone(UTC).isoformat()]
    elif row.deleted_at is None:
        return row
    row.deleted_at = None
    row.next_at = first_after(span_of(row), now)
    if row.series is not None:
        row.save()
    whole = row.series or row
    _done(_touch(whole, now), actor=actor, now=now, action="event.restored")
    request_letters(whole, now=now)
    return row


@transaction.atomic
def answer_invitation(*, actor: Any, now: datetime, event: Event, answer: str) -> Attendee:
    """Whether the actor will come. Raises ``Attendee.DoesNotExist`` for who is not invited."""
    ensure(actor, Permission.CALENDAR_USE)
    whole = event.series or event
    attendee = Attendee.objects.select_for_update().get(event=whole, person_id=actor.pk)
    set_answer(attendee, answer, actor=actor, now=now)
    return attendee


def set_answer(
    attendee: Attendee,
    answer: str,
    *,
    actor: Any,
    now: datetime,
    at: datetime | None = None,
    start: datetime | None = None,
) -> None:
    """Keep an answer given ``at``, of a series perhaps for one ``start`` only; the organiser and the others see it."""
    before = attendee.answer if start is None else attendee.answer_to(start)
    if start is not None:
        attendee.apart[start.astimezone(UTC).isoformat()] = [answer, (at or now).astimezone(UTC).isoformat()]
    elif before == answer:
        return
    else:
        attendee.answer, attendee.answered_at = answer, at or now
    attendee.save(update_fields=["answer", "answered_at", "apart"])
    event = Event.objects.select_for_update().get(pk=attendee.event_id)
    event.version += 1
    event.save(update_fields=["version"])
    _done(event, actor=actor, now=now, action="event.answered", changes={"answer": [before, answer]})


def draft_of(event: Event) -> Draft:
    """The event as its planner said it."""
    whole = event.series or event
    guests = tuple(
        Guest(row.email, row.name, row.person_id, row.answer) for row in whole.attendees.order_by("id")
    )
    return Draft(**{name: getattr(event, name) for name in _FIELDS}, guests=guests)


def people_of(event: Event) -> set[int]:
    """In whose calendars the event stands."""
    invited = event.attendees.filter(person__isnull=False).values_list("person_id", flat=True)
    return {event.organiser_id, *(pk for pk in invited if pk is not None)}


def _mine(actor: Any, event: Event) -> Event:
    ensure(actor, Permission.CALENDAR_USE)
    row = Event.objects.select_for_update(of=("self",)).select_related("series").get(pk=event.pk)
    if actor is None or row.organiser_id != actor.pk:
        raise NotOrganiser("organiser")
    return row


def _checked(actor: Any, draft: Draft, before: dict[str, Any] | None = None) -> Draft:
    """The draft with its rule in order. What the event was about before may stay when it left the planner's reach."""
    if not (_FROM <= draft.starts_at < draft.ends_at <= _TO and draft.ends_at - draft.starts_at <= LONGEST):
        raise BadTime
    try:
        local_zone(draft.time_zone)
        rule = checked_rule(draft.rrule)
        span = Span(draft.starts_at, draft.ends_at, draft.time_zone, rule)
        if rule and first_after(span, draft.starts_at - timedelta(seconds=1), timedelta(days=3700)) is None:
            raise BadRule("never takes place")
    except BadRule as error:
        raise UnknownRule from error
    if len(draft.guests) > MOST_GUESTS:
        raise TooMany
    known = before or {}
    if draft.client_id is not None and draft.client_id != known.get("client_id"):
        if not actor.can(Permission.CLIENTS_READ):
            raise Foreign
        if not Client.objects.visible_to(actor).filter(pk=draft.client_id).exists():
            raise Foreign
    if not draft.about_kind or draft.about_id is None:
        draft = replace(draft, about_kind="", about_id=None)
    about = (draft.about_kind, draft.about_id)
    if draft.about_kind and about != (known.get("about_kind"), known.get("about_id")):
        found = links.find(actor, *about)
        if found is None or draft.client_id not in (None, found.client_id):
            raise Foreign
        draft = replace(draft, client_id=found.client_id)
    return replace(draft, rrule=rule)


def _fill(event: Event, draft: Draft, *, now: datetime) -> None:
    if any(getattr(event, name) != getattr(draft, name) for name in ("starts_at", "ends_at", "rrule")):
        event.timed_at = now
    for name in _FIELDS:
        setattr(event, name, getattr(draft, name))
    event.starts_at, event.ends_at = event.starts_at.astimezone(UTC), event.ends_at.astimezone(UTC)
    event.title = event.title.strip()[:200] or str(event.get_kind_display())
    event.place, event.updated_at = event.place.strip()[:200], now
    event.until_at = last_end(span_of(event))
    event.next_at = first_after(span_of(event), now)


def _touch(event: Event, now: datetime) -> Event:
    event.sequence += 1
    event.version += 1
    event.updated_at = now
    event.save()
    return event


def _invite(event: Event, guests: tuple[Guest, ...], *, again: bool = False) -> list[Attendee]:
    """Make the guests those of the event; returns who is not invited any more. ``again`` asks everybody anew."""
    people = User.objects.filter(is_active=True).in_bulk(
        [guest.person_id for guest in guests if guest.person_id]
    )
    addresses = {guest.email.strip().lower() for guest in guests if not guest.person_id}
    by_email = {user.email: user for user in User.objects.filter(is_active=True, email__in=addresses)}
    wanted: dict[str, Attendee] = {}
    for guest in guests:
        person = people.get(guest.person_id or 0) or by_email.get(guest.email.strip().lower())
        if person is None and guest.person_id:
            raise Foreign
        if person is not None and person.pk == event.organiser_id:
            continue
        email = person.email if person else guest.email.strip().lower()[:254]
        name = str(person) if person else guest.name.strip()[:120]
        wanted.setdefault(email, Attendee(event=event, person=person, email=email, name=name))
    known = {row.email: row for row in event.attendees.all()}
    dropped = [row for email, row in known.items() if email not in wanted]
    event.attendees.filter(pk__in=[row.pk for row in dropped]).delete()
    Attendee.objects.bulk_create(row for email, row in wanted.items() if email not in known)
    if again:
        event.attendees.update(answer=Attendee.Answer.WAITING, answered_at=None, apart={})
    return dropped


def _done(
    event: Event, *, actor: Any, now: datetime, action: str, changes: dict[str, Any] | None = None,
    people: set[int] | None = None,
) -> None:  # fmt: skip
    """The journal (which names no titles: they are the person's own), the numbers of change, and open pages."""
    people = people or people_of(event)
    changes = {name: pair for name, pair in (changes or {}).items() if name in {*_TIMES, "kind", "answer"}}
    day = event.starts_at.astimezone(local_zone(event.time_zone)).date()
    record(actor=actor, now=now, action=action, obj=event, object_name=day.isoformat(), changes=changes)
    keep_for(people, now=now)
    one_at_a_time("calendar.changes")  # numbers become visible in their order
    Change.objects.bulk_create(Change(person_id=pk, resource=event.resource) for pk in sorted(people))
    publish(CalendarChanged(event.pk, sorted(people)), now=now)
