"""Calls of the robot over a real Asterisk: every outcome right, processor time a call, ours and Asterisk's.

``CLIENTELA_DATABASE_URL=… python -m benchmarks.robot_asterisk [calls] [a second]``

The telephones are people of the test's SIP server: they hear each question out and press the next key of their part.
What is said is short, so that a call takes as long as the waiting of the dialogue and the listening for an answering
machine. The day is the benchmark's own, a Wednesday noon; the seconds are real.
"""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from django.db import connections

from benchmarks import base
from benchmarks.robot import TODAY, prepare, report
from clientela.integrations.asterisk.adapter import from_environment
from clientela.modules.robot.models import Attempt, RobotCall
from clientela.modules.robot.operations.desk import RobotDesk
from clientela.modules.robot.tasks import turn
from tests.contract.exchanges import Sounds
from tests.servers.asterisk import Asterisk
from tests.servers.sip import People

# As in `benchmarks.robot`; the last three digits say what becomes of a call, see `tests.servers.sip`.
PARTS = (
    ("11111", "200", "agreed"),
    ("9", "200", "stopped"),
    ("12", "200", "handed_over"),
    ("131", "200", "promised"),
    ("1412", "200", "renewed"),
    ("143", "200", "sold"),
    ("22", "200", "wrong_person"),
    ("", "200", "silent"),
    ("", "486", "busy"),
    ("", "480", "unreachable"),
)
LEASE = timedelta(minutes=1)
PATIENCE = 180.0  # seconds after the last call began


class Clock:
    """A Wednesday noon in Moscow, and the seconds since."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return datetime(2026, 11, 18, 9, 0, tzinfo=UTC) + timedelta(seconds=time.monotonic() - self._began)


def main(calls: int, rate: float) -> None:
    base.ready(max(1000, calls), TODAY)
    from django.conf import settings

    settings.ROBOT_LINES, settings.ROBOT_PACE = calls + 1, 1_000_000
    clients = prepare(calls, Clock()(), PARTS)
    asterisk = Asterisk()
    people = People(asterisk.people, asterisk.sip, ears=False)
    exchange = from_environment(Sounds(), asterisk.settings())
    clock = Clock()
    try:
        exchange.start(RobotDesk(exchange, clock=clock))
        while not exchange.connected:
            time.sleep(0.05)
        for place, client in enumerate(clients):
            due = clock() + timedelta(seconds=place / rate)
            RobotCall.objects.filter(origin="benchmark", origin_id=client).update(next_at=due)
        spent, pbx, began = time.process_time(), asterisk.processor_seconds(), time.monotonic()
        with ThreadPoolExecutor(32) as fingers:
            _run(exchange, clock, clients, people, fingers, until=began + calls / rate + PATIENCE)
        ours, theirs = time.process_time() - spent, asterisk.processor_seconds() - pbx
        wrong = report(clients, ours, time.monotonic() - began, PARTS)
        print(
            f"Asterisk {1000 * theirs / len(clients):.1f} ms a call; ours is with the people on the telephone"
        )
    finally:
        exchange.close()
        people.stop()
        asterisk.stop()
        connections.close_all()
    sys.exit(1 if wrong else 0)


def _run(exchange, clock, clients, people, fingers, *, until: float) -> None:  # type: ignore[no-untyped-def]
    """Ring, press keys and look after the calls until each was rung once and is over."""
    keys_of = {client: PARTS[place % len(PARTS)][0] for place, client in enumerate(clients)}
    pressed = Counter[str]()
    while time.monotonic() < until:
        turn(exchange, worker="benchmark", now=clock(), lease=LEASE)
        live = Attempt.objects.filter(ended_at=None, answered_at__isnull=False).select_related("call")
        for attempt in live:
            keys, talk = keys_of[attempt.client_id], attempt.call.talk
            due = f"{attempt.line}-{talk.get('moves')}"
            if talk.get("phase") == "listening" and pressed[attempt.line] < len(keys) and not pressed[due]:
                pressed[due] += 1
                fingers.submit(people.rung(attempt.call.address).press, keys[pressed[attempt.line]])
                pressed[attempt.line] += 1
        over = Attempt.objects.filter(call__origin="benchmark", ended_at__isnull=False)
        if over.values("client").distinct().count() == len(clients) and not RobotCall.objects.live().exists():
            return
        time.sleep(0.05)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, float(sys.argv[2]) if len(sys.argv) > 2 else 30)
