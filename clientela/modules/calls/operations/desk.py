"""Where the exchange tells what happens: each word is one short transaction."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from clientela.modules.calls.models import Call, Line, Recording
from clientela.modules.calls.operations import inbound, outbound, talking
from clientela.modules.calls.operations.journal import hang_up, locked, order, step, tell
from clientela.modules.calls.ports import (
    Ending,
    KeyPressed,
    LineAnswered,
    LineArrived,
    LineEnded,
    LineRinging,
    LiveLine,
    PromptEnded,
    RecordingEnded,
    Told,
)

log = logging.getLogger(__name__)
_ALIVE_FOR = 1.0  # seconds


@dataclass
class _Arrival:
    event: LineArrived
    taken: bool = False
    stored: bool = False


class StoringDesk:
    """`Desk` that keeps everything in the database. When a call returns, it is stored for good.

    ``wake`` is called after each word: there may be orders for the exchange.
    """

    def __init__(
        self, *, clock: Callable[[], datetime] = timezone.now, wake: Callable[[], None] = lambda: None
    ) -> None:
        self.clock, self.wake = clock, wake
        self._used = 0.0
        self._arrivals: deque[_Arrival] = deque()
        self._turn = threading.Lock()

    def connected(self, lines: Sequence[LiveLine]) -> None:
        self._drop_dead_connection()
        reconcile(lines, now=self.clock())
        self.wake()

    def tell(self, event: Told) -> None:
        self._drop_dead_connection()
        if isinstance(event, LineArrived):
            self._arrive(_Arrival(event))
        else:
            take(event, now=self.clock())
        self.wake()

    def _arrive(self, mine: "_Arrival") -> None:
        """Calls that came while another was being stored are stored together by the first of them.

        Each word still waits until it is stored. What cannot be stored together is stored alone, and fails alone.
        """
        self._arrivals.append(mine)
        with self._turn:
            if mine.taken:
                if not mine.stored:
                    inbound.arrived(mine.event, now=self.clock())
                return
            some = [self._arrivals.popleft() for _ in range(len(self._arrivals))]
            for one in some:
                one.taken = True
            if len(some) > 1:
                try:
                    inbound.arrived_together([one.event for one in some], now=self.clock())
                except Exception:
                    log.exception("calls.not_stored_together", extra={"calls": len(some)})
                else:
                    for one in some:
                        one.stored = True
            if not mine.stored:
                inbound.arrived(mine.event, now=self.clock())

    def _drop_dead_connection(self) -> None:
        """As in `StoringInbox`: the exchange's threads live long."""
        before, self._used = self._used, time.monotonic()
        idle = self._used - before > _ALIVE_FOR
        if (idle or connection.errors_occurred) and not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def take(event: Told, *, now: datetime) -> None:
    """Store one word of the exchange and decide what follows. A word told twice counts once."""
    if isinstance(event, LineArrived):
        inbound.arrived(event, now=now)
    elif isinstance(event, RecordingEnded):
        Recording.objects.filter(name=event.recording, ended_at=None).update(
            ended_at=event.at, seconds=max(0, event.seconds)
        )
    else:
        known = Line.objects.filter(line=event.line).values_list("call_id", flat=True).first()
        if known is not None:
            with transaction.atomic():
                call = locked(known)
                _happened(call, Line.objects.get(line=event.line), event, now)


def _happened(
    call: Call,
    line: Line,
    event: LineRinging | LineAnswered | LineEnded | KeyPressed | PromptEnded,
    now: datetime,
) -> None:
    if line.state == Line.State.ENDED:
        return
    line.call = call
    match event:
        case LineRinging():
            if line.state == Line.State.ASKED:
                line.state, line.rung_at = Line.State.RINGING, event.at
                line.save(update_fields=["state", "rung_at"])
                tell(call, now, [line.person_id])
        case LineAnswered():
            _answered(call, line, event, now)
        case LineEnded():
            line.state, line.ended_at = Line.State.ENDED, event.at
            line.ending, line.cause = event.ending, event.cause[:80]
            line.save(update_fields=["state", "ended_at", "ending", "cause"])
            if call.state == Call.State.ENDED:
                return
            if line.role == Line.Role.CLIENT:
                talking.client_gone(call, line, now, event.ending, event.cause)
            else:
                talking.staff_gone(call, line, now, event.ending, event.cause)
        case KeyPressed():
            if line.role == Line.Role.CLIENT:
                inbound.pressed(call, event.key, now)
        case PromptEnded():
            if line.role == Line.Role.CLIENT:
                inbound.said(call, event.prompt, now)


def _answered(call: Call, line: Line, event: LineAnswered, now: datetime) -> None:
    if line.answered_at is not None or line.state == Line.State.LEAVING:
        return
    line.state, line.answered_at = Line.State.UP, event.at
    line.save(update_fields=["state", "answered_at"])
    if call.state == Call.State.ENDED:
        hang_up(line, now)
    elif line.role == Line.Role.SUPERVISOR:
        outbound.overhear(call, line, now)
    elif line.role == Line.Role.COLLEAGUE:
        outbound.consulted(call, line, now)
    elif call.is_in or call.answered_at is not None:
        talking.begin(call, line, now)
    elif line.role == Line.Role.DESK:
        outbound.dial(call, line, now)
    else:
        desk = call.lines.filter(role=Line.Role.DESK, state=Line.State.UP).first()
        if desk is None:
            hang_up(line, now)
        else:
            talking.begin(call, desk, now)


def reconcile(lines: Sequence[LiveLine], *, now: datetime) -> None:
    """After a break: end what is gone, note what was answered meanwhile, let nobody wait on a line nobody knows."""
    alive = {one.line: one for one in lines}
    ours = Line.objects.exclude(state=Line.State.ENDED).order_by("id")
    for line in list(ours.select_related("call")):
        found = alive.get(line.line)
        asked = line.call.orders.filter(verb="ring", args__line=line.line).exists()
        if found is not None and found.answered and line.answered_at is None:
            take(LineAnswered(line.line, now), now=now)
        elif found is None and not asked:
            step(line.call, "lost", now, line.person_id, role=line.role)
            take(LineEnded(line.line, now, Ending.FAILED, "lost"), now=now)
    known = set(Line.objects.filter(line__in=list(alive)).values_list("line", flat=True))
    for one in lines:
        if one.line not in known and one.arrived is not None:
            take(one.arrived, now=now)
    with transaction.atomic():
        for one in lines:
            if one.line not in known and one.arrived is None:
                order(None, "hang_up", now, line=one.line, ending=Ending.FAILED.value)
        # A call whose last line went while nobody looked has nothing left that could end it.
        for call in Call.objects.live().exclude(lines__state__in=_ALIVE):
            call = locked(call.pk)
            talking.end(call, now, Ending.FAILED, "lost")
            tell(call, now)


_ALIVE = [state for state in Line.State.values if state != Line.State.ENDED]
