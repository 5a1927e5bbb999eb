"""Our records of calls beside the exchange's own: after a fall of either side both say the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction

from clientela.modules.calls.models import Call, Line, Order
from clientela.modules.calls.operations.desk import take
from clientela.modules.calls.operations.journal import step
from clientela.modules.calls.ports import Ending, ExchangeRecord, LineArrived, LineEnded

Kind = Literal["missed", "not_known", "left_open", "ended_otherwise", "not_recorded"]

# Word of an end is stored a moment after it; clocks of two machines differ.
CLOSE = timedelta(seconds=3)
SETTLED = timedelta(minutes=1)


@dataclass(frozen=True)
class Difference:
    """A line about which the two sides disagreed, and whether ours was put right.

    ``missed``: it called us and we never knew; ``not_known``: somebody else answered it; ``left_open``: it is over;
    ``ended_otherwise``: it ended at another moment; ``not_recorded``: the exchange has nothing about it.
    """

    line: str
    kind: Kind
    mended: bool


def compare_records(
    records: Iterable[ExchangeRecord], *, since: datetime, now: datetime, mend: bool = True
) -> list[Difference]:
    """Lines that ended between ``since`` and a minute ago. With ``mend`` ours is put right where it can be known."""
    theirs = {record.line: record for record in records if since <= record.ended_at < now - SETTLED}
    known = {line.line: line for line in Line.objects.filter(line__in=list(theirs)).select_related("call")}
    found = []
    for record in theirs.values():
        kind = _difference(record, known.get(record.line))
        if kind is not None:
            found.append(Difference(record.line, kind, mend and _mend(kind, record, now)))
    ended = Line.objects.filter(ended_at__gte=since + CLOSE, ended_at__lt=now - SETTLED - CLOSE)
    heard = ended.exclude(rung_at=None, answered_at=None).exclude(line__in=list(theirs)).order_by("id")
    return found + [Difference(name, "not_recorded", False) for name in heard.values_list("line", flat=True)]


def _difference(record: ExchangeRecord, line: Line | None) -> Kind | None:
    if line is None:
        # A line that we rang is stored before the exchange is asked: one we do not know was not ours to ring.
        return None if not record.arrived else "missed" if record.answered_at is None else "not_known"
    if line.ended_at is None:
        return "left_open"
    return "ended_otherwise" if abs(line.ended_at - record.ended_at) > CLOSE else None


def _mend(kind: Kind, record: ExchangeRecord, now: datetime) -> bool:
    if kind not in ("missed", "left_open", "ended_otherwise"):
        return False
    with transaction.atomic():
        if kind == "missed":
            take(LineArrived(record.line, record.from_, record.to, record.began_at), now=now)
        if kind != "ended_otherwise":
            take(LineEnded(record.line, record.ended_at, Ending.NORMAL, "by the exchange's record"), now=now)
        line = Line.objects.select_related("call").get(line=record.line)
        call = Call.objects.select_for_update(of=("self",)).get(pk=line.call_id)
        if kind == "missed":
            # What the call asked of the exchange comes too late for everybody.
            Order.objects.filter(call=call).delete()
        Line.objects.filter(pk=line.pk).update(ended_at=record.ended_at)
        if line.role == Line.Role.CLIENT and call.ended_at is not None:
            call.ended_at = record.ended_at
            call.save(update_fields=["ended_at"])
        step(call, "by_record", now, why=kind, line=record.line)
    return True
