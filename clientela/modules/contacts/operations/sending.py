"""Sending what waits: taken once, judged once more, given to the network, the answers stored.

Why nothing is lost or sent twice: docs/decisions/0004-nothing-sent-twice.md.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from clientela.foundation.bulk import listed, update_rows
from clientela.foundation.claims import claim, one_at_a_time
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.contacts import guards
from clientela.modules.contacts.events import MessageStateChanged
from clientela.modules.contacts.models import CARRY_FILES, Awaited, Message, MessageFile
from clientela.modules.contacts.operations.awaited import filled
from clientela.modules.contacts.operations.compose import Outgoing, compose
from clientela.modules.contacts.operations.outcomes import Row, recover, release, store_results
from clientela.modules.contacts.operations.receipts import settle_early
from clientela.modules.contacts.ports import (
    Attachment,
    OutgoingMessage,
    SendResult,
    Transport,
    TransportDown,
)
from clientela.modules.contacts.queries.facts import Ask, Assessed, assess_all

log = logging.getLogger(__name__)

BATCH = 100
# The reason of what came too late for who waited for it.
NOBODY_WAITS = "over"
State = Message.State
# One judge at a time, whatever the channel: two messages to one client never both take the last place under a cap.
_JUDGING = "contacts.judging"


class Taken(NamedTuple):
    """A claimed message as it is read for judging."""

    id: int
    client_id: int | None
    contact_point_id: int | None
    address: str
    sender: str
    purpose: str
    subject: str
    text: str
    html: str
    origin: str
    origin_id: int | None
    token: str
    attempts: int
    parts: int
    replies_at: datetime | None
    answers: str | None
    continues: int | None
    author_id: int | None
    awaited_until: datetime | None
    sealed: str | None


_COLUMNS = (
    "id", "client_id", "contact_point_id", "address", "sender", "purpose", "subject", "text", "html", "origin",
    "origin_id", "token", "attempts", "parts", "in_reply_to__created_at", "in_reply_to__external_id",
    "in_reply_to__in_reply_to_id", "author_id", "awaited__until", "awaited__sealed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """A message that may go, with the fresh verdict."""

    taken: Taken
    assessed: Assessed


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that one worker has claimed: those that may go, and how many there were before they were judged."""

    channel: str
    worker: str
    now: datetime
    claimed: int
    judged: list[Judged]


def deliver(channel: str, transport: Transport, *, worker: str, now: datetime, batch: int = BATCH) -> int:
    """Take up to ``batch`` due messages of ``channel``, judge them again and send those that may go.

    Returns how many were taken: 0 means that nothing is due. Raises `TransportDown` after the messages
    were put back.
    """
    taken = take(channel, worker=worker, now=now, batch=batch)
    send(taken, transport)
    return taken.claimed


def take(channel: str, *, worker: str, now: datetime, batch: int = BATCH) -> Batch:
    """Claim up to ``batch`` due messages of ``channel`` and judge them again; those that may go must be sent."""
    settle_early(channel, now=now)
    recover(channel, now=now)
    claimed, judged = _take(channel, worker=worker, now=now, limit=batch)
    return Batch(channel, worker, now, claimed, judged)


def send(batch: Batch, transport: Transport) -> None:
    """Give a batch to the network and store its answers. Raises `TransportDown` after the messages were put back."""
    if not batch.judged:
        return
    channel, worker, now = batch.channel, batch.worker, batch.now
    outgoing, broken = _composed(channel, batch.judged)
    rows = {one.taken.id: _row(one) for one in batch.judged}
    try:
        results = transport.send(outgoing) if outgoing else []
    except TransportDown:
        release(list(rows), worker=worker, now=now)
        raise
    except Exception:
        log.exception("contacts.transport_failed", extra={"channel": channel, "count": len(outgoing)})
        results = [SendResult(message.id, "uncertain", detail="the transport failed") for message in outgoing]
    store_results(channel, rows, [*results, *broken], worker=worker, now=now)
    if secret := [one.taken.id for one in batch.judged if one.taken.sealed]:
        over = [one.message_id for one in (*results, *broken) if one.outcome in ("accepted", "rejected")]
        Awaited.objects.filter(message__in=set(secret) & set(over)).update(sealed="")


