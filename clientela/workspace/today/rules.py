"""The order of the day: what each fact about a task weighs. The heaviest task is done first, and says why.

Days to the end weigh most, because a lapsed policy cannot be renewed; then what the client did, then what is ready.
The same table orders rows in the database (``queries/queue.py``) and explains them to people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What is to be done."""

    ANSWER = "answer"
    CALL = "call"
    CALL_BACK = "call_back"
    PROJECT = "project"
    OFFER = "offer"
    PAYMENT = "payment"


class Fact(StrEnum):
    """What makes a task more urgent."""

    WAITING = "waiting"
    WAITS_CALL = "waits_call"
    LATE = "late"
    DAYS = "days"
    CALL_DUE = "call_due"
    OVERDUE = "overdue"
    OPENED = "opened"
    BARE = "bare"
    READY = "ready"
    DEAR = "dear"


# Days left, at most → points. More days than the last limit weigh nothing.
DAYS: tuple[tuple[int, int], ...] = ((1, 60), (5, 50), (10, 36), (17, 30), (30, 14), (45, 6))
POINTS: dict[Fact, int] = {
    Fact.CALL_DUE: 20, Fact.OVERDUE: 4, Fact.OPENED: 12, Fact.BARE: 8, Fact.READY: 6, Fact.DEAR: 3, Fact.LATE: 8,
}  # fmt: skip
# A client who waits for an answer or a call, by how long.
WAITING: tuple[tuple[timedelta, int], ...] = (
    (timedelta(hours=24), 75), (timedelta(hours=2), 68), (timedelta(0), 62),
)  # fmt: skip
RECENT = timedelta(days=2)
DEAR = Decimal(50_000)
# Which tasks are to be done before noon: from this weight on.
URGENT = 44
# Terms this near to their end need a project or a payment now.
NEAR = 17
HORIZON = 45


@dataclass(frozen=True)
class Weight:
    """One fact and its points; ``value`` is the number or moment the words need."""

    fact: Fact
    points: int
    value: int | datetime | None = None


@dataclass(frozen=True)
class TaskFacts:
    """All that orders a task. ``left`` is days to the end of the term, None for a client without one."""

    kind: Kind
    left: int | None = None
    bare: bool = False
    premium: Decimal = Decimal(0)
    opened_at: datetime | None = None
    due_on: date | None = None
    waits_since: datetime | None = None
    until: datetime | None = None


def weigh(facts: TaskFacts, *, today: date, now: datetime) -> list[Weight]:
    """Every fact that counts, heaviest first."""
    found: list[Weight] = []
    if facts.waits_since is not None:
        waited = now - facts.waits_since
        points = next((points for least, points in WAITING if waited >= least), WAITING[-1][1])
        fact = Fact.WAITS_CALL if facts.kind == Kind.CALL_BACK else Fact.WAITING
        found.append(Weight(fact, points, facts.waits_since))
    if facts.left is not None and (points := day_points(facts.left)):
        found.append(Weight(Fact.DAYS, points, facts.left))
    checks = {
        Fact.CALL_DUE: facts.kind == Kind.CALL,
        Fact.OVERDUE: facts.kind == Kind.CALL and facts.due_on is not None and facts.due_on < today,
        Fact.LATE: facts.until is not None and facts.until < now,
        Fact.OPENED: facts.opened_at is not None and facts.opened_at >= now - RECENT,
        Fact.BARE: facts.bare,
        Fact.READY: facts.kind in (Kind.OFFER, Kind.PAYMENT),
        Fact.DEAR: facts.premium >= DEAR,
    }
    values = {Fact.OPENED: facts.opened_at}
    found += [Weight(fact, POINTS[fact], values.get(fact)) for fact, met in checks.items() if met]
    return sorted(found, key=lambda weight: -weight.points)


def day_points(left: int) -> int:
    """Points of the days left to the end of a term."""
    return next((points for limit, points in DAYS if left <= limit), 0)


def total(weights: Sequence[Weight]) -> int:
    """What a task weighs in all."""
    return sum(weight.points for weight in weights)
