"""Whose conversation a client's message becomes, and by when somebody answers it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from clientela.foundation.dates import local_moment
from clientela.foundation.hours import Hours, spans

_SEARCH_DAYS = 21


class Why(StrEnum):
    """Why a conversation is somebody's, or nobody's yet."""

    OWNER = "owner"
    STANDS_IN = "stands_in"
    STAYS = "stays"
    TAKEN = "taken"
    GIVEN = "given"
    QUEUE_OF_CENTRE = "queue_of_centre"
    QUEUE_OF_BRANCH = "queue_of_branch"
    SHARED_ADDRESS = "shared_address"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with the facts its sentence needs."""

    why: Why
    facts: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"why": self.why.value, **self.facts}


@dataclass(frozen=True, slots=True)
class Owner:
    """A client's agent and who answers in the agent's place; ids are of people who can sign in.

    ``away_until`` is the last day of the agent's absence, None when the agent works today.
    """

    user_id: int | None
    agreement: str = ""
    name: str = ""
    away_until: date | None = None
    substitute_id: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The person who answers, or None for the queue, and why."""

    user_id: int | None
    reason: Reason


def route(owner: Owner, *, centre: str, branch: str, holder_id: int | None = None) -> Route:
    """The owner first, then who stands in, then the queue of the renewal centre, then of the branch.

    ``holder_id`` answers the conversation already and keeps it.
    """
    if holder_id is not None and holder_id not in (owner.user_id, owner.substitute_id):
        return Route(holder_id, Reason(Why.STAYS, {}))
    if owner.user_id is not None and owner.away_until is None:
        return Route(owner.user_id, Reason(Why.OWNER, {"agreement": owner.agreement}))
    if owner.substitute_id is not None and owner.away_until is not None:
        facts = {"name": owner.name, "until": owner.away_until.isoformat()}
        return Route(owner.substitute_id, Reason(Why.STANDS_IN, facts))
    if centre:
        return Route(None, Reason(Why.QUEUE_OF_CENTRE, {"name": centre}))
    return Route(None, Reason(Why.QUEUE_OF_BRANCH, {"name": branch}))


def answer_by(asked: datetime, *, zone: ZoneInfo, hours: Hours, within: timedelta) -> datetime:
    """The moment by which a message that came at ``asked`` is answered: ``within`` of working time from then."""
    left, today = within, asked.astimezone(zone).date()
    for offset in range(_SEARCH_DAYS):
        day = today + timedelta(days=offset)
        for start, stop in spans(day, hours):
            begin = max(asked, local_moment(day, start, zone))
            end = (
                local_moment(day, stop, zone)
                if stop
                else local_moment(day + timedelta(days=1), start.min, zone)
            )
            if begin >= end:
                continue
            if begin + left <= end:
                return begin + left
            left -= end - begin
    return asked + within
