"""Shapes of routing in the API."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

Seconds = Annotated[int, Field(ge=1, le=10_000_000)]


class OwnStateIn(Schema):
    state: Literal["available", "busy", "break", "away", "offline"]


class PresenceOut(Schema):
    """What others see: the declared state while a page is open, else offline."""

    person_id: int
    state: str
    since: datetime | None


class StationOut(PresenceOut):
    """A person at work. ``load`` is what their work takes of ``capacity``; ``serves``: gets work from ``queue``."""

    name: str
    queue: str
    serves: bool
    capacity: int
    load: int
    skills: list[str]


class StationIn(Schema):
    capacity: Annotated[int, Field(ge=0, le=1000)]
    skills: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=100)]
    serves: bool


class QueueIn(Schema):
    """Times in seconds, of letters in working time; null for never.

    The service level of calls: ``answer_share`` percent within ``answer_within`` seconds; what is left out stays.
    """

    live_overflow: Seconds | None
    letter_overflow: Seconds | None
    live_take_back: Seconds | None
    takes_back_letters: bool
    answer_within: Annotated[int, Field(ge=0, le=3600)] | None = None
    answer_share: Annotated[int, Field(ge=1, le=99)] | None = None


class QueueOut(QueueIn):
    """``key`` is centre:ID, branch:ID or company. ``since``: the first who waits has waited since then."""

    key: str
    name: str
    waiting: int
    overdue: int
    since: datetime | None
