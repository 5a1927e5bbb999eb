"""How fast a call is at the desk, and what a call costs, on a real Asterisk.

    python -m benchmarks.calls [inbound calls at once] [outgoing calls] [a second]

Inbound: from INVITE to the moment the desk is told, and to the answer the desk gives at once; beside it the answer
Asterisk gives by itself, without us. Outgoing: every call must come out as its number says (busy, declined, no such
number, unreachable, congestion, no answer, picked up and hung up by us), with the processor time a call takes.
Goals: desk p95 500 ms; every outcome right.
"""

import os
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.test_settings")

import django

django.setup()

from clientela.integrations.asterisk.adapter import AsteriskExchange, from_environment  # noqa: E402
from clientela.modules.calls.ports import (  # noqa: E402
    Ending,
    LineAnswered,
    LineArrived,
    LineEnded,
    LiveLine,
    Ring,
    Told,
)
from tests.contract.exchanges import Sounds  # noqa: E402
from tests.servers.asterisk import Asterisk  # noqa: E402
from tests.servers.sip import Call, People  # noqa: E402

ROUNDS = 3
OUTCOMES = {
    "486": Ending.BUSY,
    "603": Ending.REJECTED,
    "404": Ending.WRONG_NUMBER,
    "480": Ending.UNREACHABLE,
    "503": Ending.CONGESTION,
    "000": Ending.NO_ANSWER,
    "200": Ending.NORMAL,
}


class Desk:
    """Answers who calls, hangs up who picks up, and notes when it was told."""

    def __init__(self) -> None:
        self.exchange: AsteriskExchange | None = None
        self.told: dict[str, float] = {}
        self.ended: dict[str, Ending] = {}
        self.ready = threading.Event()

    def connected(self, lines: Sequence[LiveLine]) -> None:
        self.ready.set()

    def tell(self, event: Told) -> None:
        assert self.exchange is not None
        match event:
            case LineArrived():
                self.told[event.from_] = time.monotonic()
                self.exchange.answer(event.line)
            case LineAnswered():
                self.exchange.hang_up(event.line)
            case LineEnded():
                self.ended[event.line] = event.ending


def wait(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)


def ring_in(people: People, count: int, to: str, first: int) -> list[Call]:
    """So many call at once, and hang up when all were answered."""
    calls = [people.call(to, from_=str(79160000000 + first + n)) for n in range(count)]
    for call in calls:
        call.wait("talking", 30)
    for call in calls:
        call.hang_up()
    return calls


def show(name: str, seconds: Sequence[float], bare: Sequence[float] | None = None) -> None:
    ms = sorted(value * 1000 for value in seconds)
    p50, p95 = statistics.median(ms), ms[int(len(ms) * 0.95) - 1]
    ratio = f"  {p50 / statistics.median(value * 1000 for value in bare):.2f} of the bare" if bare else ""
    print(f"{name:<48} p50 {p50:6.1f} ms  p95 {p95:6.1f} ms{ratio}")


def inbound(asterisk: Asterisk, people: People, desk: Desk, count: int) -> None:
    with (asterisk.folder / "etc/extensions.conf").open("a") as plan:
        plan.write("\n[clientela-inbound]\nexten => 600,1,Answer()\n same => n,Wait(30)\n")
    asterisk.console("dialplan reload")
    bare: list[float] = []
    answered: list[float] = []
    told: list[float] = []
    for number in range(ROUNDS):
        bare += [call.took for call in ring_in(people, count, "600", 0)]
        calls = ring_in(people, count, "74951234567", (number + 1) * 1000)
        answered += [call.took for call in calls]
        names = [f"+{79160000000 + (number + 1) * 1000 + n}" for n in range(count)]
        told += [desk.told[name] - call.began for name, call in zip(names, calls, strict=True)]
    print(f"{count} calls at once, {ROUNDS} rounds")
    show("INVITE to answer, Asterisk by itself", bare)
    show("INVITE to answer, when the desk answers", answered, bare)
    show("INVITE to the desk", told, bare)


def outgoing(asterisk: Asterisk, exchange: AsteriskExchange, desk: Desk, count: int, a_second: float) -> bool:
    ends = list(OUTCOMES)
    cpu, pbx, began = time.process_time(), asterisk.processor_seconds(), time.monotonic()
    for n in range(count):
        exchange.ring(Ring(f"out-{n}", f"+7999000{n:04d}{ends[n % len(ends)]}", seconds=3))
        time.sleep(max(0.0, began + (n + 1) / a_second - time.monotonic()))
    wait(lambda: len([line for line in desk.ended if line.startswith("out-")]) == count)
    took = time.monotonic() - began
    ours, theirs = time.process_time() - cpu, asterisk.processor_seconds() - pbx
    wrong = Counter(
        (ends[n % len(ends)], desk.ended[f"out-{n}"].value)
        for n in range(count)
        if desk.ended[f"out-{n}"] is not OUTCOMES[ends[n % len(ends)]]
    )
    print(
        f"{count} outgoing calls at {a_second:g}/s in {took:.1f} s: {count - wrong.total()} came out right",
        wrong or "",
    )
    print(
        f"processor a call: {ours / count * 1000:.1f} ms ours (with the people on the telephone), "
        f"{theirs / count * 1000:.1f} ms Asterisk"
    )
    return not wrong


def main() -> None:
    values = [*map(int, sys.argv[1:]), *[50, 300, 30][len(sys.argv) - 1 :]]
    asterisk = Asterisk()
    people = People(asterisk.people, asterisk.sip, ears=False)
    desk = Desk()
    desk.exchange = exchange = from_environment(Sounds(), asterisk.settings())
    try:
        exchange.start(desk)
        desk.ready.wait(10)
        inbound(asterisk, people, desk, values[0])
        if not outgoing(asterisk, exchange, desk, values[1], values[2]):
            sys.exit(1)
    finally:
        exchange.close()
        people.stop()
        asterisk.stop()


if __name__ == "__main__":
    main()
