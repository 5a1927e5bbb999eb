from datetime import UTC, datetime

import pytest
import time_machine

from clientela.integrations.local.transport import LocalEmail, LocalSms, LocalTransport, LocalVk
from clientela.modules.contacts.ports import (
    IncomingMessage,
    OutgoingMessage,
    Receipt,
    SendResult,
    TransportDown,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Inbox:
    def __init__(self) -> None:
        self.taken: list[Receipt] = []
        self.messages: list[IncomingMessage] = []

    def receipts(self, receipts: list[Receipt]) -> None:
        self.taken += receipts

    def incoming(self, messages: list[IncomingMessage]) -> None:
        self.messages += messages


def started(kind: type[LocalTransport]) -> tuple[LocalTransport, Inbox]:
    transport, inbox = kind(), Inbox()
    transport.start(inbox)
    return transport, inbox


@time_machine.travel(NOW, tick=False)
def test_a_message_is_accepted_and_delivered_at_once() -> None:
    transport, inbox = started(LocalSms)

    results = transport.send([OutgoingMessage(7, "sms", "+79990000010", "Здравствуйте")])

    assert results == [SendResult(7, "accepted", ("local-sms-7-1",))]
    assert inbox.taken == [
        Receipt(
            channel="sms",
            outcome="delivered",
            at=NOW,
            provider_id="local-sms-7-1",
            message_id=7,
            to_address="+79990000010",
        )
    ]


@pytest.mark.parametrize(
    ("end", "outcome", "receipt"),
    [
        ("0010", "accepted", ["delivered"]),
        ("0001", "accepted", ["undelivered"]),
        ("0002", "accepted", ["expired"]),
        ("0003", "accepted", ["rejected"]),
        ("0097", "accepted", []),
        ("0098", "retry", []),
        ("0099", "rejected", []),
    ],
)
@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [(LocalSms, "+7999000", ""), (LocalEmail, "client", "@client.test"), (LocalVk, "1", "")],
)
def test_the_end_of_the_address_chooses_the_fate(
    kind: type[LocalTransport], before: str, after: str, end: str, outcome: str, receipt: list[str]
) -> None:
    transport, inbox = started(kind)

    [result] = transport.send([OutgoingMessage(7, transport.channel, before + end + after, "x")])

    assert result.outcome == outcome
    assert [taken.outcome for taken in inbox.taken] == receipt


def test_it_can_be_switched_off() -> None:
    transport, inbox = started(LocalEmail)
    transport.down = True

    with pytest.raises(TransportDown):
        transport.send([OutgoingMessage(7, "email", "vera@client.test", "x")])
    assert inbox.taken == []


def test_the_client_answers() -> None:
    transport, inbox = started(LocalVk)

    transport.receive("1001", "77", "Да", external_id="a")
    transport.receive("1001", "77", "Да")
    transport.receive("1001", "77", "Да")

    assert [(message.channel, message.from_address, message.text) for message in inbox.messages] == [
        ("vk", "1001", "Да")
    ] * 3
    assert len({message.external_id for message in inbox.messages}) == 3
