"""The SMPP adapter against the simulated SMSC: limits, faults and broken links."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from clientela.integrations.smpp.settings import SmppSettings
from clientela.integrations.smpp.transport import SmppTransport, from_environment
from clientela.modules.contacts.ports import (
    IncomingMessage,
    OutgoingMessage,
    Receipt,
    SendResult,
    TransportDown,
)
from tests.servers.smsc import Smsc

LONG = "Полис заканчивается через месяц, продлите его. " * 5  # 235 characters, 4 parts


class Inbox:
    def __init__(self) -> None:
        self.taken: list[Receipt] = []
        self.messages: list[IncomingMessage] = []
        self.fail = 0

    def receipts(self, receipts: list[Receipt]) -> None:
        if self.fail:
            self.fail -= 1
            raise RuntimeError("the database is away")
        self.taken += receipts

    def incoming(self, messages: list[IncomingMessage]) -> None:
        self.messages += messages


def wait_until(condition: Callable[[], object], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def settings(smsc: Smsc) -> SmppSettings:
    return SmppSettings(
        host="127.0.0.1",
        port=smsc.port,
        system_id="clientela",
        password="secret",
        sender="Prichal",
        backoff=(0.05, 0.2),
        throttle_pause=0.05,
        connect_wait=2,
    )


@pytest.fixture
def start(settings: SmppSettings, inbox: Inbox) -> Iterator[Callable[..., SmppTransport]]:
    opened: list[SmppTransport] = []

    def open_transport(**changes: object) -> SmppTransport:
        transport = SmppTransport(replace(settings, **changes))  # type: ignore[arg-type]
        opened.append(transport)
        transport.start(inbox)
        return transport

    yield open_transport
    for transport in opened:
        transport.close()


def sms(number: int, text: str = "Привет", to: str = "") -> OutgoingMessage:
    return OutgoingMessage(number, "sms", to or f"+7999{number:05d}10", text)


def outcomes(results: list[SendResult]) -> list[tuple[str, str | None]]:
    return [(result.outcome, result.fault) for result in results]


def test_every_part_has_its_provider_id_and_a_single_one_our_reference(
    smsc: Smsc, start: Callable[..., SmppTransport], inbox: Inbox
) -> None:
    single, long = start().send([sms(70_000), sms(70_001, LONG)])

    assert [len(single.provider_ids), len(long.provider_ids)] == [1, 4]
    wait_until(lambda: len(inbox.taken) == 5)
    assert [
        receipt.message_id_low16 for receipt in inbox.taken if receipt.provider_id in single.provider_ids
    ] == [70_000 % 65536]
    assert {
        receipt.message_id_low16 for receipt in inbox.taken if receipt.provider_id in long.provider_ids
    } == {None}
    assert [(item.text, item.parts, item.source) for item in smsc.inbox] == [
        ("Привет", 1, "Prichal"),
        (LONG, 4, "Prichal"),
    ]


@pytest.mark.parametrize(
    ("message", "fault", "detail"),
    [
        (sms(1, to="8 (999) abc"), "address", "not a phone number"),
        (sms(1, text=""), "content", "no text"),
        (sms(1, text="я" * 20_000), "content", "299 parts"),
        (OutgoingMessage(1, "sms", "+79990000010", "x", sender="Причал"), "policy", "Latin"),
        (sms(1, to="+79990000099"), "address", "0x0000000b"),
    ],
)
def test_what_can_never_go_is_rejected(
    smsc: Smsc,
    start: Callable[..., SmppTransport],
    message: OutgoingMessage,
    fault: str,
    detail: str,
) -> None:
    [result] = start().send([message])

    assert (result.outcome, result.fault) == ("rejected", fault)
    assert detail in result.detail
    assert smsc.inbox == []


def test_a_throttled_message_may_be_sent_again(smsc: Smsc, start: Callable[..., SmppTransport]) -> None:
    transport = start(window=1)
    smsc.throttle(1)

    results = transport.send([sms(1), sms(2)])

    assert outcomes(results) == [("retry", "throttled"), ("accepted", None)]
    assert outcomes(transport.send([sms(1)])) == [("accepted", None)]
    assert (smsc.throttled, smsc.sent_twice()) == (1, {})


def test_a_throttled_part_goes_again_without_its_sisters(
    smsc: Smsc, start: Callable[..., SmppTransport]
) -> None:
    transport = start(window=1)
    transport.send([sms(1)])
    smsc.max_tps = 3  # of the next four parts the last is refused until a second has passed

    [result] = start(window=1, throttle_pause=0.5).send([sms(2, LONG)])

    assert result.outcome == "accepted"
    assert len(result.provider_ids) == 4
    assert smsc.texts("79990000210") == [LONG]
    assert smsc.submits - smsc.throttled == 5


def test_server_trouble_may_be_tried_again(smsc: Smsc, start: Callable[..., SmppTransport]) -> None:
    assert outcomes(start().send([sms(1, to="+79990000098")])) == [("retry", "server")]
    assert smsc.inbox == []


def test_no_more_messages_a_second_than_agreed(smsc: Smsc, start: Callable[..., SmppTransport]) -> None:
    transport = start(tps=50)
    began = time.monotonic()

    results = transport.send([sms(number) for number in range(26)])

    assert set(outcomes(results)) == {("accepted", None)}
    assert 0.48 <= time.monotonic() - began < 2


def test_the_window_is_never_exceeded(smsc: Smsc, start: Callable[..., SmppTransport]) -> None:
    transport = start(window=5, response_timeout=0.3)
    smsc.stall()

    results = transport.send([sms(number) for number in range(20)])

    # Five were submitted and not answered; the rest never left.
    assert outcomes(results) == [("uncertain", "connection")] * 5 + [("retry", "connection")] * 15
    assert smsc.submits == 5


def test_a_link_that_breaks_leaves_no_message_in_doubt_twice(
    smsc: Smsc, start: Callable[..., SmppTransport], inbox: Inbox
) -> None:
    transport = start(window=4)
    transport.send([sms(900)])
    smsc.drop_after(10)

    batch = [sms(number) for number in range(30)]
    results = transport.send(batch)

    kinds = [result.outcome for result in results]
    accepted, uncertain = kinds.count("accepted"), kinds.count("uncertain")
    # The SMSC took ten; those answered are accepted, those in the window are uncertain, the rest may go.
    assert accepted < 10 <= accepted + uncertain
    assert uncertain <= 4
    assert kinds == ["accepted"] * accepted + ["uncertain"] * uncertain + ["retry"] * (
        30 - accepted - uncertain
    )
    again = [message for message, kind in zip(batch, kinds, strict=True) if kind == "retry"]
    assert {result.outcome for result in transport.send(again)} == {"accepted"}
    assert smsc.sent_twice() == {}
    # Receipts resolve the uncertain ones: the network kept them for the next bind.
    wait_until(lambda: smsc.receipts_confirmed == len(smsc.inbox))
    taken = {receipt.message_id_low16 for receipt in inbox.taken}
    reached = {item.destination for item in smsc.inbox}
    for message, kind in zip(batch, kinds, strict=True):
        if kind == "uncertain":
            assert (message.id in taken) == (message.to.removeprefix("+") in reached)


def test_a_long_message_cut_in_the_middle_may_be_sent_again(
    smsc: Smsc, start: Callable[..., SmppTransport]
) -> None:
    transport = start(window=1)
    transport.send([sms(900)])
    smsc.drop_after(2)

    [result] = transport.send([sms(1, LONG)])

    # The second part is in doubt, but the third and fourth never left: no phone has shown the message.
    assert (result.outcome, result.fault) == ("retry", "connection")
    assert smsc.texts("79990000110") == []
    assert outcomes(transport.send([sms(1, LONG)])) == [("accepted", None)]
    assert smsc.texts("79990000110") == [LONG]


def test_receipts_wait_at_the_smsc_while_we_are_away(
    smsc: Smsc, start: Callable[..., SmppTransport], inbox: Inbox
) -> None:
    smsc.receipt_delay = 0.2
    transport = start()
    [result] = transport.send([sms(1)])
    transport.close()
    wait_until(lambda: smsc.pending_receipts == 1)
    assert inbox.taken == []

    start()

    wait_until(lambda: inbox.taken)
    assert [(receipt.outcome, receipt.provider_id) for receipt in inbox.taken] == [
        ("delivered", result.provider_ids[0])
    ]
    wait_until(lambda: smsc.pending_receipts == 0)


def test_a_receipt_that_could_not_be_stored_comes_again(
    smsc: Smsc, start: Callable[..., SmppTransport], inbox: Inbox
) -> None:
    inbox.fail = 1

    start().send([sms(1)])

    wait_until(lambda: inbox.taken)
    assert (inbox.fail, len(inbox.taken)) == (0, 1)
    wait_until(lambda: smsc.receipts_confirmed == 1)


@pytest.mark.parametrize("form", ["text", "tlv", "both"])
def test_every_form_of_receipt_is_read(
    smsc: Smsc, start: Callable[..., SmppTransport], inbox: Inbox, form: str
) -> None:
    smsc.receipt_form = form

    results = start().send(
        [sms(1), sms(2, to="+79990000001"), sms(3, to="+79990000002"), sms(4, to="+79990000003")]
    )

    wait_until(lambda: len(inbox.taken) == 4)
    found = {receipt.provider_id: receipt.outcome for receipt in inbox.taken}
    assert [found[result.provider_ids[0]] for result in results] == [
        "delivered",
        "undelivered",
        "expired",
        "rejected",
    ]


def test_a_long_reply_is_one_message(smsc: Smsc, start: Callable[..., SmppTransport], inbox: Inbox) -> None:
    start()

    smsc.say("79990000010", "0999", LONG)

    wait_until(lambda: inbox.messages)
    assert [(message.text, message.from_address) for message in inbox.messages] == [(LONG, "+79990000010")]


def test_it_comes_back_by_itself_after_the_smsc_was_away(
    smsc: Smsc, start: Callable[..., SmppTransport]
) -> None:
    transport = start(connect_wait=0.3)
    assert outcomes(transport.send([sms(1)])) == [("accepted", None)]
    smsc.go_away()
    wait_until(lambda: not transport.connected)
    with pytest.raises(TransportDown):
        transport.send([sms(2)])

    smsc.come_back()

    wait_until(lambda: smsc.bound == 1)
    assert outcomes(transport.send([sms(2)])) == [("accepted", None)]
    assert smsc.sent_twice() == {}


def test_a_wrong_password_is_told(smsc: Smsc, start: Callable[..., SmppTransport]) -> None:
    transport = start(password="wrong", connect_wait=0.3)

    with pytest.raises(TransportDown, match="Refused: command status 0x0000000d"):
        transport.send([sms(1)])
    assert (smsc.binds, smsc.submits) == (0, 0)


def test_a_silent_link_is_noticed(smsc: Smsc, start: Callable[..., SmppTransport]) -> None:
    start(enquire_interval=0.05, response_timeout=0.2)
    wait_until(lambda: smsc.binds == 1)
    time.sleep(0.3)
    # Questions were answered, so the link stays.
    assert (smsc.binds, smsc.bound) == (1, 1)


def test_several_threads_may_send_at_once(smsc: Smsc, start: Callable[..., SmppTransport]) -> None:
    transport = start()
    numbers = itertools.count()
    results: list[SendResult] = []

    def work() -> None:
        results.extend(transport.send([sms(number) for number in itertools.islice(numbers, 50)]))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [result.outcome for result in results] == ["accepted"] * 200
    assert sum(smsc.accepted.values()) == 200
    assert smsc.sent_twice() == {}


def test_settings_come_from_the_environment() -> None:
    environment = {
        "CLIENTELA_SMPP_HOST": "smsc.test",
        "CLIENTELA_SMPP_PORT": "2775",
        "CLIENTELA_SMPP_SYSTEM_ID": "prichal",
        "CLIENTELA_SMPP_PASSWORD": "secret",
        "CLIENTELA_SMPP_TPS": "100",
    }

    assert from_environment(environment).settings == SmppSettings(
        host="smsc.test", port=2775, system_id="prichal", password="secret", tps=100
    )
    with pytest.raises(KeyError):
        from_environment({})
