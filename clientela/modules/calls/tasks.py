"""The switchboard: one worker holds the connection to the exchange, gives it orders and looks at the clock."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from clientela.foundation.dates import local_today
from clientela.foundation.jobs.operations import Run
from clientela.modules.calls.models import Call, Order, Recording, Watch
from clientela.modules.calls.operations.desk import StoringDesk
from clientela.modules.calls.operations.inbound import look_again
from clientela.modules.calls.operations.orders import perform
from clientela.modules.calls.operations.reconcile import compare_records
from clientela.modules.calls.ports import Desk, Exchange, ExchangeDown, KeepsRecords

log = logging.getLogger(__name__)

WATCH = "exchange"
HELD = timedelta(seconds=10)
_TURN = 0.1
# While no telephone has moved for a minute: what a page asks for then waits this long at most.
_IDLE, _LIVELY = 0.5, timedelta(minutes=1)
_LOOK = timedelta(seconds=1)
_FETCHED_FOR = timedelta(days=1)
_COMPARED_FOR = timedelta(days=1)


def exchange() -> Exchange:
    """The exchange that the settings name."""
    made: Exchange = import_string(settings.EXCHANGE)()
    return made


def hold(worker: str, *, now: datetime) -> bool:
    """Take or keep the watch; False while another worker has it."""
    Watch.objects.get_or_create(name=WATCH)
    mine = Watch.objects.filter(Q(held_by=worker) | Q(until=None) | Q(until__lt=now), name=WATCH)
    return bool(mine.update(held_by=worker, until=now + HELD))


def leave(worker: str) -> None:
    """Let another worker take the watch at once."""
    Watch.objects.filter(name=WATCH, held_by=worker).update(until=None, held_by="")


def run_switchboard(
    worker: str,
    stopping: threading.Event,
    *,
    over: Callable[[Exchange, Desk], Desk] = lambda _line, desk: desk,
    also: Callable[[Exchange, datetime], Any] = lambda _line, _now: None,
) -> None:
    """Hold the connection until ``stopping``, or until another worker has the watch.

    ``over`` sets a higher module's desk before ours, ``also`` is its own look in each turn.
    """
    while not hold(worker, now=timezone.now()):
        if stopping.wait(2):
            return
    woken = threading.Event()
    line = exchange()
    line.start(over(line, StoringDesk(wake=woken.set)))
    held = looked = moved = timezone.now()
    try:
        while not stopping.is_set():
            told = woken.wait(_TURN if timezone.now() - moved < _LIVELY else _IDLE)
            woken.clear()
            now = timezone.now()
            moved = now if told else moved
            if now - held > HELD / 3:
                if not hold(worker, now=now):
                    return
                held = now
            try:
                given, busy = turn(line, now=now), also(line, now)
                moved = now if given or busy else moved
                if now - looked > _LOOK:
                    looked = now
                    fetch(line, now=now)
            except ExchangeDown:
                stopping.wait(1)
    finally:
        line.close()
        leave(worker)


def turn(line: Exchange, *, now: datetime) -> int:
    """One look: calls whose moment has come, and orders. Returns how many orders were given."""
    for call_id in Call.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", flat=True)[:100]:
        look_again(call_id, now=now)
    return perform(line) if Order.objects.exists() else 0


def fetch(line: Exchange, *, now: datetime) -> int:
    """Bring complete recordings home; returns how many came."""
    came = 0
    since = now - _FETCHED_FOR
    for recording in Recording.objects.filter(file="", ended_at__gte=since).order_by("pk")[:20]:
        try:
            sound = line.fetch_recording(recording.name)
        except LookupError:
            continue
        recording.file.save(f"{recording.name}.wav", ContentFile(sound), save=False)
        recording.save(update_fields=["file"])
        line.forget_recording(recording.name)
        came += 1
    return came


def forget_recordings(run: Run) -> dict[str, Any]:
    """The daily job: recordings whose day has come are deleted for good."""
    today, gone = local_today(settings.TIME_ZONE, timezone.now()), 0
    for recording in Recording.objects.filter(keep_until__lt=today).iterator():
        if recording.file:
            recording.file.delete(save=False)
        recording.delete()
        gone += 1
    return {"recordings": gone}


def compare(run: Run) -> dict[str, Any]:
    """The hourly job: what the exchange wrote down about the last day and what we did are made to agree."""
    line, now = exchange(), timezone.now()
    since = now - _COMPARED_FOR
    try:
        if not isinstance(line, KeepsRecords):
            return {}
        found = compare_records(line.records(since=since), since=since, now=now)
    finally:
        line.close()
    for one in found:
        log.warning("calls.differs", extra={"line": one.line, "kind": one.kind, "mended": one.mended})
    return dict(Counter(one.kind for one in found))
