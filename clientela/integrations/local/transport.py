"""Channels that accept everything at once. The message stays where we keep it and is shown from there.

The end of an address (before its @) chooses another fate, see `FAULTS`.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from clientela.modules.contacts.ports import (
    Channel,
    Inbox,
    IncomingMessage,
    OutgoingMessage,
    Receipt,
    ReceiptOutcome,
    SendResult,
    TransportDown,
)
from clientela.modules.contacts.rules import sms_size

Fate = Literal["invalid", "throttled", "silent", "undelivered", "expired", "rejected"]

FAULTS: Mapping[str, Fate] = {
    "0099": "invalid",
    "0098": "throttled",
    "0097": "silent",
    "0001": "undelivered",
    "0002": "expired",
    "0003": "rejected",
}
_RECEIPTS: dict[Fate, ReceiptOutcome] = {
    "undelivered": "undelivered",
    "expired": "expired",
    "rejected": "rejected",
}


class LocalTransport:
    """`Transport` with no network behind it. Receipts come while `send` runs, in the same thread.

    `down` makes every `send` raise `TransportDown`; `receive` is the client's answer.
    """

    channel: Channel

    def __init__(self, faults: Mapping[str, Fate] = FAULTS) -> None:
        self.down = False
        self._faults = faults
        self._inbox: Inbox | None = None

    def start(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def close(self) -> None:
        self._inbox = None

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        if self.down:
            raise TransportDown("switched off")
        results = []
        receipts = []
        now = datetime.now(UTC)
        for message in batch:
            fate = self._fate(message.to)
            if fate == "invalid" or not self._is_address(message.to):
                results.append(
                    SendResult(message.id, "rejected", fault="address", detail="not such an address")
                )
                continue
            if fate == "throttled":
                results.append(SendResult(message.id, "retry", fault="throttled", detail="too many messages"))
                continue
            provider_ids = tuple(
                f"local-{self.channel}-{message.id}-{part}" for part in range(1, self._parts(message) + 1)
            )
            results.append(SendResult(message.id, "accepted", provider_ids))
            if fate != "silent":
                outcome: ReceiptOutcome = _RECEIPTS[fate] if fate else "delivered"
                receipts += [
                    Receipt(
                        channel=self.channel,
                        outcome=outcome,
                        at=now,
                        provider_id=provider_id,
                        message_id=message.id,
                        to_address=message.to,
                    )
                    for provider_id in provider_ids
                ]
        if receipts and self._inbox is not None:
            self._inbox.receipts(receipts)
        return results

    def receive(self, from_address: str, to_address: str, text: str, *, external_id: str = "") -> None:
        """The client writes to us; the same `external_id` is the same message again."""
        if self._inbox is None:
            raise RuntimeError("start the transport first")
        self._inbox.incoming(
            [
                IncomingMessage(
                    channel=self.channel,
                    external_id=external_id or f"local-{uuid.uuid4()}",
                    from_address=from_address,
                    to_address=to_address,
                    text=text,
                    at=datetime.now(UTC),
                )
            ]
        )

    def _fate(self, address: str) -> Fate | None:
        name = address.partition("@")[0]
        return next((fate for end, fate in self._faults.items() if name.endswith(end)), None)

    def _parts(self, message: OutgoingMessage) -> int:
        """How many parts the network would make of it; each has its own id and receipt."""
        return 1

    def _is_address(self, address: str) -> bool:
        raise NotImplementedError


class LocalSms(LocalTransport):
    channel: Channel = "sms"

    def _parts(self, message: OutgoingMessage) -> int:
        return sms_size(message.text).parts

    def _is_address(self, address: str) -> bool:
        digits = address.removeprefix("+")
        return digits.isdecimal() and 3 <= len(digits) <= 15


class LocalEmail(LocalTransport):
    channel: Channel = "email"

    def _is_address(self, address: str) -> bool:
        name, at, domain = address.rpartition("@")
        return bool(name and at and "." in domain) and not any(char.isspace() for char in address)


class LocalVk(LocalTransport):
    channel: Channel = "vk"

    def _is_address(self, address: str) -> bool:
        return address.isdecimal()


class LocalVkWall(LocalVk):
    channel: Channel = "vk_wall"


class LocalTelegram(LocalTransport):
    channel: Channel = "telegram"

    def _is_address(self, address: str) -> bool:
        return address.isdecimal()
