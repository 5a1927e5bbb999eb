"""What became of messages that were under way: the transport's answers, and workers that died."""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F

from clientela.foundation.bulk import insert_missing, read_rows, update_rows
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.clients.models import ContactPoint
from clientela.modules.clients.operations import mark_contact_point_bad
from clientela.modules.contacts.events import MessageStateChanged
from clientela.modules.contacts.models import Message, ProviderId
from clientela.modules.contacts.ports import SendResult

State = Message.State
MAX_ATTEMPTS = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 3600.0
_THROTTLED_PAUSE = (2.0, 6.0)
# ``fault`` of a message that is queued again because nobody knows what became of its first sending.
UNCERTAIN = "uncertain"


class Row(NamedTuple):
    """A message given to the transport."""

    id: int
    client_id: int | None
    point_id: int
    address: str
    origin: str
    origin_id: int | None
    attempts: int
    parts: int
    verdict: dict[str, Any]


def release(message_ids: Collection[int], *, worker: str, now: datetime) -> int:
    """Put messages back that were taken but not attempted."""
    mine = Message.objects.filter(id__in=message_ids, state=State.SENDING, claimed_by=worker)
    return mine.update(state=State.QUEUED, claimed_by="", lease_until=None)


@transaction.atomic
def store_results(
    channel: str, rows: Mapping[int, Row], results: Sequence[SendResult], *, worker: str, now: datetime
) -> None:
    """Write down the transport's answers in a fixed number of statements.

    An answer counts even when it comes late (the lease ended, the message became uncertain), as long as no
    other worker took the message meanwhile. What a receipt has told already is not taken back.
    """
    mine = _lock(list(rows), worker)
    sent: dict[int, dict[str, Any]] = {}
    others: dict[int, dict[str, Any]] = {}
    provider_ids: list[dict[str, Any]] = []
    bad: dict[int, str] = {}
    events = []
    for result in results:
        row = rows[result.message_id]
        if result.outcome in ("accepted", "uncertain"):
            provider_ids += [
                {"message": row.id, "channel": channel, "value": value} for value in result.provider_ids
            ]
        if result.outcome == "rejected" and result.fault == "address":
            bad[row.point_id] = result.detail
        if row.id not in mine:
            continue
        if result.outcome == "accepted":
            parts = len(result.provider_ids) or row.parts
            sent[row.id] = {"sent_at": now, "parts": parts, "verdict": row.verdict}
            events.append(_event(row, State.SENT, "", ""))
            continue
        values = _after(result, row, now)
        others[row.id] = values | {"verdict": row.verdict}
        if values["state"] == State.FAILED:
            events.append(_event(row, State.FAILED, values["fault"], values["detail"]))
    _mark_sent(sent)
    update_rows(Message, others)
    insert_missing(ProviderId, provider_ids)
    publish_all(events, now=now)
    for point in ContactPoint.objects.filter(id__in=bad).select_related("client") if bad else ():
        mark_contact_point_bad(now=now, contact_point=point, reason=bad[point.pk])


def _lock(message_ids: Sequence[int], worker: str) -> set[int]:
    """Those of the messages whose fate this worker may still tell."""
    rows = read_rows(Message, ("id", "state", "claimed_by", "fault"), "id", message_ids, lock=True)
    return {
        message_id
        for message_id, state, claimed_by, fault in rows
        if (state in (State.SENDING, State.UNCERTAIN) and claimed_by == worker)
        or (state == State.QUEUED and fault == UNCERTAIN)
    }


def _mark_sent(sent: Mapping[int, Mapping[str, Any]]) -> None:
    common: dict[str, Any] = {
        "state": State.SENT,
        "claimed_by": "",
        "lease_until": None,
        "fault": "",
        "detail": "",
    }
    update_rows(Message, {message_id: {**values, **common} for message_id, values in sent.items()})


