"""The public side of VK: answers go out as comments of the community; mentions elsewhere are looked for.

Comments come in by the Callback API (`webhooks`).
"""

import logging
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from clientela.integrations.imap.cursor import TableCursor
from clientela.integrations.imap.reader import Cursor, Overtaken
from clientela.integrations.one_by_one import Pace, send_one_by_one
from clientela.integrations.vk.client import API_URL, NoAnswer, NotSent, VkClient, VkError
from clientela.integrations.vk.public import Spot, read_post, spot_of
from clientela.integrations.vk.submitting import submit
from clientela.modules.contacts.ports import Channel, Inbox, OutgoingMessage, SendResult

log = logging.getLogger(__name__)

LOOK_SECONDS = 120.0
_MOST = 100
# Closed or deleted there: nothing is wrong with our key.
_CLOSED = frozenset({7, 15})
_UNREAD = (VkError, NoAnswer, NotSent, KeyError, TypeError, ValueError)


class Lookup:
    """Names of authors and the words that are commented, as far as VK tells them; a silent VK costs only these."""

    def __init__(
        self, token: str, *, service_token: str = "", base_url: str = API_URL, timeout: float = 3.0
    ) -> None:
        self._community = VkClient(token, base_url=base_url, timeout=timeout)
        self._service = VkClient(service_token, base_url=base_url, timeout=timeout) if service_token else None

    def words(self, spot: Spot, author: int) -> tuple[str, str]:
        """The author's name and what is commented, empty where VK does not tell."""
        return self._name(author), self._about(spot) if spot.comment else ""

    def _name(self, author: int) -> str:
        if author <= 0:
            return ""
        try:
            (person,) = self._community.call("users.get", user_ids=author)
            return f"{person['first_name']} {person['last_name']}".strip()
        except _UNREAD:
            log.warning("vk.no_name", extra={"author": author})
            return ""

    def _about(self, spot: Spot) -> str:
        if self._service is None:
            return ""
        try:
            match spot.kind:
                case "photo":
                    found = self._service.call("photos.getById", photos=f"{spot.owner}_{spot.item}")
                    return str(found[0]["text"])
                case "board":
                    found = self._service.call("board.getTopics", group_id=-spot.owner, topic_ids=spot.item)
                    return str(found["items"][0]["title"])
            found = self._service.call("wall.getById", posts=f"{spot.owner}_{spot.item}")
            return str((found["items"] if isinstance(found, dict) else found)[0]["text"])
        except (*_UNREAD, IndexError):
            log.warning("vk.nothing_commented", extra={"spot": spot.id})
            return ""

    def close(self) -> None:
        for client in filter(None, (self._community, self._service)):
            client.close()


def lookup_from(environment: Mapping[str, str] = os.environ) -> Lookup | None:
    """By `CLIENTELA_VK_TOKEN` and, to see what is commented, `CLIENTELA_VK_SERVICE_TOKEN`; None without a token."""
    token = environment.get("CLIENTELA_VK_TOKEN", "")
    if not token:
        return None
    return Lookup(
        token,
        service_token=environment.get("CLIENTELA_VK_SERVICE_TOKEN", ""),
        base_url=environment.get("CLIENTELA_VK_API_URL") or API_URL,
    )


