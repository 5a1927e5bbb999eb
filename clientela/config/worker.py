"""The worker: events, jobs, due touches and every channel, each in its own loop, ended together."""

import gc
import logging
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone

from clientela.config import schedule
from clientela.foundation.claims import worker_name
from clientela.foundation.jobs.heartbeats import beat
from clientela.foundation.jobs.operations import run_next
from clientela.foundation.outbox.operations import deliver
from clientela.foundation.push.sending import send_due
from clientela.foundation.resting import Rest
from clientela.foundation.webhooks.sending import Couriers
from clientela.modules.calendar.operations.reminding import send_reminders
from clientela.modules.calendar.tasks import run_letters
from clientela.modules.calls.ports import Exchange
from clientela.modules.calls.tasks import run_switchboard
from clientela.modules.contacts.tasks import run_channel
from clientela.modules.dialler.tasks import tend as tend_lists
from clientela.modules.renewals.operations.dispatch import dispatch_due
from clientela.modules.resolution.operations import Comparer
from clientela.modules.robot.operations.desk import RobotDesk
from clientela.modules.robot.tasks import turn as robot
from clientela.modules.routing.operations import route_waiting, tend

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
TICK_SECONDS = 15
ROUTING_SECONDS = 1.0
ROUTED_AT_ONCE = 500


def tune() -> None:
    """Set the interpreter up for many threads that mostly wait for the database."""
    gc.freeze()  # as for pages (config/wsgi.py)
    gc.set_threshold(50_000, 20, 50)
    # A thread whose answer has come waits so long for one that computes; storing fifty receipts waits nine times.
    sys.setswitchinterval(0.0005)


class Worker:
    """Runs the loops in threads until ``stop``; a loop that fails is logged and goes on."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.name = worker_name()
        self.lease: timedelta = settings.CLAIM_LEASE
        self.comparer = Comparer()
        self.couriers = Couriers(worker=self.name, lease=self.lease, stopping=self.stopping.is_set)
        self.threads = (
            [
                threading.Thread(target=self._loop, args=(name, step, idle), name=name, daemon=True)
                for name, step, idle in (
                    ("events", self._events, IDLE_SECONDS),
                    ("jobs", self._jobs, IDLE_SECONDS),
                    ("dispatch", self._dispatch, IDLE_SECONDS),
                    ("routing", self._routing, ROUTING_SECONDS),
                    ("webhooks", self._webhooks, IDLE_SECONDS),
                    ("reminders", self._reminders, TICK_SECONDS),
                    ("calling lists", self._calling_lists, TICK_SECONDS),
                    ("push", self._push, IDLE_SECONDS),
                    ("comparing", self._comparing, IDLE_SECONDS),
                    ("schedule", self._schedule, TICK_SECONDS),
                    ("heartbeat", self._heartbeat, TICK_SECONDS),
                )
            ]
            + [
                threading.Thread(
                    target=self._channel, args=(channel,), name=f"channel-{channel}", daemon=True
                )
                for channel in settings.TRANSPORTS
            ]
            + [
                threading.Thread(
                    target=run_letters, args=(self.stopping, self.name), name="letters", daemon=True
                )
            ]
        )
        self.threads.append(threading.Thread(target=self._exchange, name="exchange", daemon=True))

    def start(self) -> None:
        tune()
        for thread in self.threads:
            thread.start()

    def stop(self, timeout: float = 10) -> None:
        """Ask every loop to end after the piece of work in hand, and wait for them."""
        self.stopping.set()
        deadline = time.monotonic() + timeout
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if not any(thread.is_alive() for thread in self.threads):
            self.comparer.close()

    def _loop(self, name: str, step: Callable[[], bool], idle: float) -> None:
        rest = Rest(self.stopping)
        while not self.stopping.is_set():
            try:
                close_old_connections()
                worked = step()
            except Exception:
                log.exception("worker.loop_failed", extra={"loop": name})
                worked = False
                connections.close_all()
                self.stopping.wait(2)
            if not worked:
                rest.wait(idle)
        connections.close_all()

    def _events(self) -> bool:
        return deliver(worker=self.name, now=timezone.now(), lease=self.lease) > 0

    def _jobs(self) -> bool:
        return run_next(worker=self.name, now=timezone.now(), lease=self.lease)

    def _dispatch(self) -> bool:
        return dispatch_due(worker=self.name, now=timezone.now(), lease=self.lease) > 0

    def _routing(self) -> bool:
        """Overflow, taking back and escalation are due by the second; then what waits goes to who came free."""
        now = timezone.now()
        moved = tend(limit=ROUTED_AT_ONCE, now=now)
        return route_waiting(limit=ROUTED_AT_ONCE, now=now) + moved > 0

    def _webhooks(self) -> bool:
        return self.couriers.look(timezone.now())

    def _reminders(self) -> bool:
        return send_reminders(now=timezone.now()) > 0

    def _calling_lists(self) -> bool:
        return tend_lists(now=timezone.now()) > 0

    def _push(self) -> bool:
        return send_due(worker=self.name, now=timezone.now(), lease=self.lease) > 0

    def _comparing(self) -> bool:
        """New and changed cards against the base: not a job, which would wait behind an import."""
        return self.comparer.turn(now=timezone.now()) > 0

    def _schedule(self) -> bool:
        return schedule.tick(now=timezone.now()) > 0

    def _heartbeat(self) -> bool:
        """A worker that lost a loop is not well, whatever the others do."""
        if all(thread.is_alive() for thread in self.threads):
            beat(self.name, now=timezone.now())
        return False

    def _robot(self, exchange: Exchange, now: datetime) -> bool:
        return robot(exchange, worker=self.name, now=now, lease=self.lease)

    def _exchange(self) -> None:
        while not self.stopping.is_set():
            try:
                run_switchboard(self.name, self.stopping, over=RobotDesk, also=self._robot)
            except Exception:
                log.exception("worker.exchange_failed")
                connections.close_all()
                self.stopping.wait(2)
        connections.close_all()

    def _channel(self, channel: str) -> None:
        while not self.stopping.is_set():
            try:
                run_channel(channel, self.stopping)
            except Exception:
                log.exception("worker.channel_failed", extra={"channel": channel})
                self.stopping.wait(5)
        connections.close_all()
