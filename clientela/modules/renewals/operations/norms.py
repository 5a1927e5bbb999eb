"""Computing who keeps the norm."""

from collections import defaultdict
from datetime import date, datetime

from django.db import transaction

from clientela.modules.organisation.models import Agent
from clientela.modules.renewals import rules
from clientela.modules.renewals.models import NormResult
from clientela.modules.renewals.operations.terms import mark_norms
from clientela.modules.renewals.queries.norms import Target, counts, targets


@transaction.atomic
def compute_norms(*, day: date, now: datetime) -> int:
    """Compute every agent's norm of every line as of ``day`` and mark the open terms; returns results written.

    Agents are taken in groups that share window and grace, so that each group costs one grouped statement.
    """
    known = targets()
    lines = {line for _, line in known}
    agents = list(Agent.objects.filter(is_active=True).values_list("id", flat=True))
    results: list[NormResult] = []
    for line in sorted(lines):
        groups: dict[Target, list[int]] = defaultdict(list)
        for agent in agents:
            target = known.get((agent, line)) or known.get((None, line))
            if target:
                groups[target].append(agent)
        for target, members in groups.items():
            results += _results(
                line, target, members, day=day, now=now, everybody=len(members) == len(agents)
            )
    NormResult.objects.all().delete()
    NormResult.objects.bulk_create(results, batch_size=1000)
    mark_norms()
    return len(results)


def _results(
    line: str, target: Target, agents: list[int], *, day: date, now: datetime, everybody: bool
) -> list[NormResult]:
    first, last = rules.norm_window(day, months=target.window_months, grace_days=target.grace_days)
    found = counts(
        line=line,
        first=first,
        last=last,
        grace_days=target.grace_days,
        agent_ids=None if everybody else agents,
    )
    empty = {"expiring": 0, "renewed": 0, "excluded": 0}
    return [
        NormResult(
            agent_id=agent,
            line=line,
            window_from=first,
            window_to=last,
            target=target.percent,
            computed_at=now,
            kept=rules.keeps_norm(
                renewed=row["renewed"],
                expiring=row["expiring"],
                target=target.percent,
                min_expiring=target.min_expiring,
            ),
            **row,
        )
        for agent in agents
        for row in [found.get(agent, empty)]
    ]
