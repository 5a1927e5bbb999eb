"""What versions of a policy do to money."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.billing import operations
from clientela.modules.billing.models import Instalment, Invoice, Refund
from clientela.modules.billing.queries import balance_of_policy, due_now
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.operations import cancel_policy, endorse, reinstate_policy

PREMIUM = Decimal("8533.99")


@pytest.fixture
def paid(anna: User, vera_policy: Policy, now: datetime) -> Policy:
    operations.register_payment(actor=anna, now=now, amount=PREMIUM, method="cash", policy=vera_policy)
    return vera_policy


def last(policy: Policy) -> PolicyVersion:
    return policy.versions.latest("number")


def amend_twice(policy: Policy, now: datetime) -> PolicyVersion:
    for _ in range(2):
        operations.amend(now=now, version=last(policy))
    return last(policy)


def test_more_is_due(anna: User, paid: Policy, now: datetime) -> None:
    endorse(
        actor=anna, now=now, policy=paid, valid_from=date(2026, 11, 20), premium=Decimal(20000), reason="Водитель"
    )  # fmt: skip
    version = amend_twice(paid, now)
    bill = Invoice.objects.get()
    assert bill.instalment is not None
    assert (due_now(bill), bill.instalment.due_on) == (version.difference, date(2026, 11, 20))
    assert [part.amount for part in Instalment.objects.all()] == [PREMIUM, version.difference]
    operations.register_payment(
        actor=anna, now=now, amount=version.difference, method="cash", policy=Policy.objects.get(pk=paid.pk)
    )
    bill.refresh_from_db()
    assert bill.paid_at == now


def test_some_goes_back_and_comes_again(anna: User, paid: Policy, now: datetime) -> None:
    cancel_policy(actor=anna, now=now, policy=paid, on=now.date(), reason="Продал машину")
    version = amend_twice(paid, now)
    assert version.difference < 0
    refund = Refund.objects.get()
    assert (refund.amount, refund.state, refund.payment.policy_id) == (-version.difference, "due", paid.pk)
    assert balance_of_policy(paid).paid == PREMIUM
    operations.pay_back(actor=anna, now=now, refund=refund, way="bank")
    assert balance_of_policy(paid).paid == PREMIUM + version.difference

    reinstate_policy(actor=anna, now=now, policy=paid, reason="Ошибка")
    amend_twice(paid, now)
    assert due_now(Invoice.objects.get()) == refund.amount


def test_a_refund_that_is_due_is_dropped_when_the_policy_lives_again(
    anna: User, paid: Policy, now: datetime
) -> None:
    cancel_policy(actor=anna, now=now, policy=paid, on=now.date(), reason="x")
    amend_twice(paid, now)
    reinstate_policy(actor=anna, now=now, policy=paid, reason="Ошибка")
    amend_twice(paid, now)
    assert [refund.state for refund in Refund.objects.all()] == ["dropped"]
    assert not Invoice.objects.exists()


def test_what_was_never_paid_is_not_returned(anna: User, vera_policy: Policy, now: datetime) -> None:
    cancel_policy(actor=anna, now=now, policy=vera_policy, on=now.date(), reason="x")
    amend_twice(vera_policy, now)
    assert not Refund.objects.exists()


def test_a_cheaper_price_takes_from_the_parts_that_are_open(
    anna: User, vera_policy: Policy, now: datetime
) -> None:
    Policy.objects.update(instalments=2, start_date=date(2026, 11, 1), end_date=date(2027, 10, 31))
    vera_policy.refresh_from_db()
    first = operations.make_schedule(policy=vera_policy)[0].amount
    operations.register_payment(actor=anna, now=now, amount=first, method="cash", policy=vera_policy)
    endorse(
        actor=anna,
        now=now,
        policy=vera_policy,
        valid_from=date(2026, 11, 20),
        premium=Decimal(8000),
        reason="x",
    )
    version = amend_twice(vera_policy, now)
    assert not Refund.objects.exists()
    assert sum(part.amount for part in Instalment.objects.all()) == version.charged
