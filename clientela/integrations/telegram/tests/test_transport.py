"""The bot against a local Bot API: what it does when it is refused, what it makes of updates."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import GetFile
from aiogram.types import Update

from clientela.integrations.telegram.transport import TelegramTransport
from clientela.integrations.telegram.updates import MAX_FILE, read_update
from clientela.modules.contacts.ports import Attachment, OutgoingMessage, TransportDown
from tests.contract.networks import MailCursor, StoringInbox
from tests.servers.telegram import TOKEN, TelegramServer

pytestmark = pytest.mark.server
PICTURE = Attachment("осмотр.jpg", "image/jpeg", b"\xff\xd8picture")
SHEET = Attachment("полис.pdf", "application/pdf", b"%PDF-1.7")


def _transport(server: TelegramServer, token: str = TOKEN, **more: Any) -> TelegramTransport:
    return TelegramTransport(
        token,
        more.pop("cursor", MailCursor()),
        base_url=server.base_url,
        calls_per_second=1000,
        poll_seconds=0,
        **more,
    )


@pytest.fixture
def transport(telegram_server: TelegramServer) -> Iterator[TelegramTransport]:
    made = _transport(telegram_server)
    yield made
    made.close()


def _message(number: int, to: str = "1001", text: str = "Полис готов", **more: Any) -> OutgoingMessage:
    return OutgoingMessage(number, "telegram", to, text, **more)


def test_files_go_with_the_words_and_answer_the_question(
    telegram_server: TelegramServer, transport: TelegramTransport
) -> None:
    one = _message(7, in_reply_to="1001:41:1760000000", attachments=(PICTURE,))
    two = _message(8, in_reply_to="1002:41", attachments=(PICTURE, SHEET))

    [first, second] = transport.send([one, two])

    assert (first.outcome, len(first.provider_ids)) == ("accepted", 1)
    assert (second.outcome, len(second.provider_ids)) == ("accepted", 3)
    assert [(sent.text, sent.reply_to, sent.files) for sent in telegram_server.sent] == [
        ("Полис готов", 41, {"осмотр.jpg": PICTURE.content}),
        ("Полис готов", 0, {}),  # the other chat's message is not ours to answer
        ("", 0, {"осмотр.jpg": PICTURE.content}),
        ("", 0, {"полис.pdf": SHEET.content}),
    ]


def test_who_is_told_to_wait_waits(telegram_server: TelegramServer, transport: TelegramTransport) -> None:
    telegram_server.flood(7)

    [first, second] = transport.send([_message(1), _message(2)])

    assert (first.outcome, first.fault, first.retry_after) == ("retry", "throttled", 7)
    assert (second.outcome, second.fault) == ("retry", "throttled")
    assert 6 < second.retry_after <= 7
    assert (telegram_server.requests, telegram_server.sent) == (1, [])


@pytest.mark.parametrize(
    ("to", "text", "outcome", "fault"),
    [
        ("1403", "Добрый день", "rejected", "address"),  # has blocked the bot
        ("77", "Добрый день", "rejected", "address"),
        ("vorlova", "Добрый день", "rejected", "address"),
        ("1001", "я" * 4097, "rejected", "content"),
    ],
)
def test_refusals(transport: TelegramTransport, to: str, text: str, outcome: str, fault: str) -> None:
    [result] = transport.send([_message(1, to, text)])
    assert (result.outcome, result.fault) == (outcome, fault)


def test_a_lost_answer_is_not_sent_again(
    telegram_server: TelegramServer, transport: TelegramTransport
) -> None:
    telegram_server.lose_answers(1)

    [result] = transport.send([_message(1)])

    assert (result.outcome, result.fault) == ("uncertain", "connection")
    assert telegram_server.texts(1001) == ["Полис готов"]


def test_a_wrong_token_stops_the_channel(telegram_server: TelegramServer) -> None:
    transport = _transport(telegram_server, token="1:wrong")
    with pytest.raises(TransportDown):
        transport.send([_message(1)])
    transport.close()


def test_a_place_of_last_week_is_not_asked_for(telegram_server: TelegramServer) -> None:
    """After a week of silence Telegram may number updates anew, from any number."""
    now = datetime(2026, 11, 18, tzinfo=UTC).timestamp()
    cursor, inbox = MailCursor(f"900@{now - 7 * 86400:.0f}"), StoringInbox()
    telegram_server.writes(1001, "Здравствуйте!")
    transport = _transport(telegram_server, cursor=cursor, clock=lambda: now)

    assert transport.read_new(inbox) == 1

    assert [message.text for message in inbox.messages.values()] == ["Здравствуйте!"]
    assert cursor.value == f"1@{now:.0f}"
    transport.close()


def _read(update: dict[str, Any], **files: bytes) -> Any:
    def fetch(file_id: str) -> bytes:
        if file_id not in files:
            raise TelegramBadRequest(method=GetFile(file_id=file_id), message="file is too big")
        return files[file_id]

    return read_update(Update.model_validate(update), fetch)


def test_an_edited_message_names_what_it_puts_right(telegram_server: TelegramServer) -> None:
    body = telegram_server.message(1001, "Завтра в 12") | {"message_id": 5, "date": 1760000000}
    update = telegram_server.update("edited_message", body | {"edit_date": 1760000060})

    message = _read(update)

    assert (message.external_id, message.edits, message.text) == (
        "1001:5:1760000060",
        "1001:5",
        "Завтра в 12",
    )
    assert message.at == datetime.fromtimestamp(1760000060, UTC)


def test_photos_and_documents_come_with_their_words(telegram_server: TelegramServer) -> None:
    sizes = [{"file_id": f"p{n}", "file_unique_id": f"p{n}", "width": n, "height": n} for n in (90, 800)]
    photo = telegram_server.message(1001, caption="Бампер", photo=sizes)
    document = {
        "file_id": "d",
        "file_unique_id": "d",
        "file_name": "../a.pdf",
        "mime_type": "application/pdf",
    }
    large = document | {"file_size": MAX_FILE + 1}

    message = _read(telegram_server.update("message", photo), p800=b"jpeg")
    assert (message.text, message.attachments) == (
        "Бампер",
        (Attachment("photo.jpg", "image/jpeg", b"jpeg"),),
    )
    for one in (document, large):  # refused by Telegram, and too large to be asked for
        message = _read(telegram_server.update("message", telegram_server.message(1001, document=one)))
        assert message.attachments == ()
        assert "../a.pdf" in message.text


def test_only_ones_own_phone_is_vouched_for(telegram_server: TelegramServer) -> None:
    contact = {"phone_number": "79170004108", "first_name": "Вера"}
    own = telegram_server.message(1001, contact=contact | {"user_id": 1001})
    foreign = telegram_server.message(1001, contact=contact | {"user_id": 1002})
    nobodys = telegram_server.message(1001, contact=contact)

    found = [_read(telegram_server.update("message", one)) for one in (own, foreign, nobodys)]

    assert [message.own_phone for message in found] == ["+79170004108", "", ""]
    assert {message.text for message in found} == {"Вера +79170004108"}


def test_a_group_is_no_client(telegram_server: TelegramServer) -> None:
    body = telegram_server.message(1001, "Всем привет") | {
        "chat": {"id": -5, "type": "group", "title": "Дача"}
    }
    assert _read(telegram_server.update("message", body)) is None
