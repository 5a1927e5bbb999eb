"""A sender of SMS that dies by SIGKILL at a chosen moment.

``claimed|half|answered|stored`` sends the first batch and dies: after the claim, with half of the batch submitted, with
every answer in hand, or with the answers stored. ``to-the-end`` sends until every message has its receipt.
"""

import os
import signal
import threading
import time
from collections.abc import Sequence
from typing import Any, NoReturn

from django.utils import timezone

from clientela.foundation.claims import worker_name
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import Draft, StoringInbox, deliver, queue_messages
from clientela.modules.contacts.ports import OutgoingMessage, SendResult
from clientela.modules.contacts.tasks import open_transport, run_channel

BATCH = 20
# Four parts on the wire; the words differ so that the simulator tells messages to one phone apart.
TEXT = "Иван, Ваш полис ОСАГО № {number:010} заканчивается 05.12.26. Продлить его можно у агента. " * 2


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


class Dying:
    """A real transport that ends the process at ``moment``."""

    def __init__(self, transport: Any, moment: str) -> None:
        self.transport, self.moment, self.channel = transport, moment, "sms"

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        if self.moment == "claimed":
            die()
        if self.moment == "half":
            self.transport.send(batch[: len(batch) // 2])
            die()
        results = self.transport.send(batch)
        if self.moment == "answered":
            die()
        return results


def ask(count: int) -> None:
    """Two messages to each of the first clients: one phone may have several in doubt."""
    clients = list(Client.objects.order_by("id").values_list("id", flat=True)[:count])
    queue_messages(
        [
            Draft(
                client_id=client_id, channel="sms", text=TEXT.format(number=client_id * 10 + copy),
                origin="faults.sender", origin_id=client_id * 10 + copy,
            )
            for client_id in clients
            for copy in (0, 1)
        ],
        now=timezone.now(),
    )  # fmt: skip


def fall(moment: str) -> None:
    transport = open_transport("sms")
    # Whoever is killed takes its receipts along unconfirmed: the network will bring them again.
    transport.start(StoringInbox("sms"))
    time.sleep(0.5)
    while not getattr(transport, "connected", True):
        time.sleep(0.05)
    deliver("sms", Dying(transport, moment), worker=worker_name(), now=timezone.now(), batch=BATCH)  # type: ignore[arg-type]
    die()


def to_the_end() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=run_channel, args=("sms", stop), kwargs={"batch": BATCH})
    thread.start()
    deadline = time.monotonic() + 90
    open_states = ["queued", "sending", "uncertain", "sent"]
    while time.monotonic() < deadline and Message.objects.filter(state__in=open_states).exists():
        time.sleep(0.3)
    stop.set()
    thread.join()


def main(words: Sequence[str]) -> None:
    match words:
        case ["ask", count]:
            ask(int(count))
        case ["to-the-end"]:
            to_the_end()
        case [moment]:
            fall(moment)
