"""Messages and consents for screens: typed rows, a bounded number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet

from clientela.modules.contacts.models import ANSWERED, Consent, Message

State = Message.State
# A person needs no exact count beyond this, and the database must not count a whole country.
MOST = 10_000
_TROUBLE_WINDOW = timedelta(hours=24)


class MessageRow(NamedTuple):
    """A message as a timeline shows it."""

    id: int
    direction: str
    channel: str
    purpose: str
    state: str
    subject: str
    text: str
    address: str
    sender: str
    fault: str
    detail: str
    origin: str
    origin_id: int | None
    author_id: int | None
    in_reply_to_id: int | None
    not_before: datetime
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    replied_at: datetime | None


def client_messages(
    user: Any, client_id: int, *, before: datetime | None = None, limit: int = 50
) -> list[MessageRow]:
    """The newest visible messages of a client, newest first; ``before`` goes on from there. One statement."""
    rows = Message.objects.visible_to(user).filter(client_id=client_id)
    if before is not None:
        rows = rows.filter(created_at__lt=before)
    newest = rows.order_by("-created_at", "-id").values_list(*MessageRow._fields)[:limit]
    return [MessageRow(*row) for row in newest]


@dataclass(frozen=True, slots=True)
class OutboxDepth:
    """How much waits in a channel, each count up to ``MOST``. ``oldest_due`` tells how late the sender is;
    ``failed`` is of the last 24 hours.
    """

    channel: str
    due: int
    later: int
    sending: int
    uncertain: int
    failed: int
    oldest_due: datetime | None


def outbox_depth(*, now: datetime) -> list[OutboxDepth]:
    """The depth of every written channel, for the job monitor. Five statements a channel, each bounded."""
    return [_depth(channel, now) for channel in ANSWERED]


def _depth(channel: str, now: datetime) -> OutboxDepth:
    rows = Message.objects.filter(channel=channel)
    queued = rows.filter(state=State.QUEUED).order_by("not_before", "id")
    due = queued.filter(not_before__lte=now)
    under_way = list(rows.filter(lease_until__isnull=False).order_by().values_list("state", flat=True)[:MOST])
    failed = rows.filter(state=State.FAILED, created_at__gte=now - _TROUBLE_WINDOW)
    return OutboxDepth(
        channel=channel,
        due=_count(due),
        later=_count(queued.filter(not_before__gt=now)),
        sending=under_way.count(State.SENDING),
        uncertain=under_way.count(State.UNCERTAIN),
        failed=_count(failed),
        oldest_due=due.values_list("not_before", flat=True).first(),
    )


def _count(rows: "QuerySet[Message]") -> int:
    return rows.order_by().values("id")[:MOST].count()


def consent_journal(client_id: int) -> Sequence[Consent]:
    """Every consent of a client, given and withdrawn, newest first; the caller has checked the scope."""
    return list(Consent.objects.filter(client_id=client_id).order_by("-granted_at", "-id")[:200])
