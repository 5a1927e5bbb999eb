"""What stands beside the queue: norms, the month, today's touches, what failed."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Q, QuerySet

from clientela.foundation.dates import add_months
from clientela.modules.contacts.models import Message
from clientela.modules.organisation.models import Agent
from clientela.modules.organisation.queries import scope_of
from clientela.modules.renewals import rules
from clientela.modules.renewals.models import NormResult, Renewal, Touch
from clientela.workspace.today.queries.kept import kept

FAILED_DAYS = 7
MOST = 50

TouchState = Touch.State
# What a day's touches are told as.
OUTCOMES: dict[str, tuple[str, ...]] = {
    "waits": (TouchState.PLANNED, TouchState.DISPATCHING, TouchState.QUEUED),
    "sent": (TouchState.SENT, TouchState.DELIVERED, TouchState.DONE),
    "opened": (TouchState.OPENED,),
    "replied": (TouchState.REPLIED,),
    "failed": (TouchState.FAILED,),
    "dropped": (TouchState.DROPPED,),
}


def own_agent(user: Any) -> Agent | None:
    """The agent's card of a person who is one."""
    return Agent.objects.filter(user_id=user.pk).first()


@dataclass(frozen=True)
class Below:
    """A line of an agent below the norm; ``missing`` policies would bring it up."""

    agent: Agent
    line: str
    renewed: int
    expiring: int
    share: Decimal | None
    target: Decimal
    missing: int


@dataclass(frozen=True)
class TeamNorms:
    """How the judged lines of the agents in sight stand: kept of all, and the worst first."""

    kept: int
    judged: int
    worst: list[Below]


def team_norms(user: Any, *, most: int = 8) -> TeamNorms:
    """Norms of the agents in scope, in two statements."""
    scope = scope_of(user)
    results = NormResult.objects.filter(expiring__gt=0, agent__is_active=True)
    if not scope.everything:
        results = results.filter(_of_agents(user))
    totals = results.aggregate(judged=Count("id"), kept=Count("id", filter=Q(kept=True)))
    gap = ExpressionWrapper(
        F("target") * F("expiring") / 100 - F("renewed"),
        output_field=DecimalField(max_digits=14, decimal_places=4),
    )
    worst = results.filter(kept=False).annotate(gap=gap).filter(gap__gt=0)
    rows = worst.select_related("agent").order_by("-gap", "agent_id", "line")[:most]
    return TeamNorms(
        totals["kept"], totals["judged"],
        [
            Below(
                row.agent, row.line, row.renewed, row.expiring, rules.share(row.renewed, row.expiring), row.target,
                rules.missing_to_norm(renewed=row.renewed, expiring=row.expiring, target=row.target),
            )
            for row in rows
        ],
    )  # fmt: skip


def _of_agents(user: Any) -> Q:
    scope = scope_of(user)
    if scope.branch_id:
        return Q(agent__branch_id=scope.branch_id)
    if scope.centre_id:
        return Q(agent__centre_id=scope.centre_id)
    return Q(agent_id__in=scope.agent_ids)


def month_states(user: Any, *, today: date) -> dict[str, int]:
    """Terms that end in this month, by state; one grouped statement."""
    first = today.replace(day=1)
    last = add_months(first, 1) - timedelta(days=1)

    def count() -> dict[str, int]:
        rows = Renewal.objects.visible_to(user).filter(end_date__gte=first, end_date__lte=last)
        return dict(rows.values_list("state").annotate(n=Count("id")).order_by())

    return kept(user, "month", today, count)


def touches_today(user: Any, *, today: date) -> dict[tuple[str, str], int]:
    """Today's touches by channel and outcome (a key of ``OUTCOMES``); one grouped statement."""

    def count() -> dict[tuple[str, str], int]:
        rows = _touches(user).filter(due_on=today).values_list("channel", "state")
        found: dict[tuple[str, str], int] = {}
        for channel, state, n in rows.annotate(n=Count("id")).order_by():
            outcome = next(name for name, states in OUTCOMES.items() if state in states)
            found[channel, outcome] = found.get((channel, outcome), 0) + n
        return found

    return kept(user, "touches", today, count)


def _touches(user: Any) -> "QuerySet[Touch]":
    scope = scope_of(user)
    return Touch.objects.all() if scope.everything else Touch.objects.filter(scope.q("renewal__"))


def touches_behind(user: Any, *, today: date, channel: str, outcome: str) -> list[Touch]:
    """The touches of today behind a figure, at most fifty."""
    rows = _touches(user).filter(due_on=today)
    if channel:
        rows = rows.filter(channel=channel)
    if outcome:
        rows = rows.filter(state__in=OUTCOMES[outcome])
    return list(rows.select_related("step", *_NAMED).order_by("due_at", "id")[: MOST + 1])


_NAMED = ("renewal__client", "renewal__policy__insured_object", "renewal__product")


@dataclass(frozen=True)
class Failures:
    """Touches that did not arrive in the last week."""

    count: int
    touches: list[Touch]
    details: dict[int, str]


def failures(user: Any, *, today: date, most: int = 5) -> Failures:
    """What failed of the sending, the newest first, with the network's words."""
    rows = _touches(user).filter(
        due_on__gte=today - timedelta(days=FAILED_DAYS - 1), due_on__lte=today, state=TouchState.FAILED
    )
    touches = list(rows.select_related("step", *_NAMED).order_by("-due_on", "-id")[: most + 1])
    count = len(touches) if len(touches) <= most else rows.order_by().count()
    ids = [touch.message_id for touch in touches if touch.message_id]
    details = dict(Message.objects.filter(id__in=ids).values_list("id", "detail")) if ids else {}
    return Failures(count, touches[:most], {t.pk: details.get(t.message_id or 0, "") for t in touches})
