"""A worker that connects every caller with the desk 7200 and tells what it has: for tests that kill it.

It prints a line for every step: ``connected LINES``, ``joined CLIENT DESK``.
"""

import sys
import threading
from collections.abc import Sequence

import django

django.setup()

from clientela.integrations.asterisk.adapter import AsteriskExchange, from_environment  # noqa: E402
from clientela.modules.calls.ports import LineAnswered, LineArrived, LiveLine, Ring, Told  # noqa: E402
from tests.contract.exchanges import Sounds  # noqa: E402


class Connecting:
    """`Desk` that rings the colleague for each caller."""

    def __init__(self, exchange: AsteriskExchange) -> None:
        self.exchange = exchange

    def connected(self, lines: Sequence[LiveLine]) -> None:
        print("connected", *sorted(f"{live.line}@{live.room}" for live in lines), flush=True)

    def tell(self, event: Told) -> None:
        match event:
            case LineArrived(line=line):
                self.exchange.answer(line)
                self.exchange.ring(Ring(f"desk-of-{line}", "desk:7200"))
            case LineAnswered(line=line) if line.startswith("desk-of-"):
                client = line.removeprefix("desk-of-")
                self.exchange.join("room", [client, line])
                print("joined", client, line, flush=True)


if __name__ == "__main__":
    exchange = from_environment(Sounds())
    exchange.start(Connecting(exchange))
    if "end" in sys.argv:
        sys.stdin.readline()
        exchange.close()
    else:
        threading.Event().wait()
