"""What every change to a call leaves: a step, the exchange's orders, and word to the screens."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clientela.foundation.outbox.operations import publish_all
from clientela.modules.calls.events import CallChanged
from clientela.modules.calls.models import Call, CallStep, Line, Order


@dataclass
class _Kept:
    """What waits for the end of ``together``."""

    steps: list[CallStep] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    told: dict[int, tuple[Call, set[int | None]]] = field(default_factory=dict)


_kept: ContextVar[_Kept | None] = ContextVar("calls_kept", default=None)


@contextmanager
def together(now: datetime) -> Iterator[None]:
    """Store the steps, orders and words to screens of what happens within in four statements, at its end.

    Within one transaction, which is the caller's; the order of steps and of orders is kept.
    """
    kept = _Kept()
    before = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(before)
    CallStep.objects.bulk_create(kept.steps)
    Order.objects.bulk_create(kept.orders)
    _tell(kept.told, now)


def step(call: Call, kind: str, now: datetime, person_id: int | None = None, **facts: Any) -> None:
    """Write down what happened, for people to read."""
    row = CallStep(call=call, at=now, kind=kind, person_id=person_id, facts=facts)
    if kept := _kept.get():
        kept.steps.append(row)
    else:
        row.save(force_insert=True)


def order(call: Call | None, verb: str, now: datetime, **args: Any) -> None:
    """Ask the exchange for something once this transaction is over."""
    row = Order(call=call, verb=verb, args=args, at=now)
    if kept := _kept.get():
        kept.orders.append(row)
    else:
        row.save(force_insert=True)


def locked(call_id: int) -> Call:
    """The call, held to the end of the transaction: what happens to one call happens in turn."""
    return Call.objects.select_for_update(of=("self",)).get(pk=call_id)


def lines_of(call: Call, *roles: str) -> list[Line]:
    """Lines of the call that are not over, the oldest first; of these roles, or all."""
    rows = call.lines.exclude(state=Line.State.ENDED).order_by("id")
    return list(rows.filter(role__in=roles) if roles else rows)


def client_line(call: Call) -> Line | None:
    """The client's connection, while there is one."""
    return next(iter(lines_of(call, Line.Role.CLIENT)), None)


def new_line(
    call: Call, role: str, name: str, now: datetime, *, count: int | None = None, **values: Any
) -> Line:
    """A line of the call; ``name`` makes its id, which is ours and the same whenever it is asked for.

    ``count``: how many lines the call has, where that is known.
    """
    count = (call.lines.count() if count is None else count) + 1
    return Line.objects.create(
        call=call, line=f"c{call.pk}-{name}-{count}", role=role, asked_at=now, **values
    )


def hang_up(line: Line, now: datetime, ending: str = "normal") -> None:
    """Let a line go; it is over when the exchange says so."""
    if line.state in (Line.State.ENDED, Line.State.LEAVING):
        return
    line.state = Line.State.LEAVING
    line.save(update_fields=["state"])
    order(line.call, "hang_up", now, line=line.line, ending=ending)


def tell(call: Call, now: datetime, people: Collection[int | None] = ()) -> None:
    """Let the screens of whoever has to do with the call look again."""
    if kept := _kept.get():
        kept.told.setdefault(call.pk, (call, set()))[1].update(people)
    else:
        _tell({call.pk: (call, set(people))}, now)


def _tell(told: dict[int, tuple[Call, set[int | None]]], now: datetime) -> None:
    on_lines: defaultdict[int, set[int | None]] = defaultdict(set)
    lines = Line.objects.filter(call__in=list(told)).exclude(state=Line.State.ENDED)
    for call_id, person in lines.values_list("call_id", "person_id"):
        on_lines[call_id].add(person)
    changes = []
    for call, people in told.values():
        concerned = {call.person_id, call.offered_to_id} | people | on_lines[call.pk]
        who = sorted(person for person in concerned if person is not None)
        changes.append(CallChanged(call.pk, call.client_id, call.direction, call.state, who))
    publish_all(changes, now=now)
