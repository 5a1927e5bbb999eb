"""Approving, returning, answering; what comes into the statement; who may, and whose."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from clientela.foundation.audit.models import Entry as Told
from clientela.modules.accounts.models import User
from clientela.modules.billing.events import PaymentRegistered, RefundChanged
from clientela.modules.billing.models import Payment
from clientela.modules.billing.operations import refund_payment
from clientela.modules.commission import handlers as earning
from clientela.modules.commission.models import Entry, Rate
from clientela.modules.commission.operations import accrue_missing, close_statement
from clientela.modules.commission.queries import sums_of
from clientela.modules.contracts.models import Policy, Quote
from clientela.modules.rent import handlers, operations, queries
from clientela.modules.rent.models import Rent
from clientela.modules.rent.tests.conftest import PREMIUM, pay

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def rent(anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime) -> Rent:
    found = operations.look_at(now=now, policy_id=renew_alone(vera_policy).pk)
    assert found is not None
    return found


def told() -> list[tuple[str, Decimal, Decimal, date]]:
    return list(Entry.objects.order_by("id").values_list("kind", "base", "amount", "month"))


def test_approved_it_stands_in_the_statement(
    anna: User, branch_head: User, rent: Rent, now: datetime
) -> None:
    done = operations.approve(actor=branch_head, now=now, rent=rent)
    assert (done.state, done.month, done.decided_by) == ("approved", NOVEMBER, branch_head)
    entry = Entry.objects.get()
    assert (entry.kind, entry.term, entry.base, entry.percent, entry.amount) == (
        "rent", "rent", PREMIUM, Decimal(5), Decimal("426.70"),
    )  # fmt: skip
    assert (entry.agent, entry.agreement_number, entry.earned_on) == (
        anna.agent,
        "АГД-16/0101",
        date(2026, 11, 18),
    )
    sums = sums_of(Entry.objects.all())
    assert (sums.rent, sums.accrued, sums.due, sums.new) == (
        Decimal("426.70"),
        Decimal("426.70"),
        Decimal("426.70"),
        0,
    )
    closed = close_statement(actor=branch_head, now=now, agent=anna.agent, month=NOVEMBER)
    assert (closed.accrued, closed.tax) == (Decimal("426.70"), Decimal(55))  # 13 % is 55.47
    assert Told.objects.filter(action="rent.approved").count() == 1


def test_twice_is_refused_and_the_database_holds_it(branch_head: User, rent: Rent, now: datetime) -> None:
    operations.approve(actor=branch_head, now=now, rent=rent)
    with pytest.raises(operations.NotWaiting):
        operations.approve(actor=branch_head, now=now, rent=rent)
    entry = Entry.objects.get()
    entry.pk, entry.kind = None, Entry.Kind.ACCRUAL
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)
    Policy.objects.filter(pk=rent.policy_id).update(sales_channel="agent")
    assert accrue_missing(now=now, first=1, last=2**40) == 0, "a payment earns once, either way"


def test_a_closed_month_leaves_it_to_the_next(
    anna: User, branch_head: User, boris_policy: Policy, rent: Rent, now: datetime
) -> None:
    other = Policy.objects.get(number="ХХХ 0500000000")
    pay(other, "1000.00", now)
    accrue_missing(now=now, first=1, last=2**40)
    close_statement(actor=branch_head, now=now, agent=anna.agent, month=NOVEMBER)
    assert operations.approve(actor=branch_head, now=now, rent=rent).month == DECEMBER
    assert told()[-1] == ("rent", PREMIUM, Decimal("426.70"), DECEMBER)


def test_late_it_stands_in_the_month_of_the_decision(branch_head: User, rent: Rent, now: datetime) -> None:
    assert operations.approve(actor=branch_head, now=now + timedelta(days=20), rent=rent).month == DECEMBER


def test_a_part_paid_later_is_entered_by_itself(
    anna: User, branch_head: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    issued = renew_alone(vera_policy, parts=("4266.99",))
    rent = operations.look_at(now=now, policy_id=issued.pk)
    assert rent is not None
    operations.approve(actor=branch_head, now=now, rent=rent)
    later = now + timedelta(days=90)
    second = pay(issued, "4267.00", later)
    for _ in range(2):
        handlers.on_payment(PaymentRegistered(second.pk, issued.client_id, issued.pk, None), now=later)
    assert told() == [
        ("rent", Decimal("4266.99"), Decimal("213.35"), NOVEMBER),
        ("rent", Decimal("4267.00"), Decimal("213.35"), date(2027, 2, 1)),
    ]
    rent.refresh_from_db()
    assert rent.amount == Decimal("426.70")


def test_a_refund_takes_back_in_proportion(anna: User, branch_head: User, rent: Rent, now: datetime) -> None:
    """426.70 × 2 000.00 / 8 533.99 = 100.00 (99.9999…); the rest takes the rest."""
    operations.approve(actor=branch_head, now=now, rent=rent)
    payment = Payment.objects.get(policy=rent.policy)
    for amount in ("2000.00", "6533.99"):
        refund = refund_payment(
            actor=anna, now=now, payment=payment, amount=Decimal(amount), way="bank", reason="x"
        )
        event = RefundChanged(refund.pk, payment.client_id, refund.state)
        for handler in (earning.on_refund, handlers.on_refund, handlers.on_refund):
            handler(event, now=now)
    assert [(kind, amount) for kind, _base, amount, _month in told()] == [
        ("rent", Decimal("426.70")), ("clawback", Decimal("-100.00")), ("clawback", Decimal("-326.70")),
    ]  # fmt: skip
    rent.refresh_from_db()
    assert (rent.base, rent.amount, rent.state) == (0, 0, "approved")


def test_a_refund_before_the_approval_is_taken_back_at_once(
    anna: User, branch_head: User, rent: Rent, now: datetime
) -> None:
    payment = Payment.objects.get(policy=rent.policy)
    refund_payment(actor=anna, now=now, payment=payment, amount=Decimal("2000.00"), way="bank", reason="x")
    done = operations.approve(actor=branch_head, now=now, rent=rent)
    assert [(kind, amount) for kind, _base, amount, _month in told()] == [
        ("rent", Decimal("426.70")), ("clawback", Decimal("-100.00")),
    ]  # fmt: skip
    assert done.amount == Decimal("326.70")


def test_all_gone_back_there_is_nothing_to_approve(
    anna: User, branch_head: User, rent: Rent, now: datetime
) -> None:
    payment = Payment.objects.get(policy=rent.policy)
    refund_payment(actor=anna, now=now, payment=payment, amount=PREMIUM, way="bank", reason="x")
    with pytest.raises(operations.NothingLeft):
        operations.approve(actor=branch_head, now=now, rent=rent)
    assert not Entry.objects.exists()


def test_without_a_rate_it_is_not_approved(branch_head: User, rent: Rent, now: datetime) -> None:
    Rent.objects.update(rate=None, percent=None, amount=0)
    Rate.objects.filter(term="rent").delete()
    with pytest.raises(operations.NoRate):
        operations.approve(actor=branch_head, now=now, rent=rent)


def test_what_is_not_clean_is_approved_with_words_only(
    anna: User, branch_head: User, vera_policy: Policy, good: None, quoted: Quote, renew_alone: Any, now: datetime
) -> None:  # fmt: skip
    quoted.delete()
    rent = operations.look_at(now=now, policy_id=renew_alone(vera_policy).pk)
    assert rent is not None
    with pytest.raises(operations.WordsMissing):
        operations.approve(actor=branch_head, now=now, rent=rent)
    done = operations.approve(
        actor=branch_head, now=now, rent=rent, words=" Расчёт был на бумаге, копия у меня "
    )
    assert (done.state, done.words) == ("approved", "Расчёт был на бумаге, копия у меня")


def test_paid_for_twice_is_never_approved(
    anna: User, branch_head: User, vera_policy: Policy, rent: Rent, now: datetime
) -> None:
    Policy.objects.filter(pk=rent.policy_id).update(sales_channel="agent")
    accrue_missing(now=now, first=1, last=2**40)
    with pytest.raises(operations.PaidAlready):
        operations.approve(actor=branch_head, now=now, rent=rent, words="всё равно")


def test_returned_answered_and_in_the_end_the_head_office(
    anna: User, branch_head: User, renewals_manager: User, rent: Rent, now: datetime
) -> None:
    day = timedelta(days=1)
    with pytest.raises(operations.WordsMissing):
        operations.send_back(actor=branch_head, now=now, rent=rent, reason="other")
    with pytest.raises(operations.NotWaiting):
        operations.answer(actor=anna, now=now, rent=rent, words="рано")
    back = operations.send_back(
        actor=branch_head, now=now, rent=rent, reason="no_quote", words="Не вижу расчёта"
    )
    assert (back.state, back.returned, back.reason) == ("returned", 1, "no_quote")
    assert list(queries.to_answer(anna)) == [rent]
    with pytest.raises(operations.WordsMissing):
        operations.answer(actor=anna, now=now, rent=rent, words="  ")
    again = operations.answer(actor=anna, now=now + day, rent=rent, words="Расчёт Р-26-000117")
    assert (again.state, again.waits_since) == ("waiting", now + day)
    operations.send_back(actor=branch_head, now=now + day, rent=rent, reason="other", words="Не убедили")
    last = operations.answer(actor=anna, now=now + 2 * day, rent=rent, words="Прошу центральный офис")
    assert (last.state, last.returned) == ("office", 2)
    with pytest.raises(operations.NotWaiting):
        operations.approve(actor=branch_head, now=now, rent=rent)
    assert not queries.to_decide(branch_head).exists()
    assert list(queries.to_decide(renewals_manager)) == [rent]
    done = operations.send_back(actor=renewals_manager, now=now + 2 * day, rent=rent, reason="no_quote")
    assert (done.state, done.returned) == ("refused", 2)
    assert [step.kind for step in rent.steps.all()] == [
        "built", "returned", "answered", "returned", "answered", "refused",
    ]  # fmt: skip
    assert rent.steps.all()[2].evidence["quote"]["number"] == "Р-26-000117"
    with pytest.raises(operations.NotWaiting):
        operations.answer(actor=anna, now=now, rent=rent, words="ещё")
    assert not Entry.objects.exists()


def test_the_head_office_may_approve(
    anna: User, branch_head: User, renewals_manager: User, rent: Rent, now: datetime
) -> None:
    for words in ("раз", "два"):
        operations.send_back(actor=branch_head, now=now, rent=rent, reason="other", words=words)
        operations.answer(actor=anna, now=now, rent=rent, words=words)
    assert operations.approve(actor=renewals_manager, now=now, rent=rent).state == "approved"


def test_an_answer_gathers_the_evidence_anew(
    anna: User, branch_head: User, vera_policy: Policy, good: None, quoted: Quote, renew_alone: Any, now: datetime
) -> None:  # fmt: skip
    """The quote had the wrong author: put right, the rent becomes clean."""
    Quote.objects.filter(pk=quoted.pk).update(created_by=None)
    rent = operations.look_at(now=now, policy_id=renew_alone(vera_policy).pk)
    assert rent is not None
    assert rent.passed == 4
    operations.send_back(actor=branch_head, now=now, rent=rent, reason="no_quote")
    Quote.objects.filter(pk=quoted.pk).update(created_by=anna)
    again = operations.answer(actor=anna, now=now, rent=rent, words="Автор расчёта исправлен")
    assert (again.passed, again.is_clean) == (5, True)


def test_clean_ones_are_approved_at_once(
    anna: User, branch_head: User, boris: User, vera_policy: Policy, boris_policy: Policy, rent: Rent,
    renew_alone: Any, now: datetime,
) -> None:  # fmt: skip
    foreign = operations.look_at(now=now, policy_id=renew_alone(boris_policy).pk)
    assert foreign is not None
    Rent.objects.filter(pk=foreign.pk).update(is_clean=True, passed=5)
    assert operations.approve_clean(actor=branch_head, now=now, upto=rent.pk - 1) == []
    assert [one.pk for one in operations.approve_clean(actor=branch_head, now=now)] == [rent.pk]
    assert operations.approve_clean(actor=branch_head, now=now) == []
    foreign.refresh_from_db()
    assert foreign.state == "waiting"


def test_who_decides_nothing(
    anna: User, boris: User, team_lead: User, auditor: User, centre_operator: User, ulyanovsk: Any,
    make_user: Any, branch_head: User, rent: Rent, now: datetime,
) -> None:  # fmt: skip
    from clientela.modules.organisation.models import Placement

    stranger = make_user("branch_head", "Пётр", "Сомов")
    Placement.objects.create(user=stranger, branch=ulyanovsk)
    for person in (anna, boris, team_lead, auditor, centre_operator, stranger):
        with pytest.raises(PermissionDenied):
            operations.approve(actor=person, now=now, rent=rent)
        with pytest.raises(PermissionDenied):
            operations.send_back(actor=person, now=now, rent=rent, reason="no_quote")
    operations.send_back(actor=branch_head, now=now, rent=rent, reason="no_quote")
    for person in (boris, team_lead, branch_head, auditor):
        with pytest.raises(PermissionDenied):
            operations.answer(actor=person, now=now, rent=rent, words="за агента")


def test_nobody_approves_the_own_rent(anna: User, branch_head: User, rent: Rent, now: datetime) -> None:
    card = anna.agent
    card.user = branch_head
    card.save(update_fields=["user"])
    assert not queries.to_decide(branch_head).exists()
    with pytest.raises(PermissionDenied):
        operations.approve(actor=branch_head, now=now, rent=rent)


def test_who_sees_which(
    anna: User, boris: User, lilia: User, team_lead: User, branch_head: User, renewals_manager: User,
    auditor: User, quality: User, rent: Rent,
) -> None:  # fmt: skip
    for person in (anna, team_lead, branch_head, renewals_manager, auditor):
        assert Rent.objects.visible_to(person).exists(), person
    for person in (boris, lilia, quality):
        assert not Rent.objects.visible_to(person).exists(), person


def test_terms_are_set_by_who_sets_rates(
    anna: User, branch_head: User, renewals_manager: User, now: datetime
) -> None:
    for person in (anna, branch_head):
        with pytest.raises(PermissionDenied):
            operations.set_terms(actor=person, now=now, days=3, targets={})
    row = operations.set_terms(
        actor=renewals_manager, now=now, days=3, targets={"osago": Decimal("72.5"), "kasko": None}
    )
    assert (row.days, row.targets) == (3, {"osago": "72.5"})
    assert queries.terms_now().days == 3
