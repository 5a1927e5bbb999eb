"""Shapes of the voice robot in the API."""

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id


class DialogueVersionOut(Schema):
    """A version without its graph; in force from ``active_from`` until the next one is."""

    id: int
    number: int
    state: str
    active_from: date | None
    changed_at: datetime


class DialogueOut(Schema):
    """What the robot talks about. ``robot`` is what it calls itself."""

    id: int
    code: str
    name: str
    description: str
    robot: str
    versions: list[DialogueVersionOut]


class DialogueFaultOut(Schema):
    """Why a version may not start; ``node`` is empty where it is the whole."""

    code: str
    node: str
    text: str


class DialogueGraphOut(DialogueVersionOut):
    """A version with its nodes as data, and what is wrong with them."""

    graph: dict[str, Any]
    faults: list[DialogueFaultOut]


class DialogueGraphIn(Schema):
    """The whole graph of a draft. With ``changed_at`` as it was read, a change made meanwhile is not lost: 409."""

    graph: dict[str, Any]
    changed_at: datetime | None = None


class DialogueDraftIn(Schema):
    from_version: Id


class DialogueActivationIn(Schema):
    """The first day; tomorrow at the earliest."""

    active_from: date


class TrialIn(Schema):
    """Words of the variables and the answers: ``{"key": "1"}``, ``{"text": "да"}`` or ``{"silent": true}``."""

    values: dict[str, str] = Field(default_factory=dict, max_length=50)
    events: list[dict[str, Any]] = Field(default_factory=list, max_length=60)
    machine: bool = False


class TrialLineOut(Schema):
    node: str
    text: str
    at: int
    is_client: bool
    meaning: str


class TrialOut(Schema):
    """What would be said and done. Nothing is sent, nobody is called."""

    lines: list[TrialLineOut]
    acts: list[str]
    outcome: str
    is_over: bool


class RobotCallOut(Schema):
    """A client to be reached; ``dropped`` is the code of why nobody is rung any more."""

    id: int
    client_id: int
    dialogue_id: int
    state: str
    outcome: str
    promised: date | None
    dropped: str
    tries: int
    next_at: datetime
    until: datetime
    created_at: datetime
    ended_at: datetime | None


class SaidOut(Schema):
    """One thing said, and how it was answered."""

    node: str
    text: str
    at: datetime
    via: str
    heard: str
    confidence: float | None
    meaning: str
    to: str


class AttemptOut(Schema):
    number: int
    rung_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    who: str
    ending: str
    cause: str
    said: list[SaidOut]


class RobotCallFullOut(RobotCallOut):
    """The call with its attempts and the transcript."""

    address: str
    verdict: dict[str, Any]
    attempts: list[AttemptOut]


class PauseIn(Schema):
    reason: str = Field(default="", max_length=200)


class RobotStateOut(Schema):
    """Whether the robot rings, and how many it talks with."""

    paused_since: datetime | None
    live: int
