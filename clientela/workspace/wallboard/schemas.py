"""Shapes of the line in the API. Shares are 0…1, times are seconds."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id

Queue = Annotated[str, Field(max_length=24)]


class LineFiguresOut(Schema):
    """``level``: answered within ``within`` / offered; null while nothing was offered. Short: gone within 5 s."""

    offered: int
    answered: int
    in_time: int
    abandoned: int
    called_back: int
    short: int
    level: float | None
    abandonment: float | None
    asa: float | None
    talk: float | None
    wrap_up: float | None
    aht: float | None


class HalfHourOut(LineFiguresOut):
    """``slot``: half-hours since midnight of the line's clock."""

    slot: int


class LineOut(Schema):
    """A line's day. ``waiting``: on the line now, ``longest_since`` the first of them. ``aim`` of ``level``, in percent."""

    queue: str
    name: str
    day: date
    within: int
    aim: int
    waiting: int
    longest_since: datetime | None
    total: LineFiguresOut
    half_hours: list[HalfHourOut]
    conversations_answered: int
    conversations_in_time: int
    conversations_first_answer: float | None


class DoingOut(Schema):
    """``state``: talking, ringing, wrap_up, available, busy, break, away, offline. ``occupancy`` of today, 0…1."""

    person_id: int
    name: str
    state: str
    since: datetime | None
    call_id: int | None
    answered: int
    agreed: int
    occupancy: float | None


class WaitingOut(Schema):
    """Somebody who waits: a call (``record_id`` of a call) or a conversation. ``due``: when the promise breaks."""

    kind: Literal["call", "conversation"]
    record_id: int
    name: str
    about: str
    since: datetime
    due: datetime
    overdue: bool
    holder: str


class StateOfIn(Schema):
    """The reason stands in the journal."""

    state: Literal["available", "busy", "break", "away", "offline"]
    reason: Annotated[str, Field(max_length=200)]


class StateOfOut(Schema):
    person_id: int
    state: str
    since: datetime


class CallAssignmentIn(Schema):
    person_id: Id


class AssignmentOut(Schema):
    """``call_id`` rings at ``person_id``."""

    call_id: int
    person_id: int | None
    state: str


class NeedOut(Schema):
    """A half-hour: ``needed`` at the telephone, ``wanted`` on the shift, ``have`` there; ``gap`` are missing.

    ``level``, ``asa`` and ``occupancy`` with the needed; ``reached`` is the level with those who are there.
    """

    slot: int
    calls: float
    needed: int
    wanted: int
    have: int
    gap: int
    level: float
    asa: float | None
    occupancy: float
    reached: float


class StaffingOut(Schema):
    """``history``: the days that calls and ``aht`` are the mean of; ``thin``: too few of them."""

    queue: str
    day: date
    holiday: bool
    thin: bool
    history: list[date]
    aht: float
    within: float
    aim: float
    shrinkage: float
    reached: float | None
    half_hours: list[NeedOut]


class StaffingWish(Schema):
    """What is left out comes from the history and the queue; percents are whole. ``calls``: ``slot:calls``, by commas."""

    queue: Queue = ""
    day: date | None = None
    weeks: Annotated[int, Field(ge=1, le=26)] = 5
    aht: Annotated[int, Field(ge=1, le=7200)] | None = None
    within: Annotated[int, Field(ge=0, le=3600)] | None = None
    aim: Annotated[int, Field(ge=1, le=99)] | None = None
    shrinkage: Annotated[int, Field(ge=0, le=90)] = 30
    calls: Annotated[str, Field(max_length=600)] = ""

    def query(self) -> dict[str, str]:
        """As the page's address says it."""
        values = {
            "day": self.day.isoformat() if self.day else "", "weeks": self.weeks, "aht": self.aht, "within": self.within,
            "aim": self.aim, "shrinkage": self.shrinkage,
        }  # fmt: skip
        found = {name: str(value) for name, value in values.items() if value is not None}
        for part in filter(None, self.calls.split(",")):
            slot, _colon, number = part.partition(":")
            found[f"v{slot.strip()}"] = number.strip()
        return found


class ScreenIn(Schema):
    """A screen on the wall of a queue that the person sees all of."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    queue: Queue


class ScreenOut(Schema):
    id: int
    name: str
    queue: str
    made_at: datetime


class ScreenMade(ScreenOut):
    """``url`` is told now and never again."""

    url: str
