"""The public side of VK against a local API that answers as documented."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from clientela.integrations.imap.cursor import TableCursor
from clientela.integrations.vk.public import spot_of
from clientela.integrations.vk.wall import Lookup, VkWallTransport
from clientela.integrations.vk.webhooks import CallbackSettings, receive
from clientela.modules.contacts.ports import IncomingMessage, OutgoingMessage, PublicPlace, SendResult
from tests.servers import vk
from tests.servers.vk import VkServer
from tests.servers.vk_public import SERVICE_TOKEN

SETTINGS = CallbackSettings(vk.GROUP_ID, vk.SECRET, vk.CONFIRMATION)


class Inbox:
    def __init__(self) -> None:
        self.messages: list[IncomingMessage] = []
        self.gone: list[str] = []

    def receipts(self, receipts: list) -> None:
        raise AssertionError

    def incoming(self, messages: list[IncomingMessage]) -> None:
        self.messages += messages

    def withdrawn(self, external_ids: list[str]) -> None:
        self.gone += external_ids


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def lookup(vk_server: VkServer) -> Iterator[Lookup]:
    vk_server.public.people[1001] = ("Пётр", "Савельев")
    vk_server.public.posts[-77, 12] = "Как мы платим по КАСКО"
    lookup = Lookup(vk.TOKEN, service_token=SERVICE_TOKEN, base_url=vk_server.base_url)
    yield lookup
    lookup.close()


@pytest.fixture
def transport(vk_server: VkServer) -> Iterator[VkWallTransport]:
    transport = VkWallTransport(vk.TOKEN, 77, base_url=vk_server.base_url, calls_per_second=1000)
    yield transport
    transport.close()


def answer(to: str, number: int = 7, author: str = "1001") -> OutgoingMessage:
    return OutgoingMessage(number, "vk_wall", author, "Разберёмся сегодня", in_reply_to=to)


def test_a_comment_with_its_author_and_what_it_is_about(
    vk_server: VkServer, inbox: Inbox, lookup: Lookup
) -> None:
    body = vk_server.public.comment(1001, "Вторую неделю жду выплату!")

    assert receive(body, SETTINGS, Inbox(), inbox, lookup.words) == "ok"

    assert inbox.messages == [
        IncomingMessage(
            channel="vk_wall",
            external_id="wall:-77_12_345",
            from_address="1001",
            from_name="Пётр Савельев",
            to_address="77",
            text="Вторую неделю жду выплату!",
            at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
            place=PublicPlace("https://vk.com/wall-77_12?reply=345", "Как мы платим по КАСКО"),
        )
    ]


def test_every_public_event_names_its_place(vk_server: VkServer, inbox: Inbox, lookup: Lookup) -> None:
    public = vk_server.public
    for body in (
        public.comment(1001, "Уже три", act="edit"),
        public.comment(1001, "Спасибо", reply_to=346),
        public.comment_deleted(),
        public.posted(1001, "@club77 спасибо"),
        public.photo_comment(1001, "Красиво"),
        public.topic_post(1001, "Отзыв"),
    ):
        assert receive(body, SETTINGS, Inbox(), inbox, lookup.words) == "ok"

    assert inbox.gone == ["wall:-77_12_345"]
    edit, reply, post, photo, topic = inbox.messages
    assert (edit.edits, edit.external_id.startswith("wall:-77_12_345:edit:e")) == ("wall:-77_12_345", True)
    assert reply.in_reply_to_provider_id == "wall:-77_12_346"
    assert [(one.external_id, one.place) for one in (post, photo, topic)] == [
        ("post:-77_90_0", PublicPlace("https://vk.com/wall-77_90", "")),
        ("photo:-77_31_7", PublicPlace("https://vk.com/photo-77_31", "Наша команда")),
        ("board:-77_41_8", PublicPlace("https://vk.com/topic-77_41?post=8", "Отзывы")),
    ]


def test_what_the_community_itself_writes_is_no_news(vk_server: VkServer, inbox: Inbox) -> None:
    assert receive(vk_server.public.comment(-77, "Ответили"), SETTINGS, Inbox(), inbox) == "ok"
    assert (inbox.messages, inbox.gone) == ([], [])


def test_a_silent_vk_costs_only_the_name(vk_server: VkServer, inbox: Inbox, lookup: Lookup) -> None:
    vk_server.fail(10, 10)

    receive(vk_server.public.comment(1001, "Жду"), SETTINGS, Inbox(), inbox, lookup.words)

    [message] = inbox.messages
    assert (message.from_name, message.place and message.place.about, message.text) == ("", "", "Жду")


@pytest.mark.parametrize(
    ("to", "place", "reply_to", "number"),
    [
        ("wall:-77_12_345", ("wall", -77, 12), 345, "wall:-77_12_5001"),
        ("wall:-77_12_345:edit:e1", ("wall", -77, 12), 345, "wall:-77_12_5001"),
        ("post:-500_3_0", ("wall", -500, 3), 0, "wall:-500_3_5001"),
        ("photo:-77_31_7", ("photo", -77, 31), 7, "photo:-77_31_5001"),
        ("board:-77_41_8", ("board", -77, 41), 0, "board:-77_41_5001"),
    ],
)
def test_an_answer_stands_beside_what_it_answers_once(
    vk_server: VkServer, transport: VkWallTransport, to: str, place: tuple, reply_to: int, number: str
) -> None:
    vk_server.lose_answers(1)

    [result] = transport.send([answer(to)])

    assert result == SendResult(7, "accepted", (number,))
    [comment] = vk_server.public.comments
    assert (comment.place, comment.reply_to, comment.text) == (place, reply_to, "Разберёмся сегодня")
    assert spot_of(number) is not None


def test_closed_comments_stop_one_answer_and_a_dead_key_all(
    vk_server: VkServer, transport: VkWallTransport
) -> None:
    vk_server.public.closed.add(12)
    vk_server.fail(15)

    denied, closed, nowhere = transport.send(
        [answer("wall:-77_12_345", 1), answer("wall:-77_12_345", 2), answer("", 3)]
    )

    assert [(one.outcome, one.fault) for one in (denied, closed, nowhere)] == [
        ("rejected", "policy"), ("rejected", "policy"), ("rejected", "content"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_mentions_elsewhere_are_found_once(vk_server: VkServer, inbox: Inbox) -> None:
    public = vk_server.public
    public.people[1002] = ("Алия", "Гарипова")
    public.mentions = [
        {"id": 3, "owner_id": -500, "from_id": 1002, "date": 1795341600, "text": "Кто знает @club77?"},
        {"id": 4, "owner_id": -77, "from_id": -77, "date": 1795341500, "text": "Мы @club77"},
    ]
    looking = VkWallTransport(
        vk.TOKEN, 77, base_url=vk_server.base_url, mentions="@club77", service_token=SERVICE_TOKEN,
        cursor=TableCursor("vk_wall:77"),
    )  # fmt: skip

    assert (looking.find_mentions(inbox), looking.find_mentions(inbox)) == (1, 1)
    looking.close()

    assert {(one.external_id, one.from_name) for one in inbox.messages} == {
        ("post:-500_3_0", "Алия Гарипова")
    }
    assert TableCursor("vk_wall:77").get() == "1795341600"
