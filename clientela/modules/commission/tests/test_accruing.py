"""Entries: once for a payment, whoever renewed it; in proportion for a refund; never in silence without a rate."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.foundation.outbox.operations import deliver
from clientela.modules.accounts.models import User
from clientela.modules.billing.events import PaymentRegistered, RefundChanged
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.billing.operations import refund_payment, register_payment
from clientela.modules.commission import handlers, operations, tasks
from clientela.modules.commission.models import Entry
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import prepare_project

PREMIUM = Decimal("8533.99")
ALL = {"first": 1, "last": 2**40}


def pay(policy: Policy, actor: Any, now: datetime, amount: Decimal = PREMIUM) -> Payment:
    payment = register_payment(actor=actor, now=now, amount=amount, method="bank", policy=policy)
    handlers.on_payment(PaymentRegistered(payment.pk, policy.client_id, policy.pk, None), now=now)
    return payment


def give_back(payment: Payment, actor: Any, now: datetime, amount: str) -> Refund:
    refund = refund_payment(
        actor=actor, now=now, payment=payment, amount=Decimal(amount), way="bank", reason="Расторжение"
    )
    handlers.on_refund(RefundChanged(refund.pk, payment.client_id, refund.state), now=now)
    return refund


def told() -> list[tuple[str, Decimal, Decimal | None, Decimal]]:
    return list(Entry.objects.order_by("id").values_list("kind", "base", "percent", "amount"))


def test_a_payment_is_earned_once(anna: User, vera_policy: Policy, make_rate: Any, now: datetime) -> None:
    rate = make_rate("osago", "10")
    payment = pay(vera_policy, anna, now)
    for _ in range(2):
        handlers.on_payment(
            PaymentRegistered(payment.pk, vera_policy.client_id, vera_policy.pk, None), now=now
        )
        assert operations.accrue_missing(now=now, **ALL) == 0
    entry = Entry.objects.get()
    assert (entry.agent, entry.base, entry.percent, entry.amount) == (
        anna.agent,
        PREMIUM,
        Decimal(10),
        Decimal("853.40"),
    )
    assert (entry.rate, entry.agreement_number, entry.term) == (rate, "АГД-16/0101", "new")
    assert (entry.earned_on, entry.month, entry.statement) == (date(2026, 11, 18), date(2026, 11, 1), None)
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


def test_the_renewal_centre_renews_and_the_agent_earns(
    anna: User, centre_operator: User, vera_policy: Policy, make_rate: Any, now: datetime
) -> None:
    make_rate("osago", "10", term="new")
    make_rate("osago", "8", term="renewal")
    project = prepare_project(actor=centre_operator, now=now, policy=vera_policy)
    payment = register_payment(
        actor=centre_operator, now=now, amount=project.premium, method="bank", project=project
    )
    handlers.on_payment(
        PaymentRegistered(payment.pk, payment.client_id, payment.policy_id, project.pk), now=now
    )
    entry = Entry.objects.get()
    assert (entry.agent, entry.term, entry.percent) == (anna.agent, "renewal", Decimal(8))
    assert entry.policy_id == payment.policy_id != vera_policy.pk


def test_payments_that_no_event_told_of_are_counted_by_the_job(
    anna: User, vera_policy: Policy, boris_policy: Policy, make_rate: Any, make_payment: Any, now: datetime
) -> None:
    make_rate("osago", "10")
    make_payment(vera_policy, "1000.00", now - timedelta(days=31))
    make_payment(boris_policy, "2000.00")
    for _ in range(2):
        enqueue(kind="commission.accrue", title="x", now=now)
        assert run_next(worker="w", now=now, lease=timedelta(minutes=5))
    results = Job.objects.filter(kind="commission.accrue").order_by("id").values_list("result", flat=True)
    empty = {"accrued": 0, "taken_back": 0, "rated": 0}
    assert list(results) == [empty | {"accrued": 2}, empty]
    assert sorted(Entry.objects.values_list("amount", "month")) == [
        (Decimal("100.00"), date(2026, 10, 1)), (Decimal("200.00"), date(2026, 11, 1)),
    ]  # fmt: skip


def test_refunds_take_back_in_proportion_and_never_more(
    anna: User, vera_policy: Policy, make_rate: Any, now: datetime
) -> None:
    """8 533.99 × 10 % = 853.40; of it 5 999.99 / 8 533.99 is 600.00 (599.9997…), the rest is 253.40."""
    make_rate("osago", "10")
    payment = pay(vera_policy, anna, now)
    refund = give_back(payment, anna, now, "5999.99")
    handlers.on_refund(RefundChanged(refund.pk, payment.client_id, refund.state), now=now)
    assert operations.take_back_missing(now=now, **ALL) == 0
    give_back(payment, anna, now, "2534.00")
    assert [(kind, base, amount) for kind, base, _percent, amount in told()] == [
        ("accrual", PREMIUM, Decimal("853.40")),
        ("clawback", Decimal("-5999.99"), Decimal("-600.00")),
        ("clawback", Decimal("-2534.00"), Decimal("-253.40")),
    ]


def test_a_refund_heard_of_before_its_payment(
    anna: User, vera_policy: Policy, make_rate: Any, make_payment: Any, now: datetime
) -> None:
    make_rate("osago", "10")
    give_back(make_payment(vera_policy, "1000.00"), anna, now, "250.00")
    assert [amount for *_, amount in told()] == [Decimal("100.00"), Decimal("-25.00")]


def test_the_agent_of_the_sale_gives_back(
    anna: User, boris: User, vera_policy: Policy, make_rate: Any, now: datetime
) -> None:
    make_rate("osago", "10")
    payment = pay(vera_policy, anna, now)
    Policy.objects.filter(pk=vera_policy.pk).update(agent=boris.agent)
    give_back(payment, anna, now, "1000.00")
    assert set(Entry.objects.values_list("agent", flat=True)) == {anna.agent.pk}


def test_without_a_rate_an_entry_says_so_until_there_is_one(
    anna: User, renewals_manager: User, vera_policy: Policy, make_rate: Any, now: datetime
) -> None:
    make_rate("kasko", "15")
    payment = pay(vera_policy, anna, now)
    give_back(payment, anna, now, "1000.00")
    assert told() == [("accrual", PREMIUM, None, 0), ("clawback", Decimal("-1000.00"), None, 0)]
    operations.set_rate(
        actor=renewals_manager, now=now, line="osago", percent=Decimal(10), valid_from=date(2026, 11, 1)
    )
    assert run_next(worker="w", now=timezone.now(), lease=timedelta(minutes=5))
    assert told() == [
        ("accrual", PREMIUM, Decimal(10), Decimal("853.40")),
        ("clawback", Decimal("-1000.00"), Decimal(10), Decimal("-100.00")),
    ]
    assert operations.fill_rates(now=now, **ALL) == 0


def test_no_agent_and_the_site_earn_nobody_anything(
    anna: User, vera_policy: Policy, boris_policy: Policy, make_rate: Any, make_payment: Callable[..., Payment], now: datetime
) -> None:  # fmt: skip
    make_rate("osago", "10")
    Policy.objects.filter(pk=vera_policy.pk).update(sales_channel="web")
    Policy.objects.filter(pk=boris_policy.pk).update(agent=None)
    refunded = make_payment(vera_policy, "1000.00")
    make_payment(boris_policy, "1000.00")
    assert operations.accrue_missing(now=now, **ALL) == 0
    give_back(refunded, anna, now, "100.00")
    assert not Entry.objects.exists()


def test_a_whole_way_through_the_worker(
    anna: User, vera_policy: Policy, make_rate: Any, now: datetime
) -> None:
    make_rate("osago", "10")
    register_payment(actor=anna, now=now, amount=PREMIUM, method="bank", policy=vera_policy)
    while deliver(worker="w", now=now, lease=timedelta(minutes=5)):
        pass
    assert [amount for *_, amount in told()] == [Decimal("853.40")]


def test_a_job_that_is_cut_goes_on_and_counts_nothing_twice(
    anna: User, vera_policy: Policy, make_rate: Any, make_payment: Any, now: datetime, monkeypatch: Any
) -> None:
    make_rate("osago", "10")
    payments = [make_payment(vera_policy, "100.00") for _ in range(3)]
    monkeypatch.setattr(tasks, "PART", 1)
    work, cut = operations.accrue_missing, payments[1].pk

    def dies(*, now: datetime, first: int, last: int) -> int:
        done = work(now=now, first=first, last=last)
        if first <= cut <= last and dying:
            raise RuntimeError("killed")
        return done

    dying = [True]
    steps = tuple((name, model, dies if name == "accrued" else step) for name, model, step in tasks.STEPS)
    monkeypatch.setattr(tasks, "STEPS", steps)
    job = enqueue(kind="commission.accrue", title="x", now=now)
    assert job is not None
    run_next(worker="w", now=now, lease=timedelta(minutes=5))
    assert Entry.objects.count() == 1  # what was written in the part that died is undone
    dying.clear()
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, not_before=now)
    run_next(worker="w", now=now, lease=timedelta(minutes=5))
    job.refresh_from_db()
    assert job.result == {"accrued": 3, "taken_back": 0, "rated": 0}
    assert [amount for *_, amount in told()] == [Decimal("10.00")] * 3
