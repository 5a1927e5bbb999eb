"""Live updates: a small ASGI application that tells open pages which topics to look at again.

It follows the event table by id, so it needs no broker and works the same on SQLite and PostgreSQL. Only topic
names leave it, never data: the page asks for its fragment again, through the same permission as always.
"""

import asyncio
import contextlib
import os
from collections import Counter, defaultdict
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")

import django

django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import close_old_connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from clientela.foundation.health import problems  # noqa: E402
from clientela.foundation.ids import id_of  # noqa: E402
from clientela.foundation.outbox.models import Event  # noqa: E402
from clientela.integrations.webchat import socket as webchat  # noqa: E402
from clientela.integrations.webchat.talk import visitors_of  # noqa: E402
from clientela.modules.accounts.models import User  # noqa: E402
from clientela.modules.chat.models import Room  # noqa: E402
from clientela.modules.claims.models import Claim  # noqa: E402
from clientela.modules.clients.models import Client  # noqa: E402
from clientela.modules.contacts.models import Conversation  # noqa: E402
from clientela.modules.dialler.models import CallingList  # noqa: E402
from clientela.modules.quotes.models import Calculation  # noqa: E402
from clientela.modules.routing.operations import note_seen  # noqa: E402
from clientela.modules.underwriting.models import Referral  # noqa: E402

POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 20
MAX_TOPICS = 20
# Topics that tell only that something of a kind changed; others name one record and are checked.
OPEN_TOPICS = {
    "calls",
    "call-backs",
    "dialler",
    "feedback",
    "inbox",
    "renewals",
    "clients",
    "imports",
    "jobs",
    "audit",
    "organisation",
    "schedules",
    "phone",
    "presence",
    "requests",
    "classes",
    "quotes",
    "referrals",
    "claims",
    "deliveries",
    "rent",
}
# The same of one of several boards, named with its id.
OPEN_BOARDS = ("deals",)
# Topics of one person, named with the person's id.
OWN_TOPICS = ("calls", "station", "inbox", "calendar", "reminders", "chat", "alerts")

SEEN_SECONDS = 25
TYPING = "/live/typing/"
# For load balancers: the process answers; it can serve.
HEALTH = ("/live/health/live", "/live/health/ready")


