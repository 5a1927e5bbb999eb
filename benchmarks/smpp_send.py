"""How many SMS a second the SMPP adapter sends, beside smpp34's bare client on the same simulator.

    python -m benchmarks.smpp_send [messages]

Both bind once, keep a window of 50, ask for receipts and take them; rounds alternate, medians are shown.
The adapter also encodes, cuts, matches results and confirms receipts only after its inbox has them.
Goal: a ratio of at least 0.5.
"""

import asyncio
import statistics
import sys
import threading
import time

import smpp34

from clientela.integrations.smpp.settings import SmppSettings
from clientela.integrations.smpp.transport import SmppTransport
from clientela.modules.contacts.ports import IncomingMessage, OutgoingMessage, Receipt
from tests.servers.smsc_control import RemoteSmsc

TEXT = "Вера Павловна, полис заканчивается 31.12. Продлим?"
WINDOW, BATCH, ROUNDS = 50, 500, 3
GOAL = 0.5


class CountingInbox:
    def __init__(self, expected: int) -> None:
        self._left = expected
        self.done = threading.Event()

    def receipts(self, receipts: list[Receipt]) -> None:
        self._left -= len(receipts)
        if self._left <= 0:
            self.done.set()

    def incoming(self, messages: list[IncomingMessage]) -> None:
        raise AssertionError("nobody writes here")


def adapter(port: int, count: int) -> tuple[float, float]:
    """Seconds until all are accepted, and until all receipts are stored."""
    inbox = CountingInbox(count)
    transport = SmppTransport(
        SmppSettings(
            host="127.0.0.1",
            port=port,
            system_id="clientela",
            password="secret",
            sender="Prichal",
            window=WINDOW,
        )
    )
    transport.start(inbox)
    messages = [OutgoingMessage(n, "sms", f"+7900{n:07d}10", TEXT) for n in range(count)]
    while not transport.connected:
        time.sleep(0.01)
    began = time.perf_counter()
    for start in range(0, count, BATCH):
        results = transport.send(messages[start : start + BATCH])
        assert all(result.outcome == "accepted" for result in results)
    sent = time.perf_counter() - began
    assert inbox.done.wait(60)
    received = time.perf_counter() - began
    transport.close()
    return sent, received


async def bare(port: int, count: int) -> tuple[float, float]:
    """The same with smpp34's client, which confirms receipts by itself."""
    # It frees a place in its window a little after the answer, and refuses when none is free; a receipt for which
    # it has no room it refuses with a PDU one byte longer than it says.
    client = smpp34.Client(
        "127.0.0.1", port, "clientela", "secret",
        bind_type="TRX", window_size=2 * WINDOW, inbound_capacity=count,
    )  # fmt: skip
    smsc = await client.connect()
    left = count
    body = TEXT.encode("utf-16-be")

    async def take() -> None:
        nonlocal left
        while left:
            if isinstance(await smsc.next(), smpp34.DeliverSmEvent):
                left -= 1

    numbers = iter(range(count))

    async def submit() -> None:
        for n in numbers:
            answer = await smsc.submit_sm(
                f"7900{n:07d}10", body, source_addr="Prichal", data_coding=8, registered_delivery=1
            )
            assert answer.is_success

    taker = asyncio.create_task(take())
    began = time.perf_counter()
    await asyncio.gather(*(submit() for _ in range(WINDOW)))
    sent = time.perf_counter() - began
    await taker
    received = time.perf_counter() - began
    await smsc.unbind()
    await client.stop()
    return sent, received


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    server = RemoteSmsc()
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    try:
        for _ in range(ROUNDS):
            ours.append(adapter(server.port, count))
            theirs.append(asyncio.run(bare(server.port, count)))
    finally:
        server.stop()
    for place, name in enumerate(("submitted", "with receipts")):
        rates = [count / statistics.median(row[place] for row in rows) for rows in (ours, theirs)]
        print(
            f"{name:14} adapter {rates[0]:7.0f} msg/s  bare smpp34 {rates[1]:7.0f} msg/s  "
            f"ratio {rates[0] / rates[1]:.2f} (goal {GOAL})"
        )


if __name__ == "__main__":
    main()
