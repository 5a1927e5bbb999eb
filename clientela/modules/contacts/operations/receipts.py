"""Receipts: matched to messages, stored for good, early ones kept until their message is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef

from clientela.foundation.bulk import insert_missing, read_rows, update_rows
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.clients.models import ContactPoint
from clientela.modules.clients.operations import mark_contact_point_bad
from clientela.modules.contacts.events import ClientSignalled, MessageStateChanged
from clientela.modules.contacts.models import EarlyReceipt, Message, ProviderId, Signal
from clientela.modules.contacts.operations.matching import (
    by_provider_id,
    count_parts,
    is_open,
    owners_of,
)
from clientela.modules.contacts.ports import Receipt

State = Message.State
FAILURES = frozenset({"undelivered", "expired", "rejected"})
KEEP_EARLY = timedelta(days=3)
_SETTLE_AT_ONCE = 1000


class Row(NamedTuple):
    """An outgoing message as receipts see it."""

    id: int
    client_id: int | None
    contact_point_id: int | None
    address: str
    origin: str
    origin_id: int | None
    state: str
    fault: str
    parts: int
    sent_at: datetime | None
    opened_at: datetime | None

    @property
    def is_open(self) -> bool:
        return is_open(self.state, self.fault)


@dataclass(slots=True)
class News:
    """All that a batch of receipts says about one message."""

    row: Row
    receipts: list[Receipt] = field(default_factory=list)
    known_parts: int = 0
    delivered_parts: int = 0

    def of(self, outcomes: Iterable[str]) -> Receipt | None:
        """The latest receipt with one of these outcomes."""
        return next((one for one in reversed(self.receipts) if one.outcome in outcomes), None)


def store_receipts(channel: str, receipts: Sequence[Receipt], *, now: datetime) -> None:
    """Apply receipts; those that name no known message are kept and tried again. Repeating is harmless."""
    with transaction.atomic():
        unmatched = _apply(channel, receipts, now=now)
        EarlyReceipt.objects.bulk_create(
            EarlyReceipt(
                channel=channel,
                value=receipt.provider_id or "",
                address=receipt.to_address,
                receipt=_to_json(receipt),
                received_at=now,
            )
            for receipt in unmatched
            if receipt.provider_id
        )


@transaction.atomic
def settle_early(channel: str, *, now: datetime) -> int:
    """Apply kept receipts whose message is known by now; returns how many.

    Receipts of a sending that a crash cut off name ids that nobody stored: they are given to the uncertain
    messages of their address, in the order in which these were submitted.
    """
    if not EarlyReceipt.objects.filter(channel=channel).exists():
        return 0
    early = EarlyReceipt.objects.filter(channel=channel).select_for_update().order_by("id")
    stored = ProviderId.objects.filter(channel=channel, value=OuterRef("value"))
    uncertain = Message.objects.filter(
        channel=channel, lease_until__isnull=False, state=State.UNCERTAIN, address=OuterRef("address")
    )
    rows = {
        row.pk: row for owner in (stored, uncertain) for row in early.filter(Exists(owner))[:_SETTLE_AT_ONCE]
    }
    receipts = {pk: _from_json(row.receipt) for pk, row in sorted(rows.items())}
    left = set(_apply(channel, list(receipts.values()), now=now, in_order=True))
    done = [pk for pk, receipt in receipts.items() if receipt not in left]
    EarlyReceipt.objects.filter(id__in=done).delete()
    return len(done)


def forget_early(*, now: datetime) -> int:
    """Remove receipts that nobody claimed in three days: they were not ours."""
    return EarlyReceipt.objects.filter(received_at__lt=now - KEEP_EARLY).delete()[0]


def _to_json(receipt: Receipt) -> dict[str, Any]:
    return asdict(receipt) | {"at": receipt.at.isoformat()}


def _from_json(stored: dict[str, Any]) -> Receipt:
    return Receipt(**stored | {"at": datetime.fromisoformat(stored["at"])})


def _apply(
    channel: str, receipts: Sequence[Receipt], *, now: datetime, in_order: bool = False
) -> list[Receipt]:
    """Store what ``receipts`` say; returns those that match no message."""
    known = by_provider_id(channel, receipts)
    owners, unmatched = owners_of(channel, receipts, known, in_order=in_order)
    if owners:
        news = _lock(set(owners.values()))
        for receipt, message_id in owners.items():
            news[message_id].receipts.append(receipt)
        _store_parts(channel, owners, known, news)
        _store_states(channel, news, now=now)
    return unmatched


def _lock(message_ids: set[int]) -> dict[int, News]:
    rows = read_rows(Message, Row._fields, "id", message_ids, lock=True)
    return {values[0]: News(Row(*values)) for values in rows}


def _store_parts(
    channel: str,
    owners: Mapping[Receipt, int],
    known: Mapping[str, tuple[int, int]],
    news: Mapping[int, News],
) -> None:
    """Provider ids that are new, the moments of delivery, and the counts of messages in several parts."""
    fresh: dict[str, dict[str, Any]] = {}
    delivered: dict[int, dict[str, Any]] = {}
    for receipt, message_id in owners.items():
        value = receipt.provider_id
        if not value:
            continue
        at = receipt.at if receipt.outcome == "delivered" else None
        if value in known:
            if at:
                delivered.setdefault(known[value][0], {"delivered_at": at})
        else:
            row = {"message": message_id, "channel": channel, "value": value, "delivered_at": None}
            row = fresh.setdefault(value, row)
            row["delivered_at"] = row["delivered_at"] or at
    insert_missing(ProviderId, list(fresh.values()))
    update_rows(ProviderId, delivered, unless_set="delivered_at")
    several = [one.row.id for one in news.values() if one.row.parts > 1]
    counts = count_parts(several) if several else {}
    for one in news.values():
        if one.row.parts > 1:
            one.known_parts, one.delivered_parts = counts.get(one.row.id, (0, 0))
        else:
            one.known_parts = 1
            one.delivered_parts = int(one.of({"delivered"}) is not None)


def _store_states(channel: str, news: Mapping[int, News], *, now: datetime) -> None:
    delivered: dict[int, dict[str, Any]] = {}
    failed: dict[int, dict[str, Any]] = {}
    sent: dict[int, dict[str, Any]] = {}
    events: list[Any] = []
    bad: dict[int, str] = {}
    settled = {"claimed_by": "", "lease_until": None}
    for one in news.values():
        row = one.row
        whole = one.of({"delivered"}) if one.delivered_parts >= row.parts else None
        failure = one.of(FAILURES)
        if failure and (row.is_open or row.state == State.SENT or _bounced_late(channel, row, failure)):
            fault, detail = _fault(channel, failure), failure.detail[:400]
            failed[row.id] = settled | {
                "state": State.FAILED, "fault": fault, "detail": detail, "sent_at": row.sent_at or failure.at,
            }  # fmt: skip
            events.append(_event(row, State.FAILED, fault, detail))
            if fault == "address" and row.contact_point_id:
                bad[row.contact_point_id] = detail
        elif whole and (row.is_open or row.state in (State.SENT, State.FAILED)):
            delivered[row.id] = settled | {
                "state": State.DELIVERED, "fault": "", "detail": "", "sent_at": row.sent_at or whole.at,
                "delivered_at": whole.at,
            }  # fmt: skip
            events.append(_event(row, State.DELIVERED))
        elif row.is_open and one.known_parts >= row.parts:
            at = one.receipts[0].at
            sent[row.id] = settled | {
                "state": State.SENT,
                "fault": "",
                "detail": "",
                "sent_at": row.sent_at or at,
            }
            events.append(_event(row, State.SENT))
    for values in (failed, delivered, sent):
        update_rows(Message, values)
    publish_all(events, now=now)
    for one in news.values():
        read = one.of({"read"})
        if read:
            _store_read(channel, one.row, read, now=now)
    for point in ContactPoint.objects.filter(id__in=bad).select_related("client") if bad else ():
        mark_contact_point_bad(now=now, contact_point=point, reason=bad[point.pk])


def _bounced_late(channel: str, row: Row, failure: Receipt) -> bool:
    """A mail server may take a mail and report its failure afterwards."""
    return channel == "email" and row.state == State.DELIVERED and failure.outcome == "undelivered"


def _fault(channel: str, failure: Receipt) -> str:
    """``address`` when a mail report says that there is no such mailbox (RFC 3463: 5.1.x), else its outcome."""
    return "address" if channel == "email" and failure.detail.startswith("5.1.") else failure.outcome


def _store_read(channel: str, row: Row, receipt: Receipt, *, now: datetime) -> None:
    read = Message.objects.outgoing().filter(
        state__in=[State.SENDING, State.UNCERTAIN, State.SENT, State.DELIVERED], channel=channel
    )
    read = read.filter(address=row.address, id__lte=row.id) if receipt.read_up_to else read.filter(id=row.id)
    rows = [
        Row(*values)
        for values in read.select_for_update(no_key=True).order_by("id").values_list(*Row._fields)
    ]
    if not rows:
        return
    update_rows(
        Message,
        {
            one.id: {
                "state": State.READ, "opened_at": one.opened_at or receipt.at, "claimed_by": "",
                "lease_until": None, "fault": "", "detail": "", "sent_at": one.sent_at or receipt.at,
            }
            for one in rows
        },
    )  # fmt: skip
    Signal.objects.bulk_create(
        Signal(message_id=one.id, kind=Signal.Kind.OPEN, at=receipt.at) for one in rows
    )
    events: list[Any] = [_event(one, State.READ) for one in rows]
    events += [
        ClientSignalled(one.id, one.client_id, one.origin, one.origin_id, Signal.Kind.OPEN) for one in rows
    ]
    publish_all(events, now=now)


def _event(row: Row, state: str, fault: str = "", detail: str = "") -> MessageStateChanged:
    return MessageStateChanged(row.id, row.client_id, row.origin, row.origin_id, state, fault, detail)