class Hub:
    """One reader of the event table for all open pages, and who has one open."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self.task: asyncio.Task[None] | None = None
        self.people: Counter[int] = Counter()
        self.beat: asyncio.Task[None] | None = None
        self._fresh = asyncio.Event()

    def join(self, topics: list[str]) -> "asyncio.Queue[str]":
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=100)
        for topic in topics:
            self.listeners[topic].add(queue)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._follow())
        return queue

    def leave(self, queue: "asyncio.Queue[str]", topics: list[str]) -> None:
        for topic in topics:
            self.listeners[topic].discard(queue)
            if not self.listeners[topic]:
                del self.listeners[topic]

    def tell(self, topic: str) -> None:
        """Something passing that is stored nowhere: to the pages of this process."""
        for queue in self.listeners.get(topic, ()):
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(topic)

    def see(self, user_id: int) -> None:
        """A page of this person is open until ``lose``."""
        self.people[user_id] += 1
        if self.people[user_id] == 1:
            self._fresh.set()
        if self.beat is None or self.beat.done():
            self.beat = asyncio.create_task(self._tell_who_is_here())

    def lose(self, user_id: int) -> None:
        self.people[user_id] -= 1
        if self.people[user_id] <= 0:
            del self.people[user_id]

    async def _tell_who_is_here(self) -> None:
        while self.people:
            self._fresh.clear()
            with contextlib.suppress(Exception):  # the database may be restarting; the next beat tells again
                await sync_to_async(_note_seen)(sorted(self.people))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._fresh.wait(), SEEN_SECONDS)
            await asyncio.sleep(POLL_SECONDS)

    async def _follow(self) -> None:
        last = await sync_to_async(_newest)()
        while self.listeners:
            await asyncio.sleep(POLL_SECONDS)
            try:
                last, topics = await sync_to_async(_since)(last)
            except Exception:  # the database may be restarting; pages keep their connection
                await asyncio.sleep(POLL_SECONDS * 3)
                continue
            for topic in topics & self.listeners.keys():
                self.tell(topic)


hub = Hub()


def _newest() -> int:
    close_old_connections()
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _since(last: int) -> tuple[int, set[str]]:
    """Topics of events after ``last``. Ids may commit out of order, so the newest few are looked at again."""
    close_old_connections()
    rows = Event.objects.filter(id__gt=last - 50).order_by("id").values_list("id", "topics")[:2000]
    fresh = [(number, topics) for number, topics in rows if number > last or number not in _seen]
    for number, _ in fresh:
        _seen[number] = None
    while len(_seen) > 500:
        _seen.pop(next(iter(_seen)))
    topics = {topic for _, names in fresh for topic in names.split()}
    return max([last, *(number for number, _ in fresh)]), topics


_seen: dict[int, None] = {}


def _note_seen(user_ids: list[int]) -> None:
    close_old_connections()
    note_seen(user_ids, now=timezone.now())


def _problems() -> dict[str, str]:
    close_old_connections()
    return problems()


def _person(cookie: str) -> User | None:
    close_old_connections()
    morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return None
    session = SessionStore(morsel.value)
    key = session.get(SESSION_KEY)
    user = User.objects.filter(pk=key, is_active=True).first() if key else None
    if user is None or session.get(HASH_SESSION_KEY) != user.get_session_auth_hash():
        return None
    return user


def _visitors(user: User, conversation_id: int) -> list[str]:
    close_old_connections()
    return visitors_of(user, conversation_id)


def _allowed(user: User, topics: list[str]) -> list[str]:
    open_to_all = OPEN_TOPICS | {f"{name}:{user.pk}" for name in OWN_TOPICS}
    allowed = [
        topic
        for topic in topics
        if topic in open_to_all or (topic.partition(":")[0] in OPEN_BOARDS and id_of(topic.partition(":")[2]))
    ]
    for kind, rows in (
        ("dialler", CallingList.objects),
        ("client", Client.objects),
        ("room", Room.objects),
        ("typing", Conversation.objects),
        ("quote", Calculation.objects),
        ("referral", Referral.objects),
        ("claim", Claim.objects),
    ):
        wanted = {topic: id_of(topic.partition(":")[2]) for topic in topics if topic.startswith(f"{kind}:")}
        ids = [number for number in wanted.values() if number is not None]
        if ids:
            seen = set(rows.visible_to(user).filter(id__in=ids).values_list("id", flat=True))
            allowed += [topic for topic, number in wanted.items() if number in seen]
    return allowed


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """``GET /live/?topics=renewals,client:12`` answers with server-sent events, one topic name each."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await webchat.serve(scope, receive, send, hub)
        return
    headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
    origin = headers.get("origin", "")
    own = origin and urlsplit(origin).hostname == headers.get("host", "").rsplit(":", 1)[0]
    common = [(b"cache-control", b"no-store")]
    if own:
        common += [
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"origin"),
        ]
    if scope["path"] in HEALTH:
        well = scope["path"] == HEALTH[0] or not await sync_to_async(_problems)()
        await send({"type": "http.response.start", "status": 200 if well else 503, "headers": common})
        await send({"type": "http.response.body", "body": b""})
        return
    user = await sync_to_async(_person)(headers.get("cookie", ""))
    if scope["path"] == TYPING and scope["method"] == "POST" and own and user is not None:
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("talk", [""])[0]
        keys = await sync_to_async(_visitors)(user, id_of(asked) or 0)
        await webchat.post.typing(keys)
        await send({"type": "http.response.start", "status": 204, "headers": common})
        await send({"type": "http.response.body", "body": b""})
        return
    if scope["path"] != "/live/" or user is None:
        status = 404 if scope["path"] != "/live/" else 401
        await send({"type": "http.response.start", "status": status, "headers": common})
        await send({"type": "http.response.body", "body": b""})
        return
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("topics", [""])[0].split(",")[:MAX_TOPICS]
    topics = await sync_to_async(_allowed)(user, asked)
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [*common, (b"content-type", b"text/event-stream; charset=utf-8")],
        }
    )
    queue = hub.join(topics)
    hub.see(user.pk)
    gone = asyncio.create_task(_disconnected(receive))
    try:
        await send({"type": "http.response.body", "body": b"retry: 3000\n\n", "more_body": True})
        while not gone.done():
            try:
                topic = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                body = f"data: {topic}\n\n".encode()
            except TimeoutError:
                body = b": still here\n\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})
    finally:
        hub.leave(queue, topics)
        hub.lose(user.pk)
        gone.cancel()


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
