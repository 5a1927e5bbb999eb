"""A visitor's page on a WebSocket: what it says is stored before it is answered, what we answer is pushed to it.

Frames are JSON objects with a kind ``t``. From the page: ``hello`` (with the token it kept), ``who``, ``say``, ``got``,
``read``, ``typing``. To the page: ``ready`` (with the history), ``ok``, ``news``, ``seen`` (up to when a colleague has
looked), ``typing``, ``error``. That somebody types is stored nowhere.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone

from clientela.integrations.webchat import talk
from clientela.integrations.webchat.models import Widget

log = logging.getLogger(__name__)

PREFIX = "/chat/ws/"
TOPIC = "phone"  # changes of messages
MAX_FRAME = 16 * 1024
MAX_JUNK = 20
MAX_PER_ADDRESS = 30
_BURST, _PER_SECOND = 10.0, 1.0
_LOOK_SECONDS = 10.0
_FORBIDDEN, _BUSY, _JUNK = 4403, 4429, 1008

Say = Callable[[dict[str, Any]], Awaitable[None]]


class Hub(Protocol):
    """Tells when something of a topic happened."""

    def join(self, topics: list[str]) -> "asyncio.Queue[str]": ...

    def leave(self, queue: "asyncio.Queue[str]", topics: list[str]) -> None: ...

    def tell(self, topic: str) -> None: ...


async def _ask(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    def asked() -> Any:
        close_old_connections()
        return function(*arguments, **named)

    return await sync_to_async(asked)()


class Page:
    """One open page of a visitor."""

    def __init__(self, widget: Widget, say: Say) -> None:
        self.widget, self._say = widget, say
        self.key = ""
        self._shown: set[int] = set()
        self._left, self._at = _BURST, time.monotonic()
        self._junk = 0
        self._talk: int | None = None
        self._seen = ""

    async def hear(self, text: str) -> bool:
        """Do what a frame asks; False when the page sends nothing but junk."""
        frame = _read(text)
        cid = str(frame.get("cid", ""))[:40] if frame else ""
        try:
            if frame is None:
                raise talk.Refused("junk")
            if not self._may():
                raise talk.Refused("slower")
            await self._do(frame, cid)
        except talk.Refused as refused:
            self._junk += refused.code == "junk"
            await self._say({"t": "error", "code": refused.code, "cid": cid})
        except Exception:
            log.exception("webchat.not_stored", extra={"widget": self.widget.key})
            await self._say({"t": "error", "code": "later", "cid": cid})
        return self._junk < MAX_JUNK

    def _may(self) -> bool:
        """A bucket of frames that fills by one a second."""
        now = time.monotonic()
        self._left = min(_BURST, self._left + (now - self._at) * _PER_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    async def _do(self, frame: dict[str, Any], cid: str) -> None:
        kind, now = frame["t"], timezone.now()
        if kind == "hello":
            self.key = self.key or talk.visitor_key(self.widget, str(frame.get("token", "")))
            opened = await _ask(talk.opening, self.widget, self.key)
            self._shown |= {one["id"] for one in opened["history"]}
            self._seen = opened["seen"]
            post.join(self)
            await self._say({"t": "ready"} | opened)
        elif not self.key:
            raise talk.Refused("hello")
        elif kind == "who":
            if frame.get("consent") is not True:
                raise talk.Refused("consent")
            name, phone = str(frame.get("name", "")), str(frame.get("phone", ""))[:40]
            await _ask(talk.introduce, self.widget, self.key, name, phone, now=now)
            await self._say({"t": "ok", "cid": cid})
        elif kind == "say":
            kept = await _ask(talk.say, self.widget, self.key, cid, str(frame.get("text", "")), now=now)
            await self._say({"t": "ok", "cid": cid} | kept)
        elif kind == "typing":
            self._talk = self._talk or await _ask(talk.talk_of, self.key)
            if self._talk and post.hub is not None:
                post.hub.tell(f"typing:{self._talk}")
        elif kind in ("got", "read"):
            ids = [one for one in frame.get("ids", []) if type(one) is int and 0 < one < 2**63][:100]
            await _ask(talk.got, self.key, ids, is_read=kind == "read", now=now)
        else:
            raise talk.Refused("junk")

    async def show(self, answers: list[dict[str, Any]]) -> None:
        """Answers that this page has not shown yet."""
        for one in answers:
            if one["id"] not in self._shown:
                self._shown.add(one["id"])
                await self._say({"t": "news", "message": one})

    async def mark(self, seen: str) -> None:
        """A colleague has looked since the page was told last."""
        if seen > self._seen:
            self._seen = seen
            await self._say({"t": "seen", "at": seen})

    async def typing(self) -> None:
        await self._say({"t": "typing"})


def _read(text: str) -> dict[str, Any] | None:
    if len(text) > MAX_FRAME:
        return None
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(frame, dict) or not isinstance(frame.get("t"), str):
        return None
    return frame if isinstance(frame.get("ids", []), list) else None


class Post:
    """Brings answers to open pages: one look at the database for all of them."""

    def __init__(self) -> None:
        self.pages: dict[str, set[Page]] = defaultdict(set)
        self.hub: Hub | None = None
        self._task: asyncio.Task[None] | None = None

    def join(self, page: Page) -> None:
        self.pages[page.key].add(page)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._bring())

    def leave(self, page: Page) -> None:
        self.pages[page.key].discard(page)
        if not self.pages[page.key]:
            del self.pages[page.key]

    async def _bring(self) -> None:
        assert self.hub is not None
        queue = self.hub.join([TOPIC])
        try:
            while self.pages:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(queue.get(), _LOOK_SECONDS)
                while not queue.empty():
                    queue.get_nowait()
                try:
                    found = await _ask(talk.waiting, list(self.pages))
                    seen = await _ask(talk.seen, list(self.pages))
                except Exception:  # the database may be restarting; pages keep their connection
                    log.exception("webchat.not_brought")
                    await asyncio.sleep(1)
                    continue
                for key in found.keys() | seen.keys():
                    for page in list(self.pages.get(key, ())):
                        with contextlib.suppress(Exception):  # a page that is just going away
                            await page.show(found.get(key, []))
                            await page.mark(seen.get(key, ""))
        finally:
            self.hub.leave(queue, [TOPIC])

    async def typing(self, keys: list[str]) -> None:
        """A colleague types an answer to these visitors."""
        for key in keys:
            for page in list(self.pages.get(key, ())):
                with contextlib.suppress(Exception):  # a page that is just going away
                    await page.typing()


post = Post()
_open: Counter[str] = Counter()


async def serve(scope: dict[str, Any], receive: Any, send: Any, hub: Hub) -> None:
    """One connection, from the handshake to its end."""
    post.hub = hub
    if (await receive())["type"] != "websocket.connect":
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    key = scope["path"].removeprefix(PREFIX).strip("/")
    widget = await _ask(talk.find_widget, key, headers.get("origin", ""))
    if widget is None:
        await send({"type": "websocket.close", "code": _FORBIDDEN})
        return
    address = _address(scope, headers)
    if _open[address] >= MAX_PER_ADDRESS:
        await send({"type": "websocket.close", "code": _BUSY})
        return
    lock = asyncio.Lock()

    async def say(frame: dict[str, Any]) -> None:
        async with lock:
            await send({"type": "websocket.send", "text": json.dumps(frame, ensure_ascii=False)})

    page = Page(widget, say)
    _open[address] += 1
    try:
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            if not await page.hear(event.get("text") or ""):
                await send({"type": "websocket.close", "code": _JUNK})
                return
    finally:
        _open[address] -= 1
        if not _open[address]:
            del _open[address]
        if page.key:
            post.leave(page)


def _address(scope: dict[str, Any], headers: dict[str, str]) -> str:
    """Whose connections are counted together."""
    return headers.get("x-forwarded-for", "").partition(",")[0].strip() or str(
        (scope.get("client") or ["?"])[0]
    )