def _after(result: SendResult, row: Row, now: datetime) -> dict[str, Any]:
    """The fields of a message that was not accepted."""
    fault, detail = result.fault or "", result.detail[:400]
    values: dict[str, Any] = {"claimed_by": "", "lease_until": None, "fault": fault, "detail": detail}
    values |= {"attempts": row.attempts, "not_before": now}
    if result.outcome == "uncertain":
        return values | {
            "state": State.UNCERTAIN,
            "lease_until": now + settings.UNCERTAIN_WINDOW,
            "fault": UNCERTAIN,
        }
    if result.outcome == "rejected":
        return values | {"state": State.FAILED}
    if fault == "throttled":  # the network's pace is no failure of the message
        pause = max(random.uniform(*_THROTTLED_PAUSE), result.retry_after)
        return values | {"state": State.QUEUED, "not_before": now + timedelta(seconds=pause)}
    attempts = row.attempts + 1
    if attempts >= MAX_ATTEMPTS:
        return values | {"state": State.FAILED, "attempts": attempts}
    pause = min(_FIRST_PAUSE * 2**row.attempts, _LONGEST_PAUSE)
    return values | {
        "state": State.QUEUED,
        "attempts": attempts,
        "not_before": now + timedelta(seconds=pause),
    }


def _event(row: Row, state: str, fault: str, detail: str) -> MessageStateChanged:
    return MessageStateChanged(row.id, row.client_id, row.origin, row.origin_id, state, fault, detail)


def recover(channel: str, *, now: datetime) -> int:
    """Messages whose worker died while sending become uncertain and wait for a receipt that tells.

    When the waiting is over, those of which the network has shown every part count as sent, the rest are
    queued again. Returns how many changed.
    """
    # Of a plan kept for any moment PostgreSQL knows only by "is not null" that these rows are few.
    overdue = Message.objects.filter(channel=channel, lease_until__lt=now, lease_until__isnull=False)
    changed = overdue.filter(state=State.SENDING).update(
        state=State.UNCERTAIN, lease_until=now + settings.UNCERTAIN_WINDOW, fault=UNCERTAIN
    )
    if overdue.filter(state=State.UNCERTAIN).exists():
        changed += _give_up_waiting(channel, now=now)
    return changed


@transaction.atomic
def _give_up_waiting(channel: str, *, now: datetime) -> int:
    over = Message.objects.filter(
        channel=channel, state=State.UNCERTAIN, lease_until__lt=now, lease_until__isnull=False
    )
    skip = connection.features.has_select_for_update_skip_locked
    columns = (
        "id",
        "client_id",
        "contact_point_id",
        "address",
        "origin",
        "origin_id",
        "attempts",
        "parts",
        "verdict",
    )
    locked = over.select_for_update(skip_locked=skip, no_key=True).order_by("id")[:1000]
    rows = [Row(*values) for values in locked.values_list(*columns)]
    known = Counter(
        dict(
            ProviderId.objects.filter(message_id__in=[row.id for row in rows])
            .values_list("message_id")
            .annotate(Count("id"))
        )
    )
    by_fate: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if known[row.id] >= row.parts:
            by_fate[State.SENT].append(row)
        elif row.attempts + 1 >= MAX_ATTEMPTS:
            by_fate[State.FAILED].append(row)
        else:
            by_fate[State.QUEUED].append(row)
    for state, some in by_fate.items():
        values: dict[str, Any] = {"state": state, "claimed_by": "", "lease_until": None}
        if state == State.SENT:
            values |= {"sent_at": now, "fault": "", "detail": ""}
        else:
            values |= {"attempts": F("attempts") + 1, "not_before": now}
        Message.objects.filter(id__in=[row.id for row in some]).update(**values)
    # Ids of a sending that is repeated say nothing about the repetition.
    ProviderId.objects.filter(message_id__in=[row.id for row in by_fate[State.QUEUED]]).delete()
    publish_all(
        [
            *(_event(row, State.SENT, "", "") for row in by_fate[State.SENT]),
            *(_event(row, State.FAILED, UNCERTAIN, "") for row in by_fate[State.FAILED]),
        ],
        now=now,
    )
    return len(rows)
