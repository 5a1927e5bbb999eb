"""Shapes of conversations in the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.modules.contacts.models import Conversation
from clientela.modules.contacts.schemas import Answered, Subject, Text
from clientela.workspace.inbox.filters import InboxFilter
from clientela.workspace.inbox.words import title_of


class ConversationConditions(Schema):
    """``box``: mine, team, free (nobody's) and done are the boxes of the screen; empty is everything in sight."""

    box: Literal["", "mine", "team", "free", "done"] = ""
    channel: Literal["", "sms", "email", "vk", "telegram", "webchat", "vk_wall"] = ""
    waiting: bool = False
    complaint: bool = False
    order: Literal["new", "due"] = "new"
    name: Annotated[str, Field(max_length=120)] = ""

    def wanted(self) -> InboxFilter:
        return InboxFilter(**self.dict())


class ConversationOut(Schema):
    """``client_id`` is null while several clients share the address that wrote. ``reasons``: why it is the assignee's."""

    id: int
    title: str
    client_id: int | None
    channel: str
    address: str
    state: str
    assignee_id: int | None
    reasons: list[dict[str, Any]]
    last_at: datetime
    last_text: str
    last_is_ours: bool
    waiting_since: datetime | None
    answer_by: datetime | None
    done_at: datetime | None

    @staticmethod
    def resolve_title(talk: Conversation) -> str:
        return title_of(talk)


class DecisionOut(Schema):
    """One decision of routing: ``why`` is its code, ``to_id`` whom the work went to; ``text`` is for people."""

    at: datetime
    why: str
    to_id: int | None
    text: str


class WorkOut(Schema):
    """A conversation as work: in which queue, what it takes of the assignee, what was decided, oldest first."""

    state: str
    queue: str
    load: int
    escalated_to_id: int | None
    decisions: list[DecisionOut]


class ConversationCountsOut(Schema):
    """Open conversations of each box; 100 stands for more than 99."""

    mine: int
    team: int
    free: int


class ReplyIn(Schema):
    """``vk_wall`` answers where everybody reads it, if the client wrote there. ``file_ids``: own files kept before."""

    channel: Answered | Literal["vk_wall"]
    text: Annotated[Text, Field(min_length=1)]
    subject: Subject = ""
    file_ids: Annotated[list[Id], Field(max_length=10)] = []


class AnswerFileOut(Schema):
    """A file that waits for its answer, for a day at most."""

    id: int
    name: str
    size: int


class ComplaintOut(Schema):
    """A complaint that was handed over; ``messages`` are the words it was made in."""

    id: int
    conversation_id: int | None
    client_id: int | None
    message_ids: list[int] = Field(alias="messages")
    excerpt: str
    urgency: Literal["usual", "urgent"]
    by_id: int | None
    at: datetime
    undone_at: datetime | None


class AssignmentIn(Schema):
    """``person_id`` null gives the conversation back to the queue."""

    person_id: Id | None


class SenderIn(Schema):
    client_id: Id


class PhoneClaimOut(Schema):
    """A phone that the writer names. ``verified``: the network vouches for it. ``client_ids``: its owners in sight."""

    phone: str
    verified: bool
    made_at: datetime
    client_ids: list[int]


class PhoneClaimIn(Schema):
    """``client_id`` null: the writer is none of those who have the phone."""

    client_id: Id | None


class AnswererOut(Schema):
    """Somebody who may be given a conversation."""

    id: int
    name: str
    role: str

    @staticmethod
    def resolve_name(person: Any) -> str:
        return str(person)


class MacroIn(Schema):
    """``code`` of approved words (none: nothing is sent); ``acts``: take, queue, done."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    code: Annotated[str, Field(max_length=60)] = ""
    note: Annotated[str, Field(max_length=2000)] = ""
    acts: Annotated[list[str], Field(max_length=3)] = []
    is_active: bool = True


class MacroOut(MacroIn):
    id: int
    used: int
    used_at: datetime | None
