"""The VK adapter against a local API that answers as documented."""

import time
from collections.abc import Iterator

import pytest

from clientela.integrations.vk.transport import VkTransport, from_environment
from clientela.modules.contacts.ports import Attachment, OutgoingMessage, SendResult, TransportDown
from tests.servers import vk
from tests.servers.vk import VkServer


@pytest.fixture
def transport(vk_server: VkServer) -> Iterator[VkTransport]:
    transport = VkTransport(vk.TOKEN, base_url=vk_server.base_url, calls_per_second=1000)
    yield transport
    transport.close()


def message(number: int = 7, to: str = "1001", text: str = "Здравствуйте") -> OutgoingMessage:
    return OutgoingMessage(number, "vk", to, text)


def test_our_id_goes_along_so_that_a_message_is_sent_once(
    vk_server: VkServer, transport: VkTransport
) -> None:
    [first] = transport.send([message()])
    [second] = transport.send([message()])

    assert first == SendResult(7, "accepted", ("1",))
    assert second == first
    assert [(sent.peer_id, sent.text, sent.random_id) for sent in vk_server.sent] == [
        (1001, "Здравствуйте", 7)
    ]


def test_an_id_beyond_32_bits_still_fits(vk_server: VkServer, transport: VkTransport) -> None:
    transport.send([message(2**31 + 5)])

    assert [sent.random_id for sent in vk_server.sent] == [5]


@pytest.mark.parametrize(
    ("to", "text", "fault"),
    [
        ("2002", "Здравствуйте", "policy"),  # 901: did not write first
        ("1902", "Здравствуйте", "policy"),  # 902: privacy
        ("3000000000", "Здравствуйте", "address"),  # 100
        ("vera", "Здравствуйте", "address"),
        ("1001", "", "content"),
        ("1001", "я" * 4097, "content"),  # 914
    ],
)
def test_what_vk_never_takes_is_rejected(
    vk_server: VkServer, transport: VkTransport, to: str, text: str, fault: str
) -> None:
    [result] = transport.send([message(7, to, text)])

    assert (result.message_id, result.outcome, result.fault) == (7, "rejected", fault)
    assert vk_server.sent == []


@pytest.mark.parametrize(
    ("code", "fault"), [(6, "throttled"), (9, "throttled"), (10, "server"), (4242, "server")]
)
def test_what_vk_may_take_later(vk_server: VkServer, transport: VkTransport, code: int, fault: str) -> None:
    vk_server.fail(code)

    refused, following = transport.send([message(1), message(2)])

    assert (refused.outcome, refused.fault) == ("retry", fault)
    assert following.outcome == "accepted"
    assert [sent.random_id for sent in vk_server.sent] == [2]


def test_a_lost_answer_does_not_make_a_second_message(vk_server: VkServer, transport: VkTransport) -> None:
    vk_server.lose_answers(2)

    [result] = transport.send([message()])

    assert result == SendResult(7, "accepted", ("1",))
    assert (len(vk_server.sent), vk_server.requests) == (1, 3)


def test_answers_lost_for_good_leave_a_doubt(vk_server: VkServer, transport: VkTransport) -> None:
    vk_server.lose_answers(3)

    lost, following = transport.send([message(1), message(2)])

    assert (lost.outcome, lost.fault) == ("uncertain", "connection")
    assert following.outcome == "accepted"
    assert len(vk_server.sent) == 2


def test_files_are_uploaded_once_and_stand_in_the_message(
    vk_server: VkServer, transport: VkTransport
) -> None:
    files = (
        Attachment("полис.pdf", "application/pdf", b"%PDF"),
        Attachment("фото.jpg", "image/jpeg", b"\xff\xd8"),
    )
    vk_server.lose_answers(3)

    [result] = transport.send([OutgoingMessage(7, "vk", "1001", "Во вложении", attachments=files)])

    assert result.outcome == "uncertain"
    [result] = transport.send([OutgoingMessage(7, "vk", "1001", "Во вложении", attachments=files)])
    assert result == SendResult(7, "accepted", (str(vk_server.sent[0].id),))
    [sent] = vk_server.sent
    assert [vk_server.public.uploads[one] for one in sent.attachments] == [
        ("полис.pdf", b"%PDF"), ("фото.jpg", b"\xff\xd8"),
    ]  # fmt: skip
    assert [one.partition("-")[0] for one in sent.attachments] == ["doc", "photo"]


def test_a_file_that_vk_does_not_take_stops_its_message_alone(
    vk_server: VkServer, transport: VkTransport
) -> None:
    bad = OutgoingMessage(1, "vk", "1001", "x", attachments=(Attachment("a.pdf", "application/pdf", b"x"),))
    vk_server.fail(105)

    refused, following = transport.send([bad, message(2)])

    assert (refused.outcome, refused.fault, following.outcome) == ("rejected", "content", "accepted")


def test_a_dead_key_stops_everything(vk_server: VkServer) -> None:
    transport = VkTransport("revoked", base_url=vk_server.base_url)

    with pytest.raises(TransportDown, match="5 User authorization failed"):
        transport.send([message(1), message(2)])
    transport.close()
    assert (vk_server.sent, vk_server.requests) == ([], 1)


def test_a_key_that_dies_in_the_middle_keeps_what_was_sent(
    vk_server: VkServer, transport: VkTransport
) -> None:
    transport.send([message(1)])
    vk_server.fail(10, 5)

    results = transport.send([message(2), message(3)])
    vk_server.fail(5)

    assert [(result.message_id, result.outcome, result.fault) for result in results] == [
        (2, "retry", "server"),
        (3, "retry", "connection"),
    ]


def test_no_more_calls_a_second_than_vk_allows(vk_server: VkServer) -> None:
    transport = VkTransport(vk.TOKEN, base_url=vk_server.base_url, calls_per_second=50)
    began = time.monotonic()

    transport.send([message(number) for number in range(11)])

    assert 0.2 <= time.monotonic() - began < 2
    transport.close()


def test_settings_come_from_the_environment() -> None:
    transport = from_environment(
        {
            "CLIENTELA_VK_TOKEN": "t",
            "CLIENTELA_VK_GROUP_ID": "77",
            "CLIENTELA_VK_SECRET": "s",
            "CLIENTELA_VK_CONFIRMATION": "c",
        }
    )
    transport.close()

    assert transport._callback is not None
    assert (transport._callback.group_id, transport._callback.confirmation) == (77, "c")
    with pytest.raises(KeyError):
        from_environment({})
