"""An SMSC for tests (SMPP 3.4): behaves as real ones do, can be told to misbehave, remembers everything.

It keeps receipts and incoming messages while the client is away and until the client has confirmed
them. The last digits of a destination choose its fate (see `FATES`).

In the test's own process: `Smsc()`. As a process: `python -m tests.servers.smsc PORT CONTROL_PORT`,
steered by `RemoteSmsc` over HTTP.
"""

import asyncio
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import smpp34

from tests.servers.process import close_listener
from tests.servers.smsc_session import Esme, decode, split_incoming, user_data

T = TypeVar("T")

OK, SYSTEM_ERROR, BIND_FAILED = 0x00, 0x08, 0x0D
INVALID_DESTINATION, THROTTLED = 0x0B, 0x58

# Ending of the destination: command status of the submit, or the state in the receipt.
FATES: dict[str, int | str] = {
    "99": INVALID_DESTINATION,
    "98": SYSTEM_ERROR,
    "97": "",  # accepted, and never heard of again
    "01": "UNDELIV",
    "02": "EXPIRED",
    "03": "REJECTD",
}
STATES = {"DELIVRD": 2, "EXPIRED": 3, "UNDELIV": 5, "REJECTD": 8}


@dataclass(frozen=True)
class Received:
    """A whole message as the subscriber's phone shows it."""

    id: str
    source: str
    destination: str
    text: str
    parts: int
    data_coding: int


@dataclass
class Delivery:
    """A `deliver_sm` that waits for a client or for its confirmation."""

    kind: str
    source: str
    destination: str
    body: bytes
    esm_class: int = 0
    data_coding: int = 0
    tlvs: list[tuple[int, bytes]] = field(default_factory=list)

    def pdu(self, sequence: int) -> bytes:
        return smpp34.DeliverSm(
            self.source,
            self.destination,
            self.body,
            source_addr_ton=1,
            source_addr_npi=1,
            esm_class=self.esm_class,
            data_coding=self.data_coding,
            tlvs=[smpp34.Tlv(tag, value) for tag, value in self.tlvs],
            sequence_number=sequence,
        ).encode()


