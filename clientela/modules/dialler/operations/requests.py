"""Asking for calls: once for each origin, whoever repeats it; and not wanting them any more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from clientela.foundation.bulk import listed
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.dialler.events import EntryChanged, EntryEnded
from clientela.modules.dialler.models import CallingList, Entry

CHUNK = 1000
State = Entry.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A client whom an operator shall call until ``until``.

    ``reasons`` are short sentences in English of the asker's catalogue. ``asked``: the client waits for this call.
    ``again``: an entry that is over is opened anew.
    """

    client_id: int
    list: str
    origin: str
    origin_id: int
    until: datetime
    reasons: Sequence[str] = ()
    subject: str = ""
    ends_on: date | None = None
    premium: Decimal | None = None
    asked: bool = False
    not_before: datetime | None = None
    again: bool = False


class NoList(LookupError):
    """There is no list with this code that is in use."""


@transaction.atomic
def request_calls(requests: Sequence[Request], *, now: datetime, added_by: Any = None) -> int:
    """Put clients on lists; returns how many are called now who were not before. Raises ``NoList``.

    An entry that was taken off because its asker or the facts stopped it comes back when it is asked for again.
    """
    if not requests:
        return 0
    lists = dict(
        CallingList.objects.active().filter(code__in={r.list for r in requests}).values_list("code", "pk")
    )
    missing = {one.list for one in requests} - lists.keys()
    if missing:
        raise NoList(", ".join(sorted(missing)))
    known = _known(requests, lists)
    fresh = [one for one in requests if (lists[one.list], one.origin, one.origin_id) not in known]
    Entry.objects.bulk_create(
        [
            Entry(
                calling_id=lists[one.list], origin=one.origin, origin_id=one.origin_id, client_id=one.client_id,
                added_by=added_by, created_at=now, **_values(one, now),
            )
            for one in fresh
        ],
        ignore_conflicts=True, batch_size=CHUNK,
    )  # fmt: skip
    back = []
    for one in requests:
        entry = known.get((lists[one.list], one.origin, one.origin_id))
        if entry is not None and (_returns(entry) or (one.again and entry.state == State.DONE)):
            for name, value in _values(one, now).items():
                setattr(entry, name, value)
            entry.state, entry.dropped, entry.fault, entry.ended_at = State.WAITING, "", "", None
            if one.again:
                entry.outcome, entry.attempts = "", 0
            back.append(entry)
    fields = [
        "subject", "reasons", "ends_on", "premium", "asked", "next_at", "until", "state", "dropped", "fault",
        "ended_at", "outcome", "attempts",
    ]  # fmt: skip
    Entry.objects.bulk_update(back, fields, batch_size=CHUNK)
    touched = set(lists.values())
    publish_all([EntryChanged(0, 0, list_id) for list_id in sorted(touched)], now=now)
    return len(fresh) + len(back)


def _returns(entry: Entry) -> bool:
    return entry.state == State.DROPPED and entry.fault in ("guard", "asker", "policy")


def _values(one: Request, now: datetime) -> dict[str, Any]:
    return {
        "subject": one.subject[:200], "reasons": [reason[:160] for reason in one.reasons][:5],
        "ends_on": one.ends_on, "premium": one.premium, "asked": one.asked,
        "next_at": max(one.not_before or now, now), "until": one.until,
    }  # fmt: skip


def _known(requests: Sequence[Request], lists: Mapping[str, int]) -> dict[tuple[int, str, int], Entry]:
    found: dict[tuple[int, str, int], Entry] = {}
    for origin in {one.origin for one in requests}:
        ids = [one.origin_id for one in requests if one.origin == origin]
        rows = Entry.objects.select_for_update(of=("self",)).filter(
            origin=origin, origin_id__in=listed(ids), calling__in=lists.values()
        )
        found |= {(row.calling_id, origin, row.origin_id): row for row in rows.order_by("id")}
    return found


@transaction.atomic
def withdraw(*, origin: str, reasons: Mapping[int, str], now: datetime) -> int:
    """The asker does not want these calls any more, each for its reason; a talk that goes on is left to its end.

    Returns how many entries were taken off.
    """
    rows = list(
        Entry.objects.select_for_update(of=("self",))
        .filter(origin=origin, origin_id__in=listed(list(reasons)), state__in=[State.WAITING, State.TAKEN])
        .order_by("id")
    )
    talking = _talked_to(rows)
    gone = [row for row in rows if row.pk not in talking]
    for row in gone:
        row.state, row.dropped, row.fault = State.DROPPED, reasons[row.origin_id][:40], "asker"
        row.ended_at, row.taken_by, row.claimed_by, row.lease_until = now, None, "", None
    fields = ["state", "dropped", "fault", "ended_at", "taken_by", "claimed_by", "lease_until"]
    Entry.objects.bulk_update(gone, fields, batch_size=CHUNK)
    publish_all(
        [
            EntryEnded(
                row.pk, row.client_id, row.calling_id, row.origin, row.origin_id, row.outcome, row.dropped, row.fault
            )
            for row in gone
        ],
        now=now,
    )  # fmt: skip
    return len(gone)


def _talked_to(rows: Collection[Entry]) -> set[int]:
    """Entries whose last attempt is still open: what came of it is about to be said."""
    taken = [row.pk for row in rows if row.state == State.TAKEN]
    return set(
        Entry.objects.filter(pk__in=taken, tries__outcome="", tries__undone_at=None).values_list(
            "pk", flat=True
        )
    )


def postpone(*, origin: str, origin_ids: Collection[int], until: datetime) -> int:
    """Nobody calls for these before ``until``; later moments stay. Returns how many wait longer now."""
    rows = Entry.objects.filter(
        origin=origin, origin_id__in=listed(list(origin_ids)), state=State.WAITING, next_at__lt=until
    )
    return rows.update(next_at=until)


def bring_forward_calls(*, origin: str, origin_ids: Collection[int], now: datetime) -> int:
    """What held these calls is over: those that wait are due now. Returns how many."""
    rows = Entry.objects.filter(
        origin=origin, origin_id__in=listed(list(origin_ids)), state=State.WAITING, next_at__gt=now
    )
    return rows.update(next_at=now, asked=False)
