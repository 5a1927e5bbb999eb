"""How agents stand to the renewal norm, with numerator and denominator."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateField, Exists, ExpressionWrapper, F, OuterRef, Q

from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Agent, NormTarget
from clientela.modules.renewals import rules
from clientela.modules.renewals.models import NormResult, Renewal


@dataclass(frozen=True)
class Target:
    """The norm of one line as it applies to one agent."""

    percent: Decimal
    window_months: int
    grace_days: int
    min_expiring: int


def targets() -> dict[tuple[int | None, str], Target]:
    """Every norm by (agent or None for everybody, line)."""
    return {
        (row.agent_id, row.line): Target(row.percent, row.window_months, row.grace_days, row.min_expiring)
        for row in NormTarget.objects.all()
    }


def counts(
    *, line: str, first: date, last: date, grace_days: int, agent_ids: Any = None
) -> dict[int, dict[str, int]]:
    """By agent: terms that ended from ``first`` to ``last``, how many were renewed, how many are not counted.

    Renewed means that an issued next term starts no later than ``grace_days`` after the end. Sold and total-loss
    objects are left out of both (DOMAIN: indicators). One grouped statement.
    """
    next_terms = Policy.objects.filter(previous_id=OuterRef("pk"), status=Policy.Status.ISSUED).annotate(
        latest=ExpressionWrapper(OuterRef("end_date") + timedelta(days=grace_days), output_field=DateField())
    )
    excused = Renewal.objects.filter(policy_id=OuterRef("pk"), lost_reason__counts_in_norm=False)
    policies = Policy.objects.filter(
        product__line=line,
        status=Policy.Status.ISSUED,
        end_date__gte=first,
        end_date__lte=last,
        agent__isnull=False,
    )
    if agent_ids is not None:
        policies = policies.filter(agent_id__in=agent_ids)
    rows = (
        policies.annotate(
            renewed=Exists(next_terms.filter(start_date__lte=F("latest"))),
            out=Exists(excused) | Q(insured_object__sold_on__isnull=False),
        )
        .values("agent_id")
        .annotate(
            total=Count("id", filter=Q(out=False) | Q(renewed=True)),
            kept=Count("id", filter=Q(renewed=True)),
            left=Count("id", filter=Q(out=True, renewed=False)),
        )
        .order_by()
    )
    return {
        r["agent_id"]: {"expiring": r["total"], "renewed": r["kept"], "excluded": r["left"]} for r in rows
    }


@dataclass(frozen=True)
class NormRow:
    """One line of an agent's norm, as the dashboard shows it; ``share`` and ``target`` are percents."""

    line: str
    expiring: int
    renewed: int
    excluded: int
    share: Decimal | None
    target: Decimal
    kept: bool
    missing: int
    window_from: date
    window_to: date


def norms_of(agent: Agent) -> list[NormRow]:
    """The newest results of one agent, a row a line."""
    return [
        NormRow(
            line=row.line,
            expiring=row.expiring,
            renewed=row.renewed,
            excluded=row.excluded,
            share=rules.share(row.renewed, row.expiring),
            target=row.target,
            kept=row.kept,
            missing=rules.missing_to_norm(renewed=row.renewed, expiring=row.expiring, target=row.target),
            window_from=row.window_from,
            window_to=row.window_to,
        )
        for row in NormResult.objects.filter(agent=agent).order_by("line")
    ]
