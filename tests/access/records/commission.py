"""What Anna and Борис have earned: seen by the agent, by those who lead the agent, and by who sees all pay."""

from datetime import date
from decimal import Decimal
from typing import Any

from clientela.modules.billing.models import Payment
from clientela.modules.commission.operations import accrue_policy, load_shipped, set_rate
from tests.access.records.pair import Pair

PAID = frozenset({"anna", "team_lead", "branch_head", "renewals_manager", "administrator", "auditor"})


def of_commission(cast: dict[str, Any], now: Any) -> dict[tuple[str, str], Pair]:
    """An entry and an own rate of each."""
    since = date(2026, 1, 1)
    load_shipped(now=now, active_from=since)
    rates, agents = [], [cast[name].agent for name in ("anna", "boris")]
    for agent, policy in zip(agents, (cast["vera_policy"], cast["boris_policy"]), strict=True):
        Payment.objects.create(
            client=policy.client,
            policy=policy,
            amount=Decimal(10),
            method="bank",
            paid_at=now,
            created_at=now,
        )
        accrue_policy(now=now, policy_id=policy.pk)
        values = {"line": "travel", "percent": Decimal(1), "valid_from": since}
        rates.append(set_rate(actor=None, now=now, agent=agent, **values).pk)
    return {
        ("of", "agent_id"): Pair(*[agent.pk for agent in agents], PAID),
        ("rates", "commission_rate_id"): Pair(*rates, PAID),
    }