class Smsc:
    """The server with its own thread. Commands and observations may be used from any thread."""

    def __init__(
        self,
        port: int = 0,
        *,
        system_id: str = "clientela",
        password: str = "secret",
        receipt_delay: float = 0.02,
        redeliver_after: float = 0.3,
    ) -> None:
        self.port = port
        self.system_id, self.password = system_id, password
        self.receipt_delay, self.redeliver_after = receipt_delay, redeliver_after
        self.receipt_form = "both"  # or "text", or "tlv"
        self.max_tps = 0
        self.accepted: Counter[tuple[str, str]] = Counter()
        self.inbox: list[Received] = []
        self.submits = self.throttled = self.receipts_confirmed = self.binds = 0
        self.waiting: deque[Delivery] = deque()
        self.esmes: set[Esme] = set()
        self.stalled = False
        self._throttle_next = 0
        self._drop_after = 0
        self._rate: deque[float] = deque()
        self._ids = itertools.count(1)
        self._long: dict[tuple[str, str, int, int], dict[int, str]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="smsc", daemon=True)
        self._server: asyncio.Server | None = None
        self._thread.start()
        self.come_back()

    # -- commands

    def stop(self) -> None:
        """Ends the server for good. Safe to call twice."""
        if self._thread.is_alive():
            self.go_away()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def go_away(self) -> None:
        """Close the port and cut the links."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)

    def come_back(self) -> None:
        """Open the same port again."""
        if self._server is None:
            asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(5)

    def drop(self) -> None:
        """Cut every link without a word."""
        self._do(self._drop)

    def drop_after(self, submits: int) -> None:
        """Take that many more submits; the last one is taken but not answered, and the link is cut."""
        self._drop_after = submits

    def throttle(self, submits: int) -> None:
        """Answer that many submits with ESME_RTHROTTLED."""
        self._throttle_next = submits

    def stall(self, on: bool = True) -> None:
        """Take submits but answer none."""
        self.stalled = on

    def say(self, source: str, destination: str, text: str, times: int = 1) -> None:
        """A subscriber sends an SMS; `times` 2 is a network that delivers it twice."""
        pieces = split_incoming(text, reference=next(self._ids) & 0xFFFF)
        many = len(pieces) > 1
        for _ in range(times):
            for body in pieces:
                delivery = Delivery("mo", source, destination, body, 0x40 if many else 0, 8)
                self._do(lambda delivery=delivery: self._queue(delivery))

    # -- observations

    @property
    def bound(self) -> int:
        return sum(esme.bound for esme in self.esmes)

    @property
    def pending_receipts(self) -> int:
        """Receipts no client has confirmed yet."""
        return self._do(lambda: sum(item.kind == "receipt" for item in self._unconfirmed()))

    def texts(self, destination: str) -> list[str]:
        """What the subscriber has on the screen."""
        return [item.text for item in list(self.inbox) if item.destination == destination]

    def sent_twice(self) -> dict[tuple[str, str], int]:
        """Messages accepted more than once, by destination and text."""
        return {key: count for key, count in list(self.accepted.items()) if count > 1}

    def state(self) -> dict[str, Any]:
        """Everything, in JSON types."""
        return {
            "bound": self.bound,
            "binds": self.binds,
            "submits": self.submits,
            "throttled": self.throttled,
            "receipts_confirmed": self.receipts_confirmed,
            "pending_receipts": self.pending_receipts,
            "inbox": [asdict(item) for item in list(self.inbox)],
            "accepted": [[*key, count] for key, count in list(self.accepted.items())],
        }

    # -- the thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _do(self, work: Callable[[], T]) -> T:
        async def call() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(5)

    async def _open(self) -> None:
        self._server = await self._loop.create_server(lambda: Esme(self), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            await close_listener(self._server)
            self._server = None
        self._drop()

    def _drop(self) -> None:
        for esme in list(self.esmes):
            esme.cut()

    def _unconfirmed(self) -> list[Delivery]:
        return [*self.waiting, *(item for esme in self.esmes for item in esme.outstanding.values())]

    # -- what sessions ask

    def may_bind(self, system_id: str, password: str) -> bool:
        return (system_id, password) == (self.system_id, self.password)

    def submit(self, pdu: smpp34.SubmitSm) -> tuple[int, str] | None:
        """The answer `(status, message id)`, or None for silence."""
        self.submits += 1
        if self._is_throttled():
            self.throttled += 1
            return THROTTLED, ""
        fate = next((fate for end, fate in FATES.items() if pdu.destination_addr.endswith(end)), "DELIVRD")
        if isinstance(fate, int):
            return fate, ""
        message_id = f"{next(self._ids):010x}"
        self._take(pdu, message_id)
        if fate and pdu.registered_delivery & 1:
            receipt = self._receipt(pdu, message_id, fate)
            self._loop.call_later(self.receipt_delay, self._queue, receipt)
        if self._drop_after:
            self._drop_after -= 1
            if not self._drop_after:
                self._drop()
                return None
        return None if self.stalled else (OK, message_id)

    def _is_throttled(self) -> bool:
        if self._throttle_next:
            self._throttle_next -= 1
            return True
        if not self.max_tps:
            return False
        now = time.monotonic()
        while self._rate and now - self._rate[0] >= 1:
            self._rate.popleft()
        if len(self._rate) >= self.max_tps:
            return True
        self._rate.append(now)
        return False

    def _take(self, pdu: smpp34.SubmitSm, message_id: str) -> None:
        place, body = user_data(pdu)
        text = decode(body, pdu.data_coding)
        total = 1
        if place is not None:
            reference, total, number = place
            key = (pdu.source_addr, pdu.destination_addr, reference, total)
            pieces = self._long.setdefault(key, {})
            pieces[number] = text
            if len(pieces) < total:
                return
            text = "".join(pieces[number] for number in sorted(pieces))
            del self._long[key]
        self.accepted[pdu.destination_addr, text] += 1
        self.inbox.append(
            Received(message_id, pdu.source_addr, pdu.destination_addr, text, total, pdu.data_coding)
        )

    def _receipt(self, pdu: smpp34.SubmitSm, message_id: str, status: str) -> Delivery:
        moment = datetime.now().strftime("%y%m%d%H%M")
        done = "001" if status == "DELIVRD" else "000"
        words = (
            f"id:{message_id} sub:001 dlvrd:{done} submit date:{moment} done date:{moment} "
            f"stat:{status} err:000 text:"
        )
        tlvs = [(tlv.tag, tlv.value) for tlv in pdu.tlvs if tlv.tag == smpp34.TLV_USER_MESSAGE_REFERENCE]
        if self.receipt_form != "text":
            tlvs.append((smpp34.TLV_RECEIPTED_MESSAGE_ID, message_id.encode() + b"\0"))
            tlvs.append((smpp34.TLV_MESSAGE_STATE, bytes([STATES[status]])))
        body = b"" if self.receipt_form == "tlv" else words.encode()
        return Delivery("receipt", pdu.destination_addr, pdu.source_addr, body, esm_class=4, tlvs=tlvs)

    def _queue(self, delivery: Delivery) -> None:
        self.waiting.append(delivery)
        self.pump()

    def put_back(self, deliveries: list[Delivery]) -> None:
        """What a client did not confirm is kept, in its old place."""
        self.waiting.extendleft(reversed(deliveries))

    def refused(self, delivery: Delivery) -> None:
        self._loop.call_later(self.redeliver_after, self._queue, delivery)

    def pump(self) -> None:
        """Give what waits to the clients that are bound."""
        for esme in self.esmes:
            while self.waiting and esme.has_room:
                esme.deliver(self.waiting.popleft())


if __name__ == "__main__":
    import sys

    from tests.servers.smsc_control import serve

    serve(Smsc(int(sys.argv[1])), int(sys.argv[2]))
