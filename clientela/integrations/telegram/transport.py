"""The Telegram channel: out by the Bot API, in by polling or, where a webhook is set, through `views`."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from datetime import timedelta

from aiogram.exceptions import (
    ClientDecodeError,
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook, SendDocument, SendMessage, SendPhoto, SetWebhook
from aiogram.types import BufferedInputFile, ReplyParameters, Update

from clientela.integrations.imap.reader import Cursor, Overtaken
from clientela.integrations.one_by_one import Pace, send_one_by_one
from clientela.integrations.telegram.client import (
    API_URL,
    WANTED,
    Closed,
    NoAnswer,
    NotSent,
    TelegramClient,
)
from clientela.integrations.telegram.settings import Webhook, webhook_from
from clientela.integrations.telegram.updates import read_update
from clientela.modules.contacts.ports import (
    Channel,
    Fault,
    Inbox,
    IncomingMessage,
    OutgoingMessage,
    SendResult,
    TransportDown,
)

log = logging.getLogger(__name__)

_POLL_SECONDS = 25
_CAPTION = 1024
_PHOTOS = ("image/jpeg", "image/png")
# After a week without news Telegram may number updates anew: an older place is worth nothing.
_PLACE_LASTS = timedelta(days=6).total_seconds()
_NO_CHAT = ("chat not found", "user is deactivated", "peer_id_invalid", "bot can't initiate")


class TelegramTransport:
    """`Transport` of one bot. `to` is the number of a private chat; `sender` is not used.

    Telegram has no place for our id, so a message whose answer was lost is `uncertain`. It tells bots nothing of
    delivery or reading: there are no receipts. The cursor moves in the transaction that stores what came.
    """

    channel: Channel = "telegram"

    def __init__(
        self,
        token: str,
        cursor: Cursor,
        *,
        base_url: str = API_URL,
        webhook: Webhook | None = None,
        calls_per_second: float = 25.0,
        retry_pause: float = 5.0,
        poll_seconds: int = _POLL_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = TelegramClient(token, base_url=base_url)
        self._cursor, self._webhook, self._clock = cursor, webhook, clock
        # Telegram takes at most about thirty messages a second from one bot.
        self._pace = Pace(calls_per_second)
        self._quiet_until = 0.0
        self._retry_pause, self._poll_seconds = retry_pause, poll_seconds
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # -- in

    def start(self, inbox: Inbox) -> None:
        work = self._announce if self._webhook else self._poll
        self._thread = threading.Thread(target=work, args=(inbox,), name="telegram", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._client.close()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _announce(self, _inbox: Inbox) -> None:
        """Tell Telegram where the webhook is, once it listens."""
        assert self._webhook is not None
        method = SetWebhook(
            url=self._webhook.url, secret_token=self._webhook.secret, allowed_updates=list(WANTED)
        )
        while not self._stop.is_set():
            try:
                self._client.call(method)
                return
            except (TelegramAPIError, ClientDecodeError, NotSent, NoAnswer):
                log.warning("telegram.webhook_not_set", exc_info=True)
                self._stop.wait(self._retry_pause)
            except (Closed, CancelledError):
                return

    def _poll(self, inbox: Inbox) -> None:
        is_ready = False
        while not self._stop.is_set():
            try:
                if not is_ready:
                    self._client.call(DeleteWebhook(drop_pending_updates=False))
                    is_ready = True
                self.read_new(inbox)
            except Overtaken:
                continue
            except (Closed, CancelledError):
                break
            except (TelegramAPIError, ClientDecodeError, NotSent, NoAnswer) as error:
                log.warning("telegram.connection_failed", extra={"detail": str(error)[:300]})
                self._stop.wait(self._retry_pause)
            except Exception:
                # The inbox could not store: the cursor has not moved, the same updates come again.
                log.exception("telegram.not_stored")
                self._stop.wait(self._retry_pause)
        self._cursor.close()

    def read_new(self, inbox: Inbox) -> int:
        """Store what came since the cursor; the number of updates. Raises Overtaken."""
        place = self._cursor.get()
        updates = self._client.updates(after=self._last(place), wait=self._poll_seconds)
        if not updates:
            return 0
        messages = list(self._messages(updates))
        with self._cursor.together():
            if messages:
                inbox.incoming(messages)
            if not self._cursor.move(place, f"{updates[-1].update_id}@{self._clock():.0f}"):
                raise Overtaken(place)
        return len(updates)

    def _last(self, place: str | None) -> int | None:
        number, _, at = (place or "").partition("@")
        return int(number) if number and self._clock() - float(at) < _PLACE_LASTS else None

    def _messages(self, updates: Sequence[Update]) -> Iterator[IncomingMessage]:
        for update in updates:
            message = read_update(update, self._client.download)
            if message is not None:
                yield message

    # -- out

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        return send_one_by_one(batch, self._send, nobody="not a chat")

    def _send(self, message: OutgoingMessage) -> SendResult:
        wait = self._quiet_until - time.monotonic()
        if wait > 0:
            return SendResult(message.id, "retry", fault="throttled", detail="told to wait", retry_after=wait)
        gone: list[str] = []
        try:
            for part in _parts(message):
                self._pace.wait()
                told = self._client.call(part)
                gone.append(f"{told.chat.id}:{told.message_id}")
        except (NotSent, Closed) as error:
            if not gone:
                raise TransportDown(str(error)) from error
            return _broken(message.id, gone, "connection", str(error))
        except (NoAnswer, ClientDecodeError) as error:
            return SendResult(
                message.id, "uncertain", tuple(gone), fault="connection", detail=str(error)[:300]
            )
        except TelegramAPIError as error:
            return self._refused(message.id, gone, error)
        return SendResult(message.id, "accepted", tuple(gone))

    def _refused(self, message_id: int, gone: list[str], error: TelegramAPIError) -> SendResult:
        words = error.message
        if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
            raise TransportDown(words) from error  # the token is not valid
        if isinstance(error, TelegramRetryAfter):
            self._quiet_until = time.monotonic() + error.retry_after
        if gone:
            return _broken(message_id, gone, "server", words)
        if isinstance(error, TelegramRetryAfter):
            return SendResult(
                message_id, "retry", fault="throttled", detail=words, retry_after=error.retry_after
            )
        if isinstance(error, TelegramForbiddenError):
            return SendResult(message_id, "rejected", fault="address", detail=words)
        if isinstance(error, TelegramBadRequest):
            no_chat = any(sign in words.lower() for sign in _NO_CHAT)
            return SendResult(message_id, "rejected", fault="address" if no_chat else "content", detail=words)
        if isinstance(error, TelegramServerError) and not isinstance(error, RestartingTelegram):
            return SendResult(message_id, "uncertain", fault="server", detail=words)
        return SendResult(message_id, "retry", fault="server", detail=words)


def _broken(message_id: int, gone: list[str], fault: Fault, words: str) -> SendResult:
    """Some of a message went: it is not sent again, and a person learns what did not arrive."""
    return SendResult(
        message_id,
        "rejected",
        tuple(gone),
        fault=fault,
        detail=f"{len(gone)} went, the rest did not: {words}",
    )


def _parts(message: OutgoingMessage) -> Iterator[SendMessage | SendPhoto | SendDocument]:
    """The calls that carry a message: its words with the only file, or before the files."""
    answers = _answered(message)
    caption = message.text if len(message.attachments) == 1 and len(message.text) <= _CAPTION else ""
    if message.text and not caption:
        yield SendMessage(chat_id=int(message.to), text=message.text, reply_parameters=answers)
        answers = None
    for one in message.attachments:
        file, chat, words = BufferedInputFile(one.content, one.name), int(message.to), caption or None
        if one.content_type in _PHOTOS:
            yield SendPhoto(chat_id=chat, photo=file, caption=words, reply_parameters=answers)
        else:
            yield SendDocument(chat_id=chat, document=file, caption=words, reply_parameters=answers)


def _answered(message: OutgoingMessage) -> ReplyParameters | None:
    """The message of this chat that ours answers; one that is gone by now does not matter."""
    chat, _, number = (message.in_reply_to or "").partition(":")
    number = number.partition(":")[0]
    if chat != message.to or not number.isdecimal():
        return None
    return ReplyParameters(message_id=int(number), allow_sending_without_reply=True)


def from_environment(environment: Mapping[str, str] = os.environ) -> TelegramTransport:
    """The transport of `CLIENTELA_TELEGRAM_*`: TOKEN and, for a webhook instead of polling, WEBHOOK_SECRET."""
    from clientela.integrations.imap.cursor import TableCursor

    token = environment["CLIENTELA_TELEGRAM_TOKEN"]
    return TelegramTransport(
        token,
        TableCursor(f"telegram:{token.partition(':')[0]}"),
        base_url=environment.get("CLIENTELA_TELEGRAM_API_URL") or API_URL,
        webhook=webhook_from(environment),
    )
