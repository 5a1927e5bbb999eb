"""Shapes of calling lists in the API."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.modules.dialler.models import Attempt, Entry


class CallingListOut(Schema):
    """A list with its figures of today: ``due`` may be called now, ``over`` ended today."""

    id: int
    name: str
    purpose: str
    branch_id: int | None
    team_id: int | None
    centre_id: int | None
    mode: str
    countdown: int
    script: str
    questions: list[dict[str, Any]]
    rules: dict[str, Any]
    opens: time | None
    closes: time | None
    is_active: bool
    waiting: int = 0
    due: int = 0
    called: int = 0
    reached: int = 0
    agreed: int = 0
    over: int = 0


class CallingListIn(Schema):
    """What a manager sets. ``rules`` holds only what differs from the shipped numbers."""

    name: str = Field(min_length=1, max_length=120)
    purpose: Literal["service", "advertising"] = "service"
    branch_id: Id | None = None
    team_id: Id | None = None
    centre_id: Id | None = None
    mode: Literal["preview", "progressive"] = "preview"
    countdown: int = Field(default=20, ge=3, le=120)
    script: str = Field(default="", max_length=6000)
    questions: list[dict[str, Any]] = Field(default=[], max_length=12)
    rules: dict[str, Any] = {}
    opens: time | None = None
    closes: time | None = None
    is_active: bool = True


class CallingAttemptOut(Schema):
    """One attempt; ``by_itself`` when the network gave the outcome."""

    id: int
    number: int
    operator_id: int | None
    call_id: int | None
    began_at: datetime
    outcome: str
    moment: datetime | None
    note: str
    by_itself: bool


class CallingEntryOut(Schema):
    """A client on a list. ``asked``: the client waits for a call at ``next_at``."""

    id: int
    list_id: int
    client_id: int
    subject: str
    ends_on: date | None
    premium: Decimal | None
    state: str
    asked: bool
    next_at: datetime
    until: datetime
    attempts: int
    taken_by_id: int | None
    reserved_for_id: int | None
    outcome: str
    dropped: str
    ended_at: datetime | None

    @staticmethod
    def resolve_list_id(entry: Entry) -> int:
        return entry.calling_id


class CallingEntryFullOut(CallingEntryOut):
    """The same with its sentences and attempts."""

    why: list[str]
    tries: list[CallingAttemptOut]

    @staticmethod
    def resolve_tries(entry: Entry) -> list[Attempt]:
        return list(entry.tries.filter(undone_at=None))


class CallingTakenOut(Schema):
    """The client in hand; none when nobody is due."""

    entry: CallingEntryFullOut | None


class CallingClientsIn(Schema):
    client_ids: list[Id] = Field(min_length=1, max_length=5000)
    reason: str = Field(default="", max_length=160)


class CallingAddedOut(Schema):
    """``left`` were there already or are out of sight."""

    added: int
    left: int


class CallingOutcomeIn(Schema):
    """``moment`` for what the client named; ``answers`` by the keys of the list's questions."""

    outcome: str = Field(max_length=12)
    note: str = Field(default="", max_length=500)
    moment: datetime | None = None
    answers: dict[str, str] = Field(default={}, max_length=12)


class CallingSkipIn(Schema):
    reason: str = Field(min_length=1, max_length=200)


class CallingAssignIn(Schema):
    """Without a person everybody gets them."""

    entry_ids: list[Id] = Field(min_length=1, max_length=1000)
    person_id: Id | None = None


class CallingAssignedOut(Schema):
    moved: int


class CallingCallOut(Schema):
    call_id: int