@transaction.atomic
def _take(channel: str, *, worker: str, now: datetime, limit: int) -> tuple[int, list[Judged]]:
    one_at_a_time(_JUDGING)
    due = Message.objects.filter(channel=channel, state=State.QUEUED, not_before__lte=now)
    ids = claim(
        due.order_by("not_before", "id"),
        to_state=State.SENDING,
        worker=worker,
        now=now,
        lease=settings.CLAIM_LEASE,
        limit=limit,
    )
    if not ids:
        return 0, []
    taken = [
        Taken(*row)
        for row in Message.objects.filter(id__in=listed(ids)).order_by("id").values_list(*_COLUMNS)
    ]
    assessed = assess_all([_ask(channel, one) for one in taken], now=now, besides=ids)
    origins: defaultdict[str, list[int]] = defaultdict(list)
    for one in taken:
        if one.origin_id is not None:
            origins[one.origin].append(one.origin_id)
    blocked = guards.blocked(origins)
    judged, held = [], {}
    events = []
    for one, answer in zip(taken, assessed, strict=True):
        verdict = answer.verdict
        reason = blocked.get((one.origin, one.origin_id)) if one.origin_id is not None else None
        if one.awaited_until is not None and one.awaited_until < now:
            reason = NOBODY_WAITS
        if reason is None and verdict.decision == "send":
            judged.append(Judged(one, answer))
            continue
        waits = reason is None and verdict.decision == "wait"
        fault = "" if waits else ("guard" if reason else "policy")
        held[one.id] = {
            "state": State.QUEUED if waits else State.DROPPED,
            "claimed_by": "",
            "lease_until": None,
            "not_before": verdict.until if waits else now,
            "verdict": verdict.to_json(),
            "fault": fault,
            "detail": reason or verdict.reason,
        }
        if not waits:
            events.append(
                MessageStateChanged(
                    one.id,
                    one.client_id,
                    one.origin,
                    one.origin_id,
                    State.DROPPED,
                    fault,
                    reason or verdict.reason,
                )
            )
    update_rows(Message, held)
    _note_new_addresses(judged)
    publish_all(events, now=now)
    return len(ids), judged


def _note_new_addresses(judged: Sequence[Judged]) -> None:
    """A client whose address changed since the message was asked for gets it at the new one."""
    moved = {
        one.taken.id: {"contact_point": one.assessed.point.id, "address": one.assessed.point.value}
        for one in judged
        if one.assessed.point
        and one.assessed.point.id
        and (one.assessed.point.id, one.assessed.point.value)
        != (one.taken.contact_point_id, one.taken.address)
    }
    update_rows(Message, moved)


def _ask(channel: str, one: Taken) -> Ask:
    return Ask(
        client_id=one.client_id,
        channel=channel,
        purpose=one.purpose,
        text=one.text,
        subject=one.subject,
        html=one.html,
        contact_point_id=one.contact_point_id,
        replies_to=one.replies_at,
        address=one.address,
        awaited=one.awaited_until is not None,
    )


def _row(one: Judged) -> Row:
    assert one.assessed.point is not None
    return Row(
        one.taken.id,
        one.taken.client_id,
        one.assessed.point.id,
        one.assessed.point.value,
        one.taken.origin,
        one.taken.origin_id,
        one.taken.attempts,
        one.taken.parts,
        one.assessed.verdict.to_json(),
    )


def _composed(channel: str, judged: Sequence[Judged]) -> tuple[list[OutgoingMessage], list[SendResult]]:
    """What goes to the transport, and rejections for what cannot be composed."""
    files = _files([one.taken.id for one in judged]) if channel in CARRY_FILES else {}
    outgoing, broken = [], []
    for one in judged:
        taken = one.taken
        try:
            outgoing.append(compose(_outgoing(channel, one, files.get(taken.id, ()))))
        except Exception as error:
            log.exception("contacts.not_composed", extra={"message_id": taken.id})
            broken.append(
                SendResult(taken.id, "rejected", fault="content", detail=f"{type(error).__name__}: {error}")
            )
    return outgoing, broken


def _outgoing(channel: str, one: Judged, files: Sequence[MessageFile]) -> Outgoing:
    taken, point = one.taken, one.assessed.point
    assert point is not None
    return Outgoing(
        id=taken.id,
        channel=channel,
        to=point.value,
        text=filled(taken.text, taken.sealed) if taken.sealed else taken.text,
        subject=taken.subject,
        html=taken.html,
        sender=taken.sender,
        purpose=taken.purpose,
        token=f"{taken.id}-{taken.token}",
        language=one.assessed.client.language,
        answers=taken.answers,
        continues=taken.continues,
        automatic="" if taken.author_id else "auto-replied" if taken.answers else "auto-generated",
        attachments=tuple(_attachment(row) for row in files),
    )


def _attachment(row: MessageFile) -> Attachment:
    with row.file.open("rb") as stored:
        return Attachment(row.name, row.content_type, stored.read())


def _files(message_ids: Collection[int]) -> dict[int, list[MessageFile]]:
    files: dict[int, list[MessageFile]] = {}
    for row in MessageFile.objects.filter(message_id__in=message_ids).order_by("id"):
        files.setdefault(row.message_id, []).append(row)
    return files
