"""A network in the hands of a test: it answers as it is told and remembers what it got."""

from collections.abc import Callable, Sequence
from datetime import datetime

from clientela.modules.contacts.models import Message
from clientela.modules.contacts.ports import OutgoingMessage, Receipt, SendResult
from clientela.modules.contacts.rules import sms_size

Answer = Callable[[OutgoingMessage], SendResult]


def accepted(message: OutgoingMessage) -> SendResult:
    parts = sms_size(message.text).parts if message.channel == "sms" else 1
    return SendResult(
        message.id, "accepted", tuple(f"net-{message.id}-{part}" for part in range(1, parts + 1))
    )


class Network:
    """`Transport` whose answer to each message is ``answer``; ``before`` runs while a batch is on the wire."""

    def __init__(self, channel: str = "sms", answer: Answer = accepted) -> None:
        self.channel = channel
        self.answer = answer
        self.before: Callable[[Sequence[OutgoingMessage]], None] = lambda batch: None
        self.got: list[OutgoingMessage] = []

    def start(self, inbox: object) -> None: ...

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        self.before(batch)
        self.got += batch
        return [self.answer(message) for message in batch]

    def close(self) -> None: ...


def receipt(
    message: Message, at: datetime, outcome: str = "delivered", *, part: int = 1, **fields: object
) -> Receipt:
    """What the network says later about a part of a message it accepted."""
    values: dict = {
        "channel": message.channel, "outcome": outcome, "at": at, "to_address": message.address,
        "provider_id": f"net-{message.pk}-{part}",
    }  # fmt: skip
    return Receipt(**values | fields)
