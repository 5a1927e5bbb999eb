"""Losses and disputes."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.claims import operations, queries
from clientela.modules.claims.models import Claim
from clientela.modules.contracts.models import Policy


def test_a_loss_gets_its_number(anna: User, vera_policy: Policy, now: datetime) -> None:
    claim = operations.open_claim(
        actor=anna, now=now, policy=vera_policy, occurred_on=date(2026, 11, 18), description="лобовое стекло",
        amount=Decimal("18300"),
    )  # fmt: skip
    claim.refresh_from_db()
    assert claim.number == f"У-26-{claim.pk:06}"
    assert (claim.client, claim.status, claim.amount) == (vera_policy.client, "reported", Decimal("18300.00"))
    event = Event.objects.get(name="claims.ClaimOpened")
    assert (event.name, event.payload) == (
        "claims.ClaimOpened",
        {"claim_id": claim.pk, "policy_id": vera_policy.pk, "client_id": vera_policy.client_id},
    )
    assert list(queries.claims_of(anna)) == [claim]


@pytest.mark.parametrize("on", [date(2025, 12, 4), date(2026, 11, 19), date(2026, 12, 6)])
def test_only_days_of_cover_up_to_today(anna: User, vera_policy: Policy, now: datetime, on: date) -> None:
    with pytest.raises(operations.OutsideCover):
        operations.open_claim(actor=anna, now=now, policy=vera_policy, occurred_on=on)
    assert not Claim.objects.exists()
    assert not Event.objects.exists()


def test_a_number_is_used_once(anna: User, vera_policy: Policy, now: datetime) -> None:
    day = date(2026, 11, 1)
    operations.open_claim(actor=anna, now=now, policy=vera_policy, occurred_on=day, number="У-16-011872")
    with pytest.raises(operations.ClaimExists):
        operations.open_claim(actor=anna, now=now, policy=vera_policy, occurred_on=day, number="У-16-011872")
    assert Claim.objects.count() == 1


def test_a_dispute_is_told_once_each_way(anna: User, vera_policy: Policy, now: datetime) -> None:
    claim = operations.open_claim(actor=None, now=now, policy=vera_policy, occurred_on=date(2026, 11, 1))
    Event.objects.all().delete()
    for _ in range(2):
        operations.open_dispute(actor=anna, now=now, claim=claim)
    claim.refresh_from_db()
    assert claim.disputed_since == date(2026, 11, 18)
    assert list(queries.disputed([vera_policy.pk])) == [claim]
    for _ in range(2):
        operations.close_dispute(actor=anna, now=now, claim=claim)
    claim.refresh_from_db()
    assert claim.disputed_since is None
    assert list(Event.objects.values_list("name", flat=True)) == ["claims.DisputeChanged"] * 2


@pytest.mark.parametrize("who", ["boris", "quality"])
def test_strangers_and_readers_change_nothing(
    who: str, request: pytest.FixtureRequest, vera_policy: Policy, now: datetime
) -> None:
    stranger = request.getfixturevalue(who)
    claim = operations.open_claim(actor=None, now=now, policy=vera_policy, occurred_on=date(2026, 11, 1))
    told = (Event.objects.count(), Entry.objects.count())
    with pytest.raises(PermissionDenied):
        operations.open_claim(actor=stranger, now=now, policy=vera_policy, occurred_on=date(2026, 11, 1))
    with pytest.raises(PermissionDenied):
        operations.open_dispute(actor=stranger, now=now, claim=claim)
    claim.refresh_from_db()
    assert (Claim.objects.count(), claim.disputed_since) == (1, None)
    assert (Event.objects.count(), Entry.objects.count()) == told


def test_a_claim_is_settled_once(branch_head: User, anna: User, vera_policy: Policy, now: datetime) -> None:
    claim = operations.open_claim(actor=None, now=now, policy=vera_policy, occurred_on=date(2026, 11, 1))
    with pytest.raises(operations.AmountMissing):
        operations.settle_claim(actor=branch_head, now=now, claim=claim, status="paid")
    with pytest.raises(operations.ReasonMissing):
        operations.settle_claim(actor=branch_head, now=now, claim=claim, status="refused", reason=" ")
    with pytest.raises(PermissionDenied):
        operations.settle_claim(actor=anna, now=now, claim=claim, status="refused", reason="x")
    claim.refresh_from_db()
    assert claim.status == "reported"
    operations.settle_claim(actor=branch_head, now=now, claim=claim, status="paid", amount=Decimal("84200"))
    claim.refresh_from_db()
    assert (claim.status, claim.amount, claim.settled_at) == ("paid", Decimal("84200.00"), now)
    assert Event.objects.get(name="claims.ClaimSettled").payload["status"] == "paid"
    with pytest.raises(operations.AlreadySettled):
        operations.settle_claim(actor=branch_head, now=now, claim=claim, status="refused", reason="x")
