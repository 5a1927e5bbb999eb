"""Calls of the robot over the local exchange: every outcome right, processor time a call.

``CLIENTELA_DATABASE_URL=… python -m benchmarks.robot [calls] [a second]``

Time is the benchmark's own: it goes on as fast as the work is done, so that what is measured is our work and not the
length of speech. Who is rung plays a part by the place in the list, see ``PARTS``.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks import base
from clientela.integrations.local.exchange import LocalExchange
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Consent
from clientela.modules.robot.models import Attempt, RobotCall
from clientela.modules.robot.operations.desk import RobotDesk
from clientela.modules.robot.operations.requests import Request, request_calls
from clientela.modules.robot.operations.shipped import load_shipped
from clientela.modules.robot.operations.talking import words_of
from clientela.modules.robot.rules.dialogue import VARIABLES
from clientela.modules.robot.tasks import turn

TODAY = date(2026, 11, 18)
# What each part presses at each question, the end of its number, and what must come of it.
PARTS = (
    ("11111", "0001", "agreed"),
    ("9", "0002", "stopped"),
    ("12", "0003", "handed_over"),
    ("131", "0004", "promised"),
    ("1412", "0005", "renewed"),
    ("143", "0006", "sold"),
    ("22", "0007", "wrong_person"),
    ("", "0008", "silent"),
    ("", "0486", "busy"),
    ("", "0480", "unreachable"),
)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def prepare(calls: int, now: datetime, parts: Sequence[tuple[str, str, str]] = PARTS) -> list[int]:
    """Clients of Moscow time with a number and a consent each, and a request for each."""
    load_shipped(now=now, active_from=date(2026, 1, 1))
    clients = list(
        Client.objects.filter(robot_calls=None).order_by("id").values_list("id", flat=True)[:calls]
    )
    Client.objects.filter(id__in=clients).update(
        time_zone="Europe/Moscow", do_not_contact=False, contact_from=None, contact_to=None
    )
    ContactPoint.objects.filter(client_id__in=clients, kind="phone").delete()
    Consent.objects.filter(client_id__in=clients, channel="call").delete()
    ContactPoint.objects.bulk_create(
        ContactPoint(
            client_id=client, kind="phone", value=f"+7917{place:0{7 - len(end)}}{end}", is_primary=True,
            created_at=now, verified_at=now,
        )
        for place, client in enumerate(clients)
        for end in [parts[place % len(parts)][1]]
    )  # fmt: skip
    Consent.objects.bulk_create(
        Consent(client_id=client, purpose="service", channel="call", granted_at=now) for client in clients
    )
    words = {name: variable.sample for name, variable in VARIABLES.items()}
    request_calls(
        [
            Request(client_id=client, dialogue="renewal", origin="benchmark", origin_id=client, values=words, until=now + timedelta(days=1))
            for client in clients
        ],
        now=now,
    )  # fmt: skip
    return clients


def main(calls: int, rate: int) -> None:
    base.ready(max(1000, calls), TODAY)
    from django.conf import settings

    settings.ROBOT_LINES, settings.ROBOT_PACE = calls, 1_000_000  # the pace is the benchmark's
    clock = Clock()
    clients = prepare(calls, clock())
    with tempfile.TemporaryDirectory() as folder:
        exchange = LocalExchange(Path(folder) / "x.sqlite3", words_of, clock=lambda: clock().timestamp())
        desk = RobotDesk(exchange, clock=clock)
        RobotCall.objects.filter(origin="benchmark").update(next_at=clock() + timedelta(days=9))
        began, cpu, place, pressed = time.perf_counter(), time.process_time(), 0, Counter[str]()
        while place < len(clients) or RobotCall.objects.live().exists():
            due = clients[place : place + rate]
            RobotCall.objects.filter(origin_id__in=due, origin="benchmark").update(next_at=clock())
            place += len(due)
            while turn(exchange, worker="benchmark", now=clock(), lease=timedelta(minutes=1)) and due:
                pass
            act(exchange, pressed)
            clock.now += timedelta(seconds=1)
            exchange.pass_time()
            while exchange.deliver(desk):
                pass
        spent, wall = time.process_time() - cpu, time.perf_counter() - began
    report(clients, spent, wall)


def act(exchange: LocalExchange, pressed: Counter[str]) -> None:
    """Everybody picks up, hears each question out and presses the next key of the part."""
    for attempt in Attempt.objects.filter(ended_at=None).select_related("call"):
        keys = next(keys for keys, end, _ in PARTS if attempt.call.address.endswith(end))
        if attempt.answered_at is None:
            exchange.pick_up(attempt.line)
        elif attempt.call.talk.get("phase") == "listening" and pressed[attempt.line] < len(keys):
            exchange.dial(attempt.line, keys[pressed[attempt.line]])
            pressed[attempt.line] += 1


def report(
    clients: list[int], spent: float, wall: float, parts: Sequence[tuple[str, str, str]] = PARTS
) -> int:
    """Print what came of the calls; returns how many came out wrong."""
    calls = {
        call.client_id: call
        for call in RobotCall.objects.filter(origin="benchmark").prefetch_related("attempts")
    }
    found, wrong = Counter[str](), 0
    for place, client in enumerate(clients):
        call, expected = calls[client], parts[place % len(parts)][2]
        first = next(iter(call.attempts.all()), None)
        came = call.outcome or call.dropped or (first.ending if first else call.state)
        found[came] += 1
        wrong += came != expected
    print(f"{len(clients)} calls, wrong outcomes {wrong}: {dict(found)}")
    print(f"processor {1000 * spent / len(clients):.1f} ms a call, {wall:.1f} s in all")
    return wrong


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, int(sys.argv[2]) if len(sys.argv) > 2 else 30)