class VkWallTransport:
    """`Transport` of a community's public answers. A message answers another: its id says where.

    `guid` carries our id, so that a call whose answer was lost is repeated without a second comment. With
    `mentions` (what to look for) and a service token, posts elsewhere that name the community come in.
    """

    channel: Channel = "vk_wall"

    def __init__(
        self,
        token: str,
        group_id: int,
        *,
        base_url: str = API_URL,
        mentions: str = "",
        service_token: str = "",
        cursor: Cursor | None = None,
        calls_per_second: float = 3.0,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._client = VkClient(token, base_url=base_url)
        self._searcher = VkClient(service_token, base_url=base_url) if service_token and mentions else None
        self._group_id, self._mentions, self._cursor = group_id, mentions, cursor
        self._pace, self._look_seconds = Pace(calls_per_second), look_seconds
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # -- in

    def start(self, inbox: Inbox) -> None:
        if self._searcher is not None:
            self._thread = threading.Thread(target=self._look, args=(inbox,), name="vk-mentions", daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        for client in filter(None, (self._client, self._searcher)):
            client.close()

    def _look(self, inbox: Inbox) -> None:
        while not self._stop.is_set():
            try:
                self.find_mentions(inbox)
            except Overtaken:
                pass
            except (
                Exception
            ):  # VK or the database is away: the cursor has not moved, the same posts come again
                log.warning("vk.mentions_not_read", exc_info=True)
            self._stop.wait(self._look_seconds)
        if self._cursor is not None:
            self._cursor.close()

    def find_mentions(self, inbox: Inbox) -> int:
        """Store posts that name the community since the cursor; how many. Raises Overtaken."""
        assert self._searcher is not None
        assert self._cursor is not None
        place = self._cursor.get()
        asked: dict[str, str | int] = {"q": self._mentions, "count": _MOST, "extended": 1}
        if place:
            asked["start_time"] = int(place)
        found = self._searcher.call("newsfeed.search", **asked)
        names = {
            int(one["id"]): f"{one.get('first_name', '')} {one.get('last_name', '')}".strip()
            for one in found.get("profiles", [])
        }
        posts: list[dict[str, Any]] = found["items"]
        read = [
            read_post(post, self._group_id, lambda _spot, who: (names.get(who, ""), "")) for post in posts
        ]
        messages = [one for one in read if one is not None]
        if not posts:
            return 0
        with self._cursor.together():
            if messages:
                inbox.incoming(messages)
            # The second of the newest post is asked for again: what was stored is known by its id.
            newest = str(max(int(post["date"]) for post in posts))
            if newest != place and not self._cursor.move(place, newest):
                raise Overtaken(place)
        return len(messages)

    # -- out

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        return send_one_by_one(batch, self._send, nobody="not a VK id")

    def _send(self, message: OutgoingMessage) -> SendResult:
        spot = spot_of(message.in_reply_to or "")
        if spot is None:
            return SendResult(message.id, "rejected", fault="content", detail="answers nothing public")
        return submit(message, lambda: self._comment(spot, message), self._pace, here=_CLOSED)

    def _comment(self, spot: Spot, message: OutgoingMessage) -> str:
        """Write beside what is answered; the id of the new comment."""
        guid, reply = str(message.id), {"reply_to_comment": spot.comment} if spot.comment else {}
        match spot.kind:
            case "photo":
                number = self._client.call(
                    "photos.createComment", owner_id=spot.owner, photo_id=spot.item, message=message.text,
                    from_group=1, guid=guid, **reply,
                )  # fmt: skip
            case "board":
                number = self._client.call(
                    "board.createComment", group_id=-spot.owner, topic_id=spot.item, message=message.text,
                    from_group=1, guid=guid,
                )  # fmt: skip
            case _:
                answer = self._client.call(
                    "wall.createComment", owner_id=spot.owner, post_id=spot.item, message=message.text,
                    from_group=self._group_id, guid=guid, **reply,
                )  # fmt: skip
                number = answer["comment_id"]
        kind = "wall" if spot.kind == "post" else spot.kind
        return Spot(kind, spot.owner, spot.item, int(number)).id


def from_environment(environment: Mapping[str, str] = os.environ) -> VkWallTransport:
    """The public transport of `CLIENTELA_VK_*`: TOKEN, GROUP_ID and, to look for mentions, MENTIONS, SERVICE_TOKEN."""
    group_id = int(environment["CLIENTELA_VK_GROUP_ID"])
    return VkWallTransport(
        environment["CLIENTELA_VK_TOKEN"],
        group_id,
        base_url=environment.get("CLIENTELA_VK_API_URL") or API_URL,
        mentions=environment.get("CLIENTELA_VK_MENTIONS", ""),
        service_token=environment.get("CLIENTELA_VK_SERVICE_TOKEN", ""),
        cursor=TableCursor(f"vk_wall:{group_id}"),
    )
