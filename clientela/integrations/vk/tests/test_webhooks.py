import json
from datetime import UTC, datetime

import pytest
import time_machine

from clientela.integrations.vk.webhooks import CallbackSettings, Forged, receive
from clientela.modules.contacts.ports import IncomingMessage, Receipt
from tests.servers import vk
from tests.servers.vk import Sent, VkServer

SETTINGS = CallbackSettings(vk.GROUP_ID, vk.SECRET, vk.CONFIRMATION)


class Inbox:
    def __init__(self) -> None:
        self.taken: list[Receipt] = []
        self.messages: list[IncomingMessage] = []

    def receipts(self, receipts: list[Receipt]) -> None:
        self.taken += receipts

    def incoming(self, messages: list[IncomingMessage]) -> None:
        self.messages += messages


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def test_a_message_and_what_it_answers(inbox: Inbox, vk_server: VkServer) -> None:
    body = vk_server.message_new(
        1001, "Да, продлите", date=1795341600, reply_to=Sent(55, 1001, "Продлим?", random_id=7)
    )

    assert receive(body, SETTINGS, inbox) == "ok"
    assert receive(body, SETTINGS, inbox) == "ok"

    expected = IncomingMessage(
        channel="vk",
        external_id="1001:1",
        from_address="1001",
        to_address="77",
        text="Да, продлите",
        at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        in_reply_to_message_id=7,
    )
    assert inbox.messages == [expected, expected]


def test_another_bot_is_not_answered(inbox: Inbox, vk_server: VkServer) -> None:
    receive(vk_server.message_new(-900, "реклама"), SETTINGS, inbox)

    assert [message.automatic for message in inbox.messages] == [True]


@time_machine.travel(datetime(2026, 11, 22, 10, 0, tzinfo=UTC), tick=False)
def test_everything_up_to_a_message_is_read(inbox: Inbox, vk_server: VkServer) -> None:
    receive(vk_server.message_read(1001, 55), SETTINGS, inbox)

    assert inbox.taken == [
        Receipt(
            channel="vk",
            outcome="read",
            at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
            provider_id="55",
            to_address="1001",
            read_up_to=True,
        )
    ]


def test_a_button_is_a_message(inbox: Inbox, vk_server: VkServer) -> None:
    body = vk_server.event(
        "message_event",
        {
            "user_id": 1001,
            "peer_id": 1001,
            "event_id": "ab12",
            "payload": {"ответ": "да"},
            "conversation_message_id": 5,
        },
    )

    receive(body, SETTINGS, inbox)

    [message] = inbox.messages
    assert (message.external_id, message.from_address, message.text) == (
        "1001:button:ab12",
        "1001",
        '{"ответ": "да"}',
    )


def test_vk_is_told_the_confirmation(inbox: Inbox, vk_server: VkServer) -> None:
    assert receive(vk_server.event("confirmation", {}), SETTINGS, inbox) == vk.CONFIRMATION


def test_other_events_are_taken_and_left(inbox: Inbox, vk_server: VkServer) -> None:
    assert receive(vk_server.event("group_join", {"user_id": 1}), SETTINGS, inbox) == "ok"
    assert (inbox.messages, inbox.taken) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"x"',
        b"{}",
        json.dumps({"type": "message_new", "group_id": 77, "object": {}}).encode(),
        json.dumps({"type": "message_new", "group_id": 77, "object": {}, "secret": "wrong"}).encode(),
        json.dumps({"type": "message_new", "group_id": 78, "object": {}, "secret": vk.SECRET}).encode(),
        json.dumps({"type": "message_new", "group_id": 77, "object": {}, "secret": vk.SECRET}).encode(),
        json.dumps({"type": "message_read", "group_id": 77, "object": 5, "secret": vk.SECRET}).encode(),
        json.dumps({"type": "confirmation", "group_id": 77}).encode(),
    ],
)
def test_strangers_are_turned_away(inbox: Inbox, body: bytes) -> None:
    with pytest.raises(Forged):
        receive(body, SETTINGS, inbox)
    assert (inbox.messages, inbox.taken) == ([], [])
