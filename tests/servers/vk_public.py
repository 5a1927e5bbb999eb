"""The public side of the VK server for tests: a wall, photos and topics with comments, people, and files for messages.

Methods and events as in VK's schema of the API, version 5.199.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from itertools import count
from typing import Any

SERVICE_TOKEN = "service-token"
_SERVICE = ("wall.getById", "photos.getById", "board.getTopics", "newsfeed.search")


class Fault(Exception):
    """The method ends with this API error."""

    def __init__(self, code: int, why: str = "") -> None:
        super().__init__(why)
        self.code, self.why = code, why


@dataclass
class Comment:
    """What the community has written in public."""

    id: int
    place: tuple[str, int, int]
    text: str
    reply_to: int
    guid: str


class PublicSide:
    """`posts` are texts by (owner, post); in `closed` nobody comments; `people` have names."""

    def __init__(self, event: Callable[[str, dict[str, Any]], bytes], group_id: int) -> None:
        self.posts: dict[tuple[int, int], str] = {}
        self.closed: set[int] = set()
        self.people: dict[int, tuple[str, str]] = {}
        self.comments: list[Comment] = []
        self.mentions: list[dict[str, Any]] = []
        self.uploads: dict[str, tuple[str, bytes]] = {}
        self._event, self._group_id = event, group_id
        self._ids = count(5001)

    # -- events

    def comment(
        self, author: int, text: str, *, post: int = 12, number: int = 345, date: int = 1795341600, act: str = "new",
        reply_to: int = 0,
    ) -> bytes:  # fmt: skip
        """Somebody comments a post of the community (or changes the comment)."""
        body: dict[str, Any] = {
            "id": number, "from_id": author, "date": date, "text": text, "post_id": post, "owner_id": -self._group_id,
            "post_owner_id": -self._group_id, "parents_stack": [], "thread": {"count": 0},
        }  # fmt: skip
        if reply_to:
            body |= {"reply_to_comment": reply_to, "reply_to_user": -self._group_id}
        return self._event(f"wall_reply_{act}", body)

    def comment_deleted(self, number: int = 345, post: int = 12) -> bytes:
        body = {"owner_id": -self._group_id, "id": number, "post_id": post, "deleter_id": 1001}
        return self._event("wall_reply_delete", body)

    def posted(self, author: int, text: str, *, number: int = 90, date: int = 1795341600) -> bytes:
        """Somebody posts on the community's wall."""
        body = {
            "id": number,
            "owner_id": -self._group_id,
            "from_id": author,
            "date": date,
            "text": text,
            "post_type": "post",
        }
        return self._event("wall_post_new", body)

    def photo_comment(self, author: int, text: str) -> bytes:
        body = {
            "id": 7,
            "from_id": author,
            "date": 1795341600,
            "text": text,
            "photo_owner_id": -self._group_id,
            "photo_id": 31,
        }
        return self._event("photo_comment_new", body)

    def topic_post(self, author: int, text: str) -> bytes:
        body = {
            "id": 8,
            "from_id": author,
            "date": 1795341600,
            "text": text,
            "topic_owner_id": -self._group_id,
            "topic_id": 41,
        }
        return self._event("board_post_new", body)

    # -- methods

    def knows(self, method: str) -> bool:
        return hasattr(self, f"_{method.replace('.', '_')}")

    def token_for(self, method: str) -> str | None:
        """The only token that the method takes, where it is not the community's."""
        return SERVICE_TOKEN if method in _SERVICE else None

    def call(self, method: str, form: dict[str, str], base_url: str) -> Any:
        answer = getattr(self, f"_{method.replace('.', '_')}")(form)
        return json.loads(json.dumps(answer).replace("BASE/", base_url))

    def _users_get(self, form: dict[str, str]) -> list[dict[str, Any]]:
        ids = [int(one) for one in form["user_ids"].split(",")]
        return [
            {"id": one, "first_name": self.people[one][0], "last_name": self.people[one][1]}
            for one in ids
            if one in self.people
        ]

    def _wall_getById(self, form: dict[str, str]) -> dict[str, Any]:
        owner, _, post = form["posts"].partition("_")
        text = self.posts.get((int(owner), int(post)))
        return {"items": [] if text is None else [{"id": int(post), "owner_id": int(owner), "text": text}]}

    def _photos_getById(self, form: dict[str, str]) -> list[dict[str, Any]]:
        return [{"text": "Наша команда", "id": 31}]

    def _board_getTopics(self, form: dict[str, str]) -> dict[str, Any]:
        return {"count": 1, "items": [{"id": 41, "title": "Отзывы"}]}

    def _newsfeed_search(self, form: dict[str, str]) -> dict[str, Any]:
        since = int(form.get("start_time", 0))
        items = [one for one in self.mentions if one["date"] >= since and form["q"] in one["text"]]
        profiles = [
            {"id": one, "first_name": first, "last_name": last} for one, (first, last) in self.people.items()
        ]
        return {"items": items[: int(form["count"])], "profiles": profiles, "total_count": len(items)}

    def _wall_createComment(self, form: dict[str, str]) -> dict[str, Any]:
        if form["from_group"] != str(self._group_id):
            raise Fault(100, "from_group is invalid")
        return {
            "comment_id": self._write("wall", form, form["owner_id"], form["post_id"]),
            "parents_stack": [],
        }

    def _photos_createComment(self, form: dict[str, str]) -> int:
        return self._write("photo", form, form["owner_id"], form["photo_id"])

    def _board_createComment(self, form: dict[str, str]) -> int:
        return self._write("board", form, f"-{form['group_id']}", form["topic_id"])

    def _write(self, kind: str, form: dict[str, str], owner: str, item: str) -> int:
        if not form.get("message"):
            raise Fault(100, "message is undefined")
        if int(item) in self.closed:
            raise Fault(213)
        for one in self.comments:
            if form["guid"] and one.guid == form["guid"]:
                return one.id
        made = Comment(
            next(self._ids), (kind, int(owner), int(item)), form["message"], int(form.get("reply_to_comment", 0)),
            form["guid"],
        )  # fmt: skip
        self.comments.append(made)
        return made.id

    # -- files of messages

    def _docs_getMessagesUploadServer(self, form: dict[str, str]) -> dict[str, str]:
        return {"upload_url": "BASE/upload/doc"}

    def _photos_getMessagesUploadServer(self, form: dict[str, str]) -> dict[str, Any]:
        return {"upload_url": "BASE/upload/photo", "album_id": -64, "group_id": 0}

    def upload(self, kind: str, content_type: str, body: bytes) -> dict[str, Any]:
        """What the upload server answers to a form with one file."""
        parsed = BytesParser(policy=HTTP).parsebytes(
            b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
        )
        (part,) = parsed.iter_parts()
        name = part.get_param("name", header="content-disposition")
        if name != {"doc": "file", "photo": "photo"}[kind]:
            return {"error": "no_file"}
        key = f"up{next(self._ids)}"
        self.uploads[key] = (part.get_filename() or "", part.get_payload(decode=True))
        return {"file": key} if kind == "doc" else {"server": 1, "photo": key, "hash": "h"}

    def _docs_save(self, form: dict[str, str]) -> dict[str, Any]:
        if form["file"] not in self.uploads:
            raise Fault(105, "Couldn't save file")
        number = next(self._ids)
        self.uploads[f"doc-77_{number}"] = self.uploads.pop(form["file"])
        return {"type": "doc", "doc": {"id": number, "owner_id": -77, "title": form.get("title", "")}}

    def _photos_saveMessagesPhoto(self, form: dict[str, str]) -> list[dict[str, Any]]:
        if form["photo"] not in self.uploads or form["hash"] != "h" or form["server"] != "1":
            raise Fault(129, "Invalid photo")
        number = next(self._ids)
        self.uploads[f"photo-77_{number}_k{number}"] = self.uploads.pop(form["photo"])
        return [{"id": number, "owner_id": -77, "access_key": f"k{number}"}]
