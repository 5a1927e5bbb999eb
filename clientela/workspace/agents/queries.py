"""What an agent's dashboard shows: the month by state, the norm, what to do next, and what clients will get."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce

from clientela.foundation.dates import local_moment
from clientela.modules.organisation.models import Agent
from clientela.modules.organisation.queries import agents_visible_to
from clientela.modules.renewals.models import LossReason, Renewal, Touch
from clientela.modules.renewals.queries.planning import spec, steps_in_force
from clientela.modules.renewals.queries.term_facts import facts_of
from clientela.modules.renewals.rules import Reason, is_audience, stop_reason
from clientela.workspace.renewals.queries.board import ROW_FIELDS, TO_BE_WON, ordered

# What has a project, a quote or a payment.
ACTIVATED = (Renewal.State.PROJECT.value, Renewal.State.QUOTED.value, Renewal.State.PAID.value)
MOST_TERMS = 1000
MOST_ACTIONS = 8
DAYS_AHEAD = 7


def agents_for(user: Any) -> "QuerySet[Agent]":
    """Agents whose dashboard this person may open: those whose clients they may see."""
    return agents_visible_to(user).select_related("branch", "team", "centre", "user")


@dataclass(frozen=True)
class Month:
    """The terms of an agent that end in one month."""

    first: date
    last: date
    by_day: dict[date, dict[str, int]]
    states: dict[str, int]
    premium: dict[str, Decimal]
    lost: list[tuple[LossReason | None, int]]

    @property
    def expiring(self) -> int:
        return sum(self.states.values())

    def of(self, *states: str) -> int:
        """How many are in one of these states."""
        return sum(self.states.get(state, 0) for state in states)


def month_of(agent: Agent, first: date, last: date) -> Month:
    """One grouped statement over the agent's terms of the month, one more when some are lost."""
    rows = (
        Renewal.objects.filter(agent=agent, end_date__gte=first, end_date__lte=last)
        .values_list("end_date", "state", "lost_reason_id")
        .annotate(count=Count("*"), premium=Sum(Coalesce("next_premium", "premium")))
        .order_by()
    )
    by_day: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    states: dict[str, int] = defaultdict(int)
    premium: dict[str, Decimal] = defaultdict(Decimal)
    lost: dict[int | None, int] = defaultdict(int)
    for day, state, reason, count, total in rows:
        by_day[day][state] += count
        states[state] += count
        premium[state] += total or 0
        if state == Renewal.State.LOST:
            lost[reason] += count
    names = LossReason.objects.in_bulk([pk for pk in lost if pk]) if lost else {}
    reasons = sorted(((names.get(pk), n) for pk, n in lost.items()), key=lambda pair: -pair[1])
    return Month(
        first, last, {day: dict(found) for day, found in by_day.items()}, dict(states), dict(premium), reasons
    )


def next_terms(agent: Agent, *, today: date) -> list[Renewal]:
    """What the agent should do first: the nearest terms that are still to be won, those without a project first."""
    terms: QuerySet[Renewal] = Renewal.objects.filter(
        agent=agent, state__in=TO_BE_WON, end_date__gte=today, end_date__lte=today + timedelta(days=45)
    )
    terms, order = ordered(terms, "risk")
    terms = terms.select_related("client", "policy__insured_object", "product", "bank", "agent", "branch")
    return list(terms.only(*ROW_FIELDS).order_by(*[key.name for key in order])[:MOST_ACTIONS])


@dataclass(frozen=True)
class Coming:
    """One touch that a client of the agent will get, or will not, and why."""

    term: Renewal
    channel: str
    name: str
    at: datetime
    reason: str = ""
    until_day: int | None = None


@dataclass(frozen=True)
class ComingDay:
    """The touches of one day: those that go, and how many are held back by each reason."""

    day: date
    going: list[Coming] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)


def coming_touches(agent: Agent, *, today: date, days: int = DAYS_AHEAD) -> list[ComingDay]:
    """The touches of the agent's clients from ``today`` on, by the schedules in force and what is planned already.

    A period (operator) counts on its first day. Four statements whatever the number of clients, who are taken up to
    ``MOST_TERMS``.
    """
    steps = [(step, spec(step)) for step in steps_in_force(today)]
    furthest = max((step.day for step, _spec in steps), default=0) + days
    terms = list(
        Renewal.objects.filter(
            agent=agent, end_date__gte=today, end_date__lte=today + timedelta(days=furthest)
        )
        .select_related("client", "policy__insured_object", "product", "bank")
        .only(*(name for name in ROW_FIELDS if not name.startswith(("agent__", "branch__"))))
        .order_by("end_date", "id")[:MOST_TERMS]
    )
    planned = _planned(terms, today=today, days=days)
    found: dict[date, list[Coming]] = defaultdict(list)
    for term in terms:
        facts = facts_of(term)
        for step, known in steps:
            day = term.end_date - timedelta(days=step.day)
            if not today <= day < today + timedelta(days=days) or not is_audience(known, facts):
                continue
            touch = planned.get((term.pk, known.key))
            if touch is not None and touch.state not in (Touch.State.PLANNED, Touch.State.DROPPED):
                continue
            if touch is not None:
                reason = touch.reason if touch.state == Touch.State.DROPPED else ""
                at = touch.due_at
            else:
                reason = str(stop_reason(known, facts, today=day) or "")
                at = local_moment(day, step.at_time, term.time_zone)
            found[day].append(Coming(term, step.channel, step.name, at, reason, step.until_day))
    return [_coming_day(day, found[day]) for day in sorted(found)]


def _planned(terms: Iterable[Renewal], *, today: date, days: int) -> dict[tuple[int, str], Touch]:
    touches = Touch.objects.filter(
        renewal_id__in=[term.pk for term in terms], due_on__gte=today, due_on__lt=today + timedelta(days=days)
    ).only("renewal_id", "step_key", "state", "reason", "due_at")
    return {(touch.renewal_id, touch.step_key): touch for touch in touches}


def _coming_day(day: date, touches: list[Coming]) -> ComingDay:
    held: dict[str, int] = defaultdict(int)
    for touch in touches:
        if touch.reason:
            held[touch.reason] += 1
    going = sorted((t for t in touches if not t.reason), key=lambda t: t.at)
    order = {reason.value: number for number, reason in enumerate(Reason)}
    return ComingDay(day, going, dict(sorted(held.items(), key=lambda pair: order.get(pair[0], 99))))
