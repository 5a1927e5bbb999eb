"""What is written about the community where everybody reads it, in our words: posts, comments, topics.

An id names the place (`kind:owner_item_comment`); the way back to the same place is read from it. The schema of
`photo_comment_new` leaves `photo_id` out where VK's own table of events has it: it is needed to answer.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from clientela.modules.contacts.ports import IncomingMessage, PublicPlace

Kind = Literal["post", "wall", "photo", "board"]
# Kind, the field of the owner, the field of what is commented.
_FIELDS: dict[str, tuple[Kind, str, str]] = {
    "wall_reply": ("wall", "owner_id", "post_id"),
    "photo_comment": ("photo", "photo_owner_id", "photo_id"),
    "board_post": ("board", "topic_owner_id", "topic_id"),
}
_DELETED_OWNER = {"wall_reply": "owner_id", "photo_comment": "owner_id", "board_post": "topic_owner_id"}
_ACTS = ("new", "edit", "restore", "delete")
_ID = re.compile(r"(post|wall|photo|board):(-?\d+)_(\d+)_(\d+)")


@dataclass(frozen=True, slots=True)
class Spot:
    """A post (``comment`` 0) or a comment to something, and whose page it stands on."""

    kind: Kind
    owner: int
    item: int
    comment: int = 0

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.owner}_{self.item}_{self.comment}"

    @property
    def url(self) -> str:
        match self.kind:
            case "photo":
                return f"https://vk.com/photo{self.owner}_{self.item}"
            case "board":
                return f"https://vk.com/topic{self.owner}_{self.item}?post={self.comment}"
        reply = f"?reply={self.comment}" if self.comment else ""
        return f"https://vk.com/wall{self.owner}_{self.item}{reply}"


def spot_of(external_id: str) -> Spot | None:
    """The place that an id names; of an edited message the place of the first."""
    found = _ID.match(external_id)
    return Spot(found[1], int(found[2]), int(found[3]), int(found[4])) if found else None  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Seen:
    """One event: a message, or the id of one that is gone; neither when the community itself wrote."""

    message: IncomingMessage | None = None
    gone: str = ""


Words = Callable[[Spot, int], tuple[str, str]]


def read_event(kind: str, what: dict[str, Any], event_id: str, group_id: int, words: Words) -> Seen | None:
    """What a public event says; None for other events. ``words`` gives the author's name and what is commented.

    Raises KeyError, TypeError, ValueError for an event without its fields.
    """
    if kind == "wall_post_new":
        return Seen(read_post(what, group_id, lambda spot, who: (words(spot, who)[0], "")))
    subject, _, act = kind.rpartition("_")
    if subject not in _FIELDS or act not in _ACTS:
        return None
    place, owner, item = _FIELDS[subject]
    if act == "delete":
        spot = Spot(place, int(what[_DELETED_OWNER[subject]]), int(what[item]), int(what["id"]))
        return Seen(gone=spot.id)
    spot = Spot(place, int(what[owner]), int(what[item]), int(what["id"]))
    edits = spot.id if act in ("edit", "restore") else ""
    external_id = f"{spot.id}:{act}:{event_id}" if edits else spot.id
    answered = int(what.get("reply_to_comment") or 0)
    return Seen(_message(spot, external_id, what, group_id, words, edits=edits, answered=answered))


def read_post(what: dict[str, Any], group_id: int, words: Words) -> IncomingMessage | None:
    """Somebody's post on the community's wall, or one that mentions it; None for the community's own."""
    return _message(spot := _post(what), spot.id, what, group_id, words)


def _post(what: dict[str, Any]) -> Spot:
    return Spot("post", int(what["owner_id"]), int(what["id"]))


def _message(
    spot: Spot,
    external_id: str,
    what: dict[str, Any],
    group_id: int,
    words: Words,
    *,
    edits: str = "",
    answered: int = 0,
) -> IncomingMessage | None:
    author = int(what["from_id"])
    if author == -group_id:
        return None
    name, about = words(spot, author)
    return IncomingMessage(
        channel="vk_wall",
        external_id=external_id,
        from_address=str(author),
        from_name=name,
        to_address=str(group_id),
        text=str(what.get("text", "")) or attached(what),
        at=datetime.fromtimestamp(int(what["date"]), UTC),
        in_reply_to_provider_id=Spot(spot.kind, spot.owner, spot.item, answered).id if answered else "",
        edits=edits,
        place=PublicPlace(spot.url, about),
    )


def attached(what: dict[str, Any]) -> str:
    """A comment may be nothing but a picture."""
    kinds = [str(one.get("type", "")) for one in what.get("attachments") or [] if isinstance(one, dict)]
    return " ".join(f"[{kind}]" for kind in kinds if kind)
