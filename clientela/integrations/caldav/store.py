"""A person's calendar as a folder of files: found, listed, written and taken off."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from clientela.modules.accounts.models import User
from clientela.modules.calendar import operations
from clientela.modules.calendar.models import Attendee, Change, Event
from clientela.modules.calendar.operations.events import draft_of
from clientela.modules.calendar.ports import Guest, Parsed
from clientela.modules.calendar.queries.ical import resource_of
from clientela.modules.calendar.queries.parsing import answer_for
from clientela.modules.calendar.queries.shown import span_of, touching
from clientela.modules.calendar.rules import occurrences

SINCE = "urn:clientela:calendar:"


class Conflict(Exception):
    """Another file holds an event with this uid."""


class UnknownToken(Exception):
    """Not a number of change that we gave."""


def events_of(user: User) -> "QuerySet[Event]":
    """What stands in the folder: own events, and invitations that were not declined."""
    declined = Attendee.objects.filter(person=user, answer=Attendee.Answer.NO).values("event_id")
    return (
        Event.objects.visible_to(user).whole().exclude(pk__in=declined)
        .select_related("organiser").prefetch_related("attendees", "moved").order_by("id")
    )  # fmt: skip


def found(user: User, resource: str) -> Event | None:
    """The event of this file: an own one before an invitation of the same name."""
    rows = list(events_of(user).filter(resource=resource))
    return min(rows, key=lambda row: row.organiser_id != user.pk, default=None)


def within(user: User, since: datetime | None, until: datetime | None) -> list[Event]:
    """Events of which something takes place within the time; either end may be open."""
    rows = events_of(user)
    if since is None or until is None:
        if since is not None:
            rows = touching(rows, since, since + timedelta(days=36500))  # type: ignore[arg-type]
        elif until is not None:
            rows = rows.filter(starts_at__lt=until)
        return list(rows)
    near = touching(rows, since - timedelta(days=60), until + timedelta(days=60))  # type: ignore[arg-type]
    return [
        row
        for row in near
        if occurrences(span_of(row), since, until)
        or any(one.starts_at < until and one.ends_at > since for one in row.moved.all())
    ]


def etag(event: Event) -> str:
    return f'"{event.pk}-{event.version}"'


def token_of(user: User) -> str:
    newest = Change.objects.filter(person=user).order_by("-id").values_list("id", flat=True).first()
    return f"{SINCE}{newest or 0}"


def changed_since(user: User, token: str) -> Iterable[str]:
    """Names of files that changed after the token was given. Raises ``UnknownToken``."""
    number = token.removeprefix(SINCE)
    if not token.startswith(SINCE) or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise UnknownToken
    rows = Change.objects.filter(person=user, id__gt=int(number)).order_by("id")
    return list(dict.fromkeys(rows.values_list("resource", flat=True)))


def text_of(event: Event, user: User, now: datetime) -> str:
    return resource_of(event, now=now, user=user)


def write(user: User, resource: str, parts: list[Parsed], *, now: datetime) -> bool:
    """Keep the file; True when it is new. Who is invited changes the own answer and nothing else.

    Raises ``Conflict`` and the refusals of the calendar's operations.
    """
    event, whole = found(user, resource), parts[0]
    if event is not None and event.organiser_id != user.pk:
        if event.uid != whole.uid:
            raise Conflict
        said = answer_for(parts, user.email)
        if said and said != Attendee.Answer.WAITING:
            operations.answer_invitation(actor=user, now=now, event=event, answer=said)
        return False
    same = Event.objects.filter(organiser=user, uid=whole.uid, series__isnull=True).first()
    if event is None:
        if same is not None and same.deleted_at is None:
            raise Conflict
        if same is not None:
            same.delete()
        Event.objects.filter(organiser=user, resource=resource, series__isnull=True).delete()
        event = operations.plan_event(
            actor=user, now=now, draft=whole.draft, uid=whole.uid, resource=resource
        )
        _occurrences(user, event, parts, now=now)
        return True
    if event.uid != whole.uid:
        raise Conflict
    known = draft_of(event)
    # What programs know nothing of stays as it was.
    draft = replace(
        whole.draft, client_id=known.client_id, about_kind=known.about_kind, about_id=known.about_id,
        kind=known.kind if whole.draft.kind in ("other", "meeting") else whole.draft.kind,
        guests=_kept(whole.draft.guests, known.guests),
    )  # fmt: skip
    operations.change_event(actor=user, now=now, event=event, draft=draft)
    _occurrences(user, event, parts, now=now)
    return False


def _kept(given: tuple[Guest, ...], known: tuple[Guest, ...]) -> tuple[Guest, ...]:
    people = {guest.email: guest.person_id for guest in known}
    return tuple(replace(guest, person_id=people.get(guest.email)) for guest in given)


def _occurrences(user: User, event: Event, parts: list[Parsed], *, now: datetime) -> None:
    """Moved occurrences and those left out, as the file has them."""
    event = Event.objects.get(pk=event.pk)
    if not event.rrule:
        return
    wanted = {part.moved_from: part for part in parts[1:] if part.moved_from}
    for row in event.moved.filter(deleted_at__isnull=True):
        if row.moved_from in wanted:
            part = wanted.pop(row.moved_from)
            operations.change_event(actor=user, now=now, event=row, draft=part.draft)
        else:
            row.delete()
            _stands(event, row.moved_from)
    stands = {row.moved_from.isoformat() for row in event.moved.all() if row.moved_from}
    event.left_out = sorted(stands | set(parts[0].left_out))
    event.save(update_fields=["left_out"])
    for start, part in wanted.items():
        operations.change_event(actor=user, now=now, event=event, draft=part.draft, only=start)


def _stands(event: Event, start: Any) -> None:
    event.left_out = [one for one in event.left_out if one != start.isoformat()]


def take_off(user: User, event: Event, *, now: datetime) -> None:
    """The file is deleted: an own event is taken off, an invitation declined."""
    if event.organiser_id == user.pk:
        operations.remove_event(actor=user, now=now, event=event)
    else:
        operations.answer_invitation(actor=user, now=now, event=event, answer=Attendee.Answer.NO)
