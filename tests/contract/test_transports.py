"""The contract of `contacts.ports.Transport`: every adapter passes every test here."""

import itertools
import time
from collections.abc import Iterator

import pytest

from clientela.integrations.local.transport import LocalEmail, LocalSms, LocalVk
from clientela.modules.contacts.ports import OutgoingMessage, TransportDown
from tests.contract.networks import (
    LocalNetwork,
    MailNetwork,
    Network,
    SmppNetwork,
    StoringInbox,
    TelegramNetwork,
    VkNetwork,
    callback_server,
    wait_until,
)

pytestmark = pytest.mark.server

LONG = (
    "Уважаемая Вера Павловна! Полис ХХХ 0123456789 заканчивается 31.12.2026. Ёлки, щётки — всё на месте. " * 8
)
# Unlike any id of an earlier test on the shared mail servers.
_ids = itertools.count(int(time.time()) % 1_000_000_000)


@pytest.fixture(params=["local-sms", "local-email", "local-vk", "smpp", "smtp+imap", "vk", "telegram"])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    match request.param:
        case "local-sms":
            yield LocalNetwork(LocalSms, "+79990000010", "+79990000099")
        case "local-email":
            yield LocalNetwork(LocalEmail, "vera@client.test", "not an address")
        case "local-vk":
            yield LocalNetwork(LocalVk, "1001", "vera")
        case "smpp":
            yield SmppNetwork(request.getfixturevalue("smsc"))
        case "smtp+imap":
            yield MailNetwork(request.getfixturevalue("mail_servers"))
        case "telegram":
            yield TelegramNetwork(request.getfixturevalue("telegram_server"))
        case "vk":
            server = request.getfixturevalue("vk_server")
            vk = VkNetwork(server)
            with callback_server(vk.transport) as server.callback_url:
                yield vk


@pytest.fixture
def inbox() -> StoringInbox:
    return StoringInbox()


@pytest.fixture
def started(network: Network, inbox: StoringInbox) -> Iterator[Network]:
    network.transport.start(inbox)
    yield network
    network.transport.close()


def _message(network: Network, text: str, *, to: str = "") -> OutgoingMessage:
    number = next(_ids)
    return OutgoingMessage(
        number, network.transport.channel, to or network.address, f"{text} [{number}]", subject=f"№ {number}"
    )


def test_a_message_is_accepted_and_arrives(started: Network) -> None:
    message = _message(started, "Ваш полис готов")

    [result] = started.transport.send([message])

    assert (result.message_id, result.outcome, result.fault) == (message.id, "accepted", None)
    assert result.provider_ids
    wait_until(lambda: started.arrived().count(message.text) == 1)


def test_a_long_cyrillic_text_arrives_whole(started: Network) -> None:
    message = _message(started, LONG)

    [result] = started.transport.send([message])

    assert result.outcome == "accepted"
    wait_until(lambda: started.arrived().count(message.text) == 1)


def test_a_receipt_arrives_and_names_the_message(started: Network, inbox: StoringInbox) -> None:
    message = _message(started, "Напоминание")
    [result] = started.transport.send([message])
    started.read(result)

    def receipts() -> list[str]:
        return [
            receipt.outcome
            for receipt in list(inbox.all_receipts)
            if receipt.provider_id in result.provider_ids or receipt.message_id == message.id
        ]

    if started.receipt is None:
        assert receipts() == []
        return
    wait_until(receipts)
    assert receipts() == [started.receipt]


def test_an_invalid_address_is_rejected(started: Network, inbox: StoringInbox) -> None:
    message = _message(started, "Никому", to=started.bad_address)

    [result] = started.transport.send([message])

    assert (result.message_id, result.outcome, result.fault) == (message.id, "rejected", "address")
    assert result.provider_ids == ()
    assert message.text not in started.arrived()


def test_results_come_in_the_order_of_the_batch(started: Network) -> None:
    batch = [
        _message(started, "Первое"),
        _message(started, "Второе", to=started.bad_address),
        _message(started, "Третье"),
        _message(started, "Четвёртое", to=started.bad_address),
    ]

    results = started.transport.send(batch)

    assert [(result.message_id, result.outcome) for result in results] == [
        (batch[0].id, "accepted"),
        (batch[1].id, "rejected"),
        (batch[2].id, "accepted"),
        (batch[3].id, "rejected"),
    ]
    assert started.transport.send([]) == []


def test_a_reply_arrives_once_when_the_network_delivers_it_twice(
    started: Network, inbox: StoringInbox
) -> None:
    message = _message(started, "Продлим полис?")
    started.transport.send([message])
    wait_until(lambda: message.text in started.arrived())
    answer = f"Да, продлите, пожалуйста! [{message.id}]"

    started.reply(message, answer, 2)

    wait_until(lambda: inbox.deliveries >= 2)
    wait_until(lambda: inbox.from_address(started.address, answer))
    [incoming] = inbox.from_address(started.address, answer)
    assert (incoming.channel, incoming.text, incoming.automatic) == (message.channel, answer, False)


def test_a_reply_that_could_not_be_stored_comes_again(started: Network, inbox: StoringInbox) -> None:
    message = _message(started, "Когда вам позвонить?")
    started.transport.send([message])
    wait_until(lambda: message.text in started.arrived())
    inbox.fail_next = 1
    answer = f"Завтра после обеда [{message.id}]"

    started.reply(message, answer, 1)

    wait_until(lambda: inbox.from_address(started.address, answer))
    assert inbox.fail_next == 0
    assert len(inbox.from_address(started.address, answer)) == 1


def test_a_server_that_is_away_means_transport_down(network: Network, inbox: StoringInbox) -> None:
    transport = network.away()
    transport.start(inbox)
    try:
        with pytest.raises(TransportDown):
            transport.send([_message(network, "Никуда")])
    finally:
        transport.close()
    assert inbox.all_receipts == []


def test_closing_twice_is_safe(network: Network, inbox: StoringInbox) -> None:
    network.transport.start(inbox)
    network.transport.close()
    network.transport.close()
