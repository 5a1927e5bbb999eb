"""Closing a month: what stands in it is fixed, what comes later stands in the next; and who sees whose pay."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payment
from clientela.modules.billing.operations import refund_payment
from clientela.modules.commission import operations
from clientela.modules.commission.models import Entry, Statement, paid_agents
from clientela.modules.commission.queries import of_months, sums_of
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Absence

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
ALL = {"first": 1, "last": 2**40}


@pytest.fixture
def paid(vera_policy: Policy, make_rate: Any, make_payment: Any, now: datetime) -> Payment:
    """Anna has earned 853.40 by Вера's OSAGO."""
    make_rate("osago", "10")
    payment: Payment = make_payment(vera_policy, "8533.99")
    operations.accrue_missing(now=now, **ALL)
    return payment


def test_a_closed_statement_stays_as_it_is(
    anna: User, branch_head: User, vera_policy: Policy, paid: Payment, make_payment: Any, now: datetime
) -> None:
    statement = operations.close_statement(actor=branch_head, now=now, agent=anna.agent, month=NOVEMBER)
    assert (statement.number, statement.count, statement.premium) == (
        "АГД-16/0101/11-2026",
        1,
        Decimal("8533.99"),
    )
    assert (statement.accrued, statement.taken_back, statement.due) == (
        Decimal("853.40"),
        0,
        Decimal("853.40"),
    )
    assert (statement.tax, statement.to_pay) == (Decimal(111), Decimal("742.40"))  # 13 % is 110.94
    make_payment(vera_policy, "100.00")
    operations.accrue_missing(now=now, **ALL)
    refund = refund_payment(
        actor=anna, now=now, payment=paid, amount=Decimal("8533.99"), way="bank", reason="x"
    )
    operations.take_back(now=now, refund_id=refund.pk)
    assert list(Entry.objects.order_by("id").values_list("amount", "month", "statement")) == [
        (Decimal("853.40"), NOVEMBER, statement.pk), (Decimal("10.00"), DECEMBER, None),
        (Decimal("-853.40"), DECEMBER, None),
    ]  # fmt: skip
    with pytest.raises(operations.AlreadyClosed):
        operations.close_statement(actor=branch_head, now=now, agent=anna.agent, month=NOVEMBER)
    with pytest.raises(operations.NotYet):
        operations.close_statement(actor=branch_head, now=now, agent=anna.agent, month=DECEMBER)
    later = operations.close_statement(
        actor=branch_head, now=now + timedelta(days=30), agent=anna.agent, month=DECEMBER
    )
    assert (later.due, later.tax) == (Decimal("-843.40"), 0)


def test_months_close_in_order(
    anna: User, branch_head: User, vera_policy: Policy, paid: Payment, make_payment: Any, now: datetime
) -> None:
    make_payment(vera_policy, "50.00", now - timedelta(days=40))
    operations.accrue_missing(now=now, **ALL)
    with pytest.raises(operations.EarlierOpen) as refused:
        operations.close_statement(actor=branch_head, now=now, agent=anna.agent, month=NOVEMBER)
    assert refused.value.month == date(2026, 10, 1)
    for month in (date(2026, 10, 1), NOVEMBER):
        operations.close_statement(actor=branch_head, now=now, agent=anna.agent, month=month)
    assert Statement.objects.count() == 2


def test_what_has_no_rate_waits_for_the_next_month(
    anna: User, branch_head: User, vera: Any, kasko: Any, make_policy: Any, paid: Payment, make_payment: Any,
    make_rate: Any, now: datetime,
) -> None:  # fmt: skip
    other = make_policy(vera, kasko, number="КАСКО 1", end=date(2027, 5, 1))
    make_payment(other, "1000.00")
    operations.accrue_missing(now=now, **ALL)
    statement = operations.close_statement(actor=branch_head, now=now, agent=anna.agent, month=NOVEMBER)
    assert statement.due == Decimal("853.40")
    make_rate("kasko", "18")
    operations.fill_rates(now=now, **ALL)
    late = Entry.objects.get(policy=other)
    assert (late.amount, late.month, late.statement) == (Decimal("180.00"), DECEMBER, None)


def test_nothing_to_close(anna: User, branch_head: User, now: datetime) -> None:
    with pytest.raises(operations.NothingToClose):
        operations.close_statement(actor=branch_head, now=now, agent=anna.agent, month=NOVEMBER)


def test_who_closes_no_statement(
    anna: User, team_lead: User, branch_head: User, auditor: User, boris: User, paid: Payment, now: datetime
) -> None:
    for person in (anna, team_lead, auditor):
        with pytest.raises(PermissionDenied):
            operations.close_statement(actor=person, now=now, agent=anna.agent, month=NOVEMBER)
    with pytest.raises(PermissionDenied):
        operations.close_statement(actor=branch_head, now=now, agent=boris.agent, month=NOVEMBER)
    assert not Statement.objects.exists()


def test_whose_pay_a_person_sees(
    anna: User, boris: User, lilia: User, team_lead: User, branch_head: User, renewals_manager: User,
    administrator: User, auditor: User, centre_operator: User, quality: User, marketer: User, now: datetime,
) -> None:  # fmt: skip
    def seen(user: User) -> set[str]:
        return set(paid_agents(user).values_list("last_name", flat=True))

    assert seen(anna) == {"Соколова"}
    assert seen(boris) == {"Ершов"}
    assert seen(team_lead) == seen(branch_head) == {"Соколова", "Закирова"}
    assert seen(renewals_manager) == seen(administrator) == seen(auditor) == {"Соколова", "Закирова", "Ершов"}
    assert seen(quality) == seen(marketer) == set()
    for person in (centre_operator, quality, marketer):
        assert not person.can("commission.read")


def test_who_stands_in_does_not_see_the_pay(
    anna: User, lilia: User, paid: Payment, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    Absence.objects.create(
        person=anna,
        substitute=lilia,
        first_day=date(2026, 11, 16),
        last_day=date(2026, 11, 30),
        created_at=now,
    )
    lilia = User.objects.get(pk=lilia.pk)
    assert Policy.objects.visible_to(lilia).exists()
    assert not Entry.objects.visible_to(lilia).exists()


def test_sums_by_month(
    anna: User, vera_policy: Policy, paid: Payment, make_payment: Any, now: datetime
) -> None:
    Policy.objects.filter(pk=vera_policy.pk).update(renewal_year=2)
    make_payment(vera_policy, "1000.00", now - timedelta(days=61))
    operations.accrue_missing(now=now, **ALL)
    whole = sums_of(Entry.objects.all())
    assert (whole.count, whole.new, whole.renewal, whole.due) == (
        1, Decimal("853.40"), Decimal("100.00"), Decimal("953.40"),
    )  # fmt: skip
    by_month = of_months(Entry.objects.all(), last=NOVEMBER, months=3)
    assert [(day.month, sums.due) for day, sums in by_month] == [
        (9, Decimal("100.00")), (10, 0), (11, Decimal("853.40")),
    ]  # fmt: skip
