"""Shapes of the day in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from clientela.modules.renewals.schemas import NormResultOut
from clientela.workspace.today import words
from clientela.workspace.today.items import Item

Show = Literal["all", "calls", "expiring", "answers"]


class TodayOut(Schema):
    """How much there is to do on ``day``, in all and by segment; segments that are not this person's are left out."""

    day: date
    total: int
    counts: dict[str, int]


class ReasonOut(Schema):
    """A fact that makes a task urgent, its points, and the same in words."""

    fact: str
    points: int
    text: str


class TaskOut(Schema):
    """One task. ``score`` is the sum of the points of its ``reasons``; ``urgent`` ones come before noon.

    ``kind``: answer, call, call_back, project, offer, payment. A call back has no client while nobody knows whose the
    ``number`` is; it is late after ``until``, and ``ids`` name what is closed with its result. ``callable_now`` and ``local_time`` tell whether a call fits the
    hour at the client's. ``for_whom`` is the absent colleague whose task it is.
    """

    kind: str
    score: int
    urgent: bool
    why: str
    reasons: list[ReasonOut]
    detail: str
    client_id: int | None
    client_name: str
    number: str
    until: datetime | None
    ids: dict[str, int]
    renewal_id: int | None
    touch_id: int | None
    message_id: int | None
    contract: str
    days_left: int | None
    channel: str
    callable_now: bool
    local_time: str
    for_whom: str


def task_of(item: Item) -> dict[str, Any]:
    """A task with its words, which are those of the moment it is told."""
    same = (
        "kind",
        "score",
        "urgent",
        "why",
        "detail",
        "contract",
        "channel",
        "callable_now",
        "local_time",
        "for_whom",
    )
    return {name: getattr(item, name) for name in same} | {
        "reasons": [
            {"fact": weight.fact.value, "points": weight.points, "text": words.reason(weight)} for weight in item.weights
        ],
        "client_id": item.client_id or None, "client_name": item.name, "days_left": item.left,
        "renewal_id": item.term and item.term.pk, "touch_id": item.touch and item.touch.pk,
        "message_id": item.message and item.message.pk, "number": item.asked.number if item.asked else "",
        "until": item.asked and item.asked.until, "ids": dict(item.asked.ids) if item.asked else {},
    }  # fmt: skip


class EventOut(Schema):
    """Why to be in touch though no term ends. ``about``: birthday, car (its maker's guarantee ends), mortgage, claim (paid)."""

    about: str
    day: date
    client_id: int
    client_name: str
    renewal_id: int | None
    fact: str
    text: str
    for_whom: str


def event_of(event: dict[str, Any]) -> dict[str, Any]:
    """An event of ``page.events_of``."""
    client = event["client"]
    return event | {"client_id": client.pk, "client_name": client.name, "renewal_id": event.get("term")}


class TouchesOut(Schema):
    """Today's touches of a channel by outcome: waits, sent, opened, replied, failed, dropped."""

    channel: str
    outcome: str
    count: int


class BelowOut(Schema):
    """A line of an agent below the norm; ``missing`` policies would bring it up. Shares are percents."""

    agent_id: int = Field(alias="agent.pk")
    agent_name: str
    line: str
    renewed: int
    expiring: int
    share: Decimal | None
    target: Decimal
    missing: int

    @staticmethod
    def resolve_agent_name(below: Any) -> str:
        return str(below.agent)


class TeamNormsOut(Schema):
    """How many judged lines of the agents in sight keep the norm, and the eight that miss it most."""

    kept: int
    judged: int
    worst: list[BelowOut]


class FiguresOut(Schema):
    """What stands beside the queue. ``month``: this month's terms by state; ``failed``: touches of seven days.

    An agent has ``norms``, everybody else ``team``. For a whole branch, centre or company counts may be a minute old.
    """

    month: dict[str, int]
    touches: list[TouchesOut]
    failed: int
    norms: list[NormResultOut] | None = None
    team: TeamNormsOut | None = None


class TomorrowOut(Schema):
    """What tomorrow will send to clients in sight by channel, and how many terms each reason holds back."""

    day: date
    clients: int
    going: dict[str, int]
    held: dict[str, int]


class HealthOut(Schema):
    """What failed and what waits; failed jobs are those of seven days, ``oldest`` is the event that waits longest."""

    failed_jobs: int
    running_jobs: int
    queued_jobs: int
    failed_reactions: int = Field(alias="failed_deliveries")
    waiting_events: int = Field(alias="depth")
    oldest: datetime | None
    stuck: bool
    queued_messages: int
    late_messages: int
    uncertain_messages: int
    planned_touches: int | None
