"""Writing rents: one for each term that a client renewed alone, however often it is asked for."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.money import ZERO
from clientela.foundation.outbox.operations import publish
from clientela.modules.billing.models import Payment
from clientela.modules.commission.operations import enter_rent, rent_rate
from clientela.modules.contracts.models import Policy
from clientela.modules.renewals.models import SelfRenewal
from clientela.modules.rent import rules
from clientela.modules.rent.events import RentChanged
from clientela.modules.rent.models import Rent, RentStep
from clientela.modules.rent.queries.building import owed, payments_of
from clientela.modules.rent.queries.evidence import collect

State = Rent.State
OPEN = (State.WAITING, State.OFFICE, State.RETURNED)


@transaction.atomic
def look_at(*, now: datetime, policy_id: int) -> Rent | None:
    """Write the rent of a policy, or let the one there is follow the money; None where no rent can be."""
    rent = Rent.objects.filter(policy=policy_id).first()
    if rent is not None:
        return follow_money(now=now, rent=rent)
    kept = owed().filter(project__next_policy=policy_id).first()
    return _build(kept, policy_id, now) if kept else None


@transaction.atomic
def build_missing(*, now: datetime, first: int, last: int) -> int:
    """Write the rents of the renewals with these ids that have none; returns how many are new."""
    found = list(owed().filter(pk__range=(first, last)).select_related("project"))
    return sum(_build(kept, kept.project.next_policy_id or 0, now) is not None for kept in found)


@transaction.atomic
def follow_missing(*, now: datetime, first: int, last: int) -> int:
    """Let the rents with these ids follow the money that no event told of, and the rates set since; returns how many changed."""
    changed = 0
    for rent in Rent.objects.filter(pk__range=(first, last)).exclude(state=State.REFUSED):
        before = (rent.base, rent.amount, rent.percent)
        after = follow_money(now=now, rent=rent)
        changed += before != (after.base, after.amount, after.percent)
    return changed


def _build(kept: SelfRenewal, policy_id: int, now: datetime) -> Rent | None:
    policy = Policy.objects.select_for_update(no_key=True, of=("self",)).select_related("product", "agent").get(pk=policy_id)  # fmt: skip
    if Rent.objects.filter(policy=policy).exists():
        return None
    assert policy.agent is not None
    evidence, values = collect(policy, kept), _money(policy)
    rent = Rent.objects.create(
        policy=policy, agent=policy.agent, evidence=evidence, evidence_at=now, **judged(evidence), **values,
        renewed_at=kept.begun_at, waits_since=now, created_at=now,
    )  # fmt: skip
    note(rent, RentStep.Kind.BUILT, actor=None, now=now, changes={"amount": [None, str(rent.amount)]})
    return rent


def judged(evidence: dict[str, Any]) -> dict[str, Any]:
    """The columns that say how many checks are met."""
    passed = sum(bool(one["met"]) for one in evidence.values())
    return {"passed": passed, "is_clean": passed == len(rules.Check)}


def _money(policy: Policy, rent: Rent | None = None) -> dict[str, Any]:
    """Rate, base and sum by what was paid; the rate of the first payment stays."""
    assert policy.agent is not None
    rate = rent.rate if rent else None
    if rate is None:
        first = Payment.objects.filter(policy=policy).order_by("paid_at", "pk").first()
        if first is not None:
            rate = rent_rate(policy, policy.agent, local_today(settings.TIME_ZONE, first.paid_at))
    paid = payments_of(policy.pk)
    return {
        "rate": rate, "percent": rate and rate.percent, "base": rules.base_of(paid),
        "amount": rules.rent_of(paid, rate.percent) if rate else ZERO,
    }  # fmt: skip


def hold(rent: Rent) -> Rent:
    """The rent, held to the end of the transaction."""
    rows = Rent.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("policy__product", "agent", "rate").get(pk=rent.pk)


@transaction.atomic
def follow_money(*, now: datetime, rent: Rent) -> Rent:
    """Count the rent anew by what was paid and went back; of an approved one, enter what is new."""
    row = hold(rent)
    if row.state == State.REFUSED:
        return row
    if row.state == State.APPROVED:
        enter(row, now=now)
    values = _money(row.policy, row)
    if values != {name: getattr(row, name) for name in values}:
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
    return row


def enter(rent: Rent, *, now: datetime) -> int:
    """Write the entries of an approved rent that are not there yet."""
    assert rent.rate is not None
    assert rent.decided_at is not None
    return enter_rent(
        now=now, policy=rent.policy, agent=rent.agent, rate=rent.rate,
        approved_on=local_today(settings.TIME_ZONE, rent.decided_at),
    )  # fmt: skip


def note(
    rent: Rent, kind: str, *, actor: Any, now: datetime, reason: str = "", words: str = "",
    changes: dict[str, Any] | None = None, evidence: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Keep a step, tell the journal and whoever follows."""
    RentStep.objects.create(
        rent=rent, kind=kind, by=actor, at=now, reason=reason, words=words, evidence=evidence or {}
    )
    record(
        actor=actor, now=now, action=f"rent.{kind}", obj=rent, object_name=rent.policy.number,
        changes=changes, reason=words or (str(rules.Reason(reason).label) if reason else ""),
    )  # fmt: skip
    publish(RentChanged(rent.pk, rent.policy_id, rent.policy.client_id, rent.agent_id, rent.state), now=now)
