"""The chat as other programs read and write it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id

Text = Annotated[str, Field(max_length=5000)]


class ChatRoomOut(Schema):
    """A room as the person sees it: of two people the other's name, of a record its title."""

    id: int
    kind: str
    title: str = ""
    record_kind: str = ""
    record_number: int | None = None
    last_at: datetime
    last_text: str
    unread: int = 0
    is_called: bool = False
    muted: bool = False


class ChatPersonOut(Schema):
    """A colleague in a room and how far they have read."""

    user_id: int
    name: str
    read_number: int

    @staticmethod
    def resolve_name(row: Any) -> str:
        return str(row.user)


class ChatRoomIn(Schema):
    """A talk with one person, or a named group of several, or the discussion of a record."""

    kind: Literal["direct", "group", "record"]
    title: Annotated[str, Field(max_length=80)] = ""
    person_ids: Annotated[list[Id], Field(max_length=200)] = []
    record_kind: Annotated[str, Field(max_length=20)] = ""
    record_number: Id | None = None


class ChatRoomChange(Schema):
    """What the owner of a group changes, and what everybody sets for themselves; left out means unchanged."""

    title: Annotated[str, Field(max_length=80)] | None = None
    muted: bool | None = None


class ChatPeopleIn(Schema):
    """Colleagues to bring into a group."""

    person_ids: Annotated[list[Id], Field(min_length=1, max_length=200)]


class ChatReadIn(Schema):
    """Everything up to this message is read."""

    number: Annotated[int, Field(ge=0, le=2**31 - 1)]


class ChatFileOut(Schema):
    """A file of a message."""

    id: int
    name: str
    size: int


class ChatReactionOut(Schema):
    """A sign that a person put under a message."""

    emoji: str
    user_id: int


class ChatMessageOut(Schema):
    """One thing said; a deleted one has no words and no files."""

    id: int
    room_id: int
    number: int
    author_name: str = ""
    author_user_id: int | None = None
    text: str
    reply_to_number: int | None = None
    called_user_ids: list[int] = []
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    files: list[ChatFileOut] = []
    reactions: list[ChatReactionOut] = []

    @staticmethod
    def resolve_author_name(message: Any) -> str:
        return str(message.author or "")

    @staticmethod
    def resolve_author_user_id(message: Any) -> int | None:
        return message.author_id

    @staticmethod
    def resolve_text(message: Any) -> str:
        return "" if message.deleted_at else message.text

    @staticmethod
    def resolve_reply_to_number(message: Any) -> int | None:
        return message.reply_to.number if message.reply_to else None

    @staticmethod
    def resolve_called_user_ids(message: Any) -> list[int]:
        return [pk for pk, _said in message.called]

    @staticmethod
    def resolve_files(message: Any) -> list[Any]:
        return [] if message.deleted_at else list(message.files.all())

    @staticmethod
    def resolve_reactions(message: Any) -> list[Any]:
        return [] if message.deleted_at else list(message.reactions.all())


class ChatMessageIn(Schema):
    """What to write; ``reply_to_number`` is the message of the same room that it answers."""

    text: Text
    reply_to_number: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class ChatReactionIn(Schema):
    """One of 👍 ❤️ 😂 🎉 😮 🙏; the same again takes it away."""

    emoji: Annotated[str, Field(max_length=8)]


class ChatMessageChange(Schema):
    """Other words."""

    text: Text
