"""What Anna and Борис have earned: seen by the agent, by those who lead the agent, and by who sees all pay."""

from datetime import date
from decimal import Decimal
from typing import Any

from clientela.modules.billing.models import Payment
from clientela.modules.commission.operations import accrue_policy, load_shipped, set_rate
from clientela.modules.rent.models import Rent
from tests.access.records.pair import Pair

PAID = frozenset({"anna", "team_lead", "branch_head", "renewals_manager", "administrator", "auditor"})

DAY = "2026-11-13T21:14:00+03:00"
EVIDENCE: dict[str, dict[str, Any]] = {
    "first": {"met": True, "policy_id": 0, "number": "1", "on": "2025-12-05", "from": "2025-12-06", "agent_id": 1, "agent": "А", "agreement": "", "channel": "agent", "known": True},
    "alone": {"met": True, "at": DAY, "confirmed_at": DAY, "phone": "+7 917 •••-••-55", "channel": "web", "by_hand": False, "premium": "100.00"},
    "quote": {"met": True, "kind": "quote", "id": 1, "number": "", "at": DAY, "premium": "100.00", "by": "А", "by_id": 1, "own": True},
    "level": {"met": True, "line": "osago", "renewed": 7, "expiring": 10, "least": 5, "share": "70.00", "target": "70.00", "own": False, "from": "2026-07-15", "to": "2026-10-14", "on": "2026-11-13"},
    "once": {"met": True, "entries": 0, "amount": "0.00", "rents": 0, "number": "1"},
}  # fmt: skip


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
    rents = [
        Rent.objects.create(
            policy=policy, agent=agent, base=Decimal(100), amount=Decimal(5), percent=Decimal(5), passed=5, is_clean=True,
            evidence=EVIDENCE, evidence_at=now, renewed_at=now, waits_since=now, created_at=now,
        ).pk
        for agent, policy in zip(agents, (cast["vera_policy"], cast["boris_policy"]), strict=True)
    ]  # fmt: skip
    return {
        ("rents", "rent_id"): Pair(*rents, PAID),
        ("rent", "rent_id"): Pair(*rents, PAID),
        ("of", "agent_id"): Pair(*[agent.pk for agent in agents], PAID),
        ("rates", "commission_rate_id"): Pair(*rates, PAID),
    }
