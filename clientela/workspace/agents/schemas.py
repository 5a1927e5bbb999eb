"""Shapes of an agent's figures in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ninja import Schema

from clientela.foundation import money
from clientela.modules.renewals.models import Renewal
from clientela.workspace.agents import queries
from clientela.workspace.renewals.rows import contract_of


class LossOut(Schema):
    """Terms lost for a reason; without one the policy was cancelled. ``counts_in_norm``: whether the norm counts it."""

    reason: str | None
    counts_in_norm: bool
    count: int


class MonthDayOut(Schema):
    day: date
    states: dict[str, int]


class MonthOut(Schema):
    """An agent's terms that end in a month: counts and premium by state, losses by reason, and each day with terms.

    ``activated`` is what has a project, a quote or a payment. Premium is the next price where there is one.
    """

    first: date
    last: date
    expiring: int
    activated: int
    states: dict[str, int]
    premium: dict[str, Decimal]
    lost: list[LossOut]
    days: list[MonthDayOut]


def month_of(month: queries.Month) -> dict[str, Any]:
    """The month as the dashboard counts it."""
    return {
        "first": month.first, "last": month.last, "expiring": month.expiring, "activated": month.of(*queries.ACTIVATED),
        "states": month.states, "premium": {state: money.kopecks(total) for state, total in month.premium.items()},
        "lost": [
            {
                "reason": reason.code if reason else None, "count": count,
                "counts_in_norm": reason is None or reason.counts_in_norm,
            }
            for reason, count in month.lost
        ],
        "days": [{"day": day, "states": states} for day, states in sorted(month.by_day.items())],
    }  # fmt: skip


class ActionOut(Schema):
    """A term that the agent should take up first; ``reach`` adds 1 SMS, 2 e-mail, 4 VK, 8 calls, 16 Telegram."""

    renewal_id: int
    client_id: int
    client_name: str
    contract: str
    end_date: date
    days_left: int
    state: str
    premium: Decimal
    next_premium: Decimal | None
    reach: int
    last_replied_at: datetime | None
    last_opened_at: datetime | None


def action_of(term: Renewal, today: date) -> dict[str, Any]:
    """A term of ``queries.next_terms``."""
    same = (
        "client_id",
        "end_date",
        "state",
        "premium",
        "next_premium",
        "reach",
        "last_replied_at",
        "last_opened_at",
    )
    return {name: getattr(term, name) for name in same} | {
        "renewal_id": term.pk, "client_name": term.client.name, "contract": contract_of(term),
        "days_left": (term.end_date - today).days,
    }  # fmt: skip


class ComingDayOut(Schema):
    """How many touches of a day go, and how many each reason holds back."""

    day: date
    going: int
    held: dict[str, int]


class ComingOut(Schema):
    """A touch that a client of the agent will get; ``until_day``: a period of days before the end, not one day."""

    day: date
    at: datetime
    channel: str
    name: str
    until_day: int | None
    renewal_id: int
    client_id: int
    client_name: str


def coming_of(touch: queries.Coming, day: date) -> dict[str, Any]:
    """A touch of ``queries.coming_touches``."""
    return {
        "day": day, "at": touch.at, "channel": touch.channel, "name": touch.name, "until_day": touch.until_day,
        "renewal_id": touch.term.pk, "client_id": touch.term.client_id, "client_name": touch.term.client.name,
    }  # fmt: skip
