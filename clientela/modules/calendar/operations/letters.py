"""Mails of the calendar: what is asked for, and the sending. Invitations go to addresses outside only."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clientela.foundation.claims import claim
from clientela.foundation.ui import formats
from clientela.modules.calendar.models import Attendee, Event, Letter
from clientela.modules.calendar.queries.ical import invitation
from clientela.modules.calendar.rules import local_zone
from clientela.modules.contacts.ports import Attachment, OutgoingMessage, SendResult, Transport, TransportDown

log = logging.getLogger(__name__)

# Time to undo before anybody is told; a newer letter about the same event takes the older one's place.
PAUSE = timedelta(seconds=20)
BATCH = 50
MAX_ATTEMPTS = 6
State, Kind = Letter.State, Letter.Kind


def request_letters(event: Event, *, now: datetime) -> None:
    """Invite everybody outside, or tell them the new time."""
    outside = [row for row in event.attendees.all() if row.person_id is None]
    if outside and (event.until_at is None or event.until_at > now):
        _queue(event, outside, Kind.REQUEST, now)


def cancel_letters(event: Event, attendees: Iterable[Attendee], *, now: datetime) -> None:
    """Tell those outside that they need not come."""
    outside = [row for row in attendees if row.person_id is None]
    if outside and (event.until_at is None or event.until_at > now):
        _queue(event, outside, Kind.CANCEL, now)


def _queue(event: Event, attendees: Sequence[Attendee], kind: str, now: datetime) -> None:
    addresses = [row.email for row in attendees]
    older = Letter.objects.filter(event=event, address__in=addresses, state=State.QUEUED)
    older.update(state=State.DROPPED, detail="newer")
    organiser = event.organiser
    with translation.override(organiser.language):
        local = event.starts_at.astimezone(local_zone(event.time_zone))
        when = formats.long_date(local.date(), organiser.language)
        if not event.all_day:
            when += f", {local:%H:%M}"
        values = {"title": event.title, "when": when, "who": str(organiser)}
        if kind == Kind.CANCEL:
            subject = _("Cancelled: %(title)s, %(when)s") % values
            text = _("%(who)s cancels: %(title)s, %(when)s.") % values
        else:
            subject = _("Invitation: %(title)s, %(when)s") % values
            text = _("%(who)s invites you: %(title)s, %(when)s.") % values
        if event.place:
            text += "\n" + _("Where: %(place)s") % {"place": event.place}
        text += "\n" + _("Time zone: %(zone)s") % {"zone": event.time_zone}
        if event.note and kind != Kind.CANCEL:
            text += f"\n\n{event.note}"
    subject = " ".join(subject.split())[:250]
    content = invitation(event, kind, now=now)
    Letter.objects.bulk_create(
        Letter(
            kind=kind, event=event, address=address, subject=subject, text=text, content=content,
            not_before=now + PAUSE, created_at=now,
        )
        for address in addresses
    )  # fmt: skip


def deliver_letters(transport: Transport, *, worker: str, now: datetime, lease: timedelta) -> int:
    """Take due letters and send them; returns how many. Raises ``TransportDown`` after they were put back."""
    cut = Letter.objects.filter(state=State.SENDING, lease_until__lt=now)
    cut.filter(kind=Kind.REMINDER).update(state=State.FAILED, detail="cut", lease_until=None)
    due = Letter.objects.filter(not_before__lte=now).filter(
        models.Q(state=State.QUEUED) | models.Q(state=State.SENDING, lease_until__lt=now)
    )
    ids = claim(
        due.order_by("not_before", "id"),
        to_state=State.SENDING,
        worker=worker,
        now=now,
        lease=lease,
        limit=BATCH,
    )
    if not ids:
        return 0
    rows = {row.pk: row for row in Letter.objects.filter(pk__in=ids)}
    mine = Letter.objects.filter(pk__in=ids, state=State.SENDING, claimed_by=worker)
    try:
        results = transport.send([_outgoing(row) for row in rows.values()])
    except TransportDown:
        mine.update(state=State.QUEUED, lease_until=None, not_before=now + timedelta(seconds=30))
        raise
    for result in results:
        _settle(rows[-result.message_id], result, mine, now)
    return len(ids)


def _settle(row: Letter, result: SendResult, mine: "models.QuerySet[Letter]", now: datetime) -> None:
    values: dict[str, Any] = {
        "attempts": row.attempts + 1,
        "detail": result.detail[:300],
        "lease_until": None,
    }
    again = result.outcome == "retry" or (result.outcome == "uncertain" and row.kind != Kind.REMINDER)
    if result.outcome == "accepted":
        values["state"] = State.SENT
    elif again and row.attempts + 1 < MAX_ATTEMPTS:
        values |= {"state": State.QUEUED, "not_before": now + timedelta(seconds=30 * 2**row.attempts)}
    else:
        values["state"] = State.FAILED
    mine.filter(pk=row.pk).update(**values)


def _outgoing(row: Letter) -> OutgoingMessage:
    """The letter for the network. A number below nought is no message of the conversations: reports name none."""
    files: tuple[Attachment, ...] = ()
    if row.content:
        files = (
            Attachment(
                "invite.ics", f"text/calendar; method={row.kind}; charset=utf-8", row.content.encode()
            ),
        )
    return OutgoingMessage(
        id=-row.pk, channel="email", to=row.address, text=row.text, subject=row.subject, attachments=files
    )


def send_mail(*, address: str, subject: str, text: str, now: datetime) -> Letter:
    """Queue a mail to a colleague, without a calendar in it."""
    return Letter.objects.create(
        kind=Kind.REMINDER, address=address, subject=subject[:250], text=text, not_before=now, created_at=now
    )


@transaction.atomic
def forget_letters(*, now: datetime | None = None) -> int:
    """Letters of long ago, with what was in them."""
    old = Letter.objects.filter(created_at__lt=(now or timezone.now()) - settings.CALENDAR_KEPT)
    return old.delete()[0]
