"""What stands in a person's calendar between two moments."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q

from clientela.modules.calendar.models import Attendee, Event, EventQuerySet
from clientela.modules.calendar.rules import Span, occurrences
from clientela.modules.clients.models import Client

MOST = 2000
HORIZON = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time an event takes place. ``answer`` is the person's own; empty for who planned it."""

    event: Event
    starts_at: datetime
    ends_at: datetime
    answer: str
    client: Client | None = None

    @property
    def key(self) -> str:
        """Names the occurrence among all."""
        return f"{self.event.pk}-{int(self.starts_at.timestamp())}"


def span_of(event: Event) -> Span:
    return Span(event.starts_at, event.ends_at, event.time_zone, event.rrule, event.left_out)


def touching(rows: EventQuerySet, since: datetime, until: datetime) -> EventQuerySet:
    """Rows of which something may take place within [since, until)."""
    return rows.filter(Q(until_at__isnull=True) | Q(until_at__gt=since), starts_at__lt=until)


def occurrences_of(
    user: Any, since: datetime, until: datetime, *, kinds: Collection[str] = (), with_declined: bool = True
) -> list[Occurrence]:
    """The person's occurrences in their order. A client out of the person's reach is not named."""
    rows = touching(Event.objects.visible_to(user), since, until)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    found = list(
        rows.select_related("series", "organiser")
        .prefetch_related(
            "attendees", Prefetch("series__attendees", queryset=Attendee.objects.order_by("id"))
        )
        .order_by("starts_at", "id")[:MOST]
    )
    ids = {row.client_id for row in found if row.client_id}
    clients = Client.objects.visible_to(user).in_bulk(ids) if ids else {}
    shown = []
    for row in found:
        answer = answer_of(row, user)
        if answer == Attendee.Answer.NO and not with_declined:
            continue
        client = clients.get(row.client_id or 0)
        shown += [
            Occurrence(row, start, end, answer, client)
            for start, end in occurrences(span_of(row), since, until)
        ]
    return sorted(shown, key=lambda one: (one.starts_at, one.event.pk))[:MOST]


def answer_of(event: Event, user: Any) -> str:
    """What the person answered; empty for who planned the event."""
    if event.organiser_id == user.pk:
        return ""
    whole = event.series or event
    return next((row.answer for row in whole.attendees.all() if row.person_id == user.pk), "")


def invitations(user: Any, now: datetime) -> list[Occurrence]:
    """What the person has not answered yet, its next occurrence each."""
    rows = touching(
        Event.objects.visible_to(user).whole().filter(
            attendees__person_id=user.pk, attendees__answer=Attendee.Answer.WAITING
        ),
        now,
        now + HORIZON,
    )  # fmt: skip
    found = []
    for row in rows.select_related("organiser").order_by("starts_at")[:20]:
        first = next(iter(occurrences(span_of(row), now, now + HORIZON)), None)
        if first:
            found.append(Occurrence(row, *first, Attendee.Answer.WAITING))
    return sorted(found, key=lambda one: one.starts_at)


def waiting_count(user: Any, now: datetime) -> int:
    """How many invitations wait for an answer."""
    return Attendee.objects.filter(
        Q(event__until_at__isnull=True) | Q(event__until_at__gt=now), person_id=user.pk,
        answer=Attendee.Answer.WAITING, event__deleted_at__isnull=True,
    ).count()  # fmt: skip


def overlapping(user: Any, one: Occurrence) -> Occurrence | None:
    """What the person has at that time already, all-day events and declined ones aside."""
    return next(
        (
            other
            for other in occurrences_of(user, one.starts_at, one.ends_at, with_declined=False)
            if other.event.pk != one.event.pk and not other.event.all_day and other.answer != "waiting"
        ),
        None,
    )


def client_events(user: Any, client_id: int, now: datetime, days: int = 60) -> list[Occurrence]:
    """What the person has planned with a client from now on."""
    coming = occurrences_of(user, now, now + timedelta(days=days))
    return [one for one in coming if one.event.client_id == client_id]
