"""The Bot API on the wire (core.telegram.org/bots/api), through aiogram. Knows nothing of our messages."""

import asyncio
import io
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from aiohttp import ClientConnectorError

API_URL = "https://api.telegram.org"
# Everything else that a bot may be told is nothing to us.
WANTED = ["message", "edited_message"]
_MOST_UPDATES = 100
Answer = TypeVar("Answer")


class NotSent(Exception):
    """The request did not reach Telegram."""


class NoAnswer(Exception):
    """The request may have reached Telegram; there is no usable answer."""


class Closed(Exception):
    """The client was closed while it waited."""


class TelegramClient:
    """Calls the Bot API from any thread. aiogram's own errors go through, save those of the connection."""

    def __init__(self, token: str, *, base_url: str = API_URL, timeout: float = 15.0) -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(base_url), timeout=timeout)
        self._bot = Bot(token, session=session)
        self._timeout = timeout
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="telegram-wire", daemon=True)
        self._thread.start()
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def bot_id(self) -> int:
        return self._bot.id

    def call(self, method: TelegramMethod[Answer]) -> Answer:
        """The method's answer. Raises `NotSent`, `NoAnswer`, `Closed`, aiogram's `TelegramAPIError`."""
        return self._run(self._bot(method)).result()

    def updates(self, *, after: int | None, wait: int) -> list[Update]:
        """What came after an update, waiting `wait` seconds for the first. Those up to `after` are forgotten there."""
        asked = self._run(
            self._bot.get_updates(
                offset=None if after is None else after + 1,
                limit=_MOST_UPDATES,
                timeout=wait,
                allowed_updates=WANTED,
                request_timeout=int(wait + self._timeout),
            )
        )
        return asked.result()

    def download(self, file_id: str) -> bytes:
        """A file that came with a message; Telegram hands out at most 20 MB."""
        kept = io.BytesIO()
        self._run(self._bot.download(file_id, destination=kept)).result()
        return kept.getvalue()

    def _run(self, work: Coroutine[Any, Any, Answer]) -> "Future[Answer]":
        with self._lock:
            if self._is_closed:
                work.close()
                raise Closed
            return asyncio.run_coroutine_threadsafe(_told(work), self._loop)

    def close(self) -> None:
        """Breaks off what still waits, such as a poll for updates. Safe to call twice."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._bot.session.close()


async def _told(work: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer, or an error that says whether the request had gone out."""
    try:
        return await work
    except TelegramNetworkError as error:
        if isinstance(error.__cause__, ClientConnectorError):
            raise NotSent(error.message) from error
        raise NoAnswer(error.message) from error
    except (TimeoutError, OSError) as error:
        raise NoAnswer(type(error).__name__) from error


__all__ = ["API_URL", "CancelledError", "Closed", "NoAnswer", "NotSent", "TelegramClient"]
