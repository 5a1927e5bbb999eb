"""Money in, once."""

import threading
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.billing import handlers, operations, queries, rules
from clientela.modules.billing.models import Instalment, Payment
from clientela.modules.contracts import operations as contracts
from clientela.modules.contracts.events import PolicyIssued, ProjectChanged
from clientela.modules.contracts.models import Policy, Project

PREMIUM = Decimal("8533.99")


@pytest.fixture
def project(vera_policy: Policy, now: datetime) -> Project:
    return contracts.prepare_project(actor=None, now=now, policy=vera_policy)


def names() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


@pytest.mark.parametrize(
    ("premium", "count", "parts"),
    [
        (
            "100.00",
            3,
            [("33.34", date(2026, 12, 6)), ("33.33", date(2027, 4, 6)), ("33.33", date(2027, 8, 6))],
        ),
        ("63867.92", 2, [("31933.96", date(2026, 12, 6)), ("31933.96", date(2027, 6, 6))]),
        ("8533.99", 1, [("8533.99", date(2026, 12, 6))]),
    ],
)
def test_instalments(premium: str, count: int, parts: list[tuple[str, date]]) -> None:
    dues = rules.instalments(Decimal(premium), count, date(2026, 12, 6))
    assert [(str(due.amount), due.due_on) for due in dues] == parts


def test_spread() -> None:
    parts = [Decimal(100), Decimal(0), Decimal(50)]
    assert rules.spread(Decimal(120), parts) == ([Decimal(100), Decimal(0), Decimal(20)], Decimal(0))
    assert rules.spread(Decimal(160), parts) == ([Decimal(100), Decimal(0), Decimal(50)], Decimal(10))


def test_full_payment_issues_the_next_term(anna: User, project: Project, now: datetime) -> None:
    payment = operations.register_payment(actor=anna, now=now, amount=PREMIUM, method="cash", project=project)
    project.refresh_from_db()
    policy = project.next_policy
    assert policy is not None
    assert (project.state, policy.previous_id, policy.premium) == ("issued", project.policy_id, PREMIUM)
    assert (payment.policy, payment.registered_by, payment.paid_at) == (policy, anna, now)
    assert [(row.amount, row.paid, row.due_on) for row in Instalment.objects.all()] == [
        (PREMIUM, PREMIUM, date(2026, 12, 6))
    ]
    assert names() == [
        "contracts.ProjectChanged", "contracts.ProjectChanged", "contracts.PolicyIssued", "billing.PaymentRegistered",
    ]  # fmt: skip
    assert [entry.action for entry in Entry.objects.order_by("id")] == [
        "project.prepared", "project.issued", "payment.registered",
    ]  # fmt: skip


def test_part_payment_keeps_the_project_open(anna: User, project: Project, now: datetime) -> None:
    operations.register_payment(actor=anna, now=now, amount=Decimal(8000), method="card", project=project)
    project.refresh_from_db()
    balance = queries.balance_of_project(project)
    assert (project.state, balance.left, balance.over, balance.settled) == (
        "open", Decimal("533.99"), Decimal("0.00"), False,
    )  # fmt: skip
    operations.register_payment(actor=anna, now=now, amount=Decimal("533.99"), method="card", project=project)
    project.refresh_from_db()
    assert project.state == "issued"
    assert set(Payment.objects.values_list("policy", flat=True)) == {project.next_policy_id}
    assert Instalment.objects.get().paid == PREMIUM


def test_a_person_may_not_type_more_than_is_due(anna: User, project: Project, now: datetime) -> None:
    with pytest.raises(operations.MoreThanDue) as raised:
        operations.register_payment(actor=anna, now=now, amount=Decimal(8534), method="cash", project=project)
    assert raised.value.left == PREMIUM
    assert not Payment.objects.exists()
    assert names() == ["contracts.ProjectChanged"]


def test_money_that_has_been_taken_is_kept_as_credit(project: Project, now: datetime) -> None:
    def pay(external_id: str) -> Payment:
        return operations.register_payment(
            actor=None, now=now, amount=Decimal(9000), method="sbp", project=project, external_id=external_id
        )

    pay("sbp-1")
    assert queries.balance_of_project(project).over == Decimal("466.01")
    second = pay("sbp-2")
    assert (second.policy, queries.balance_of_project(project).over) == (None, Decimal("9466.01"))
    assert Policy.objects.count() == 2


def test_one_external_id_is_one_payment(project: Project, now: datetime) -> None:
    first = operations.register_payment(
        actor=None, now=now, amount=PREMIUM, method="link", project=project, external_id="yk-1"
    )
    again = operations.register_payment(
        actor=None, now=now, amount=PREMIUM, method="link", project=project, external_id="yk-1"
    )
    assert (again, Payment.objects.count(), names().count("billing.PaymentRegistered")) == (first, 1, 1)
    with pytest.raises(operations.PaymentConflict):
        operations.register_payment(
            actor=None, now=now, amount=Decimal(1), method="link", project=project, external_id="yk-1"
        )
    assert Payment.objects.count() == 1


def test_money_for_a_withdrawn_project(anna: User, project: Project, now: datetime) -> None:
    contracts.withdraw_project(actor=anna, now=now, project=project)
    with pytest.raises(contracts.ProjectClosed):
        operations.register_payment(actor=anna, now=now, amount=PREMIUM, method="cash", project=project)
    assert not Payment.objects.exists()
    payment = operations.register_payment(
        actor=None, now=now, amount=PREMIUM, method="link", project=project, external_id="late"
    )
    project.refresh_from_db()
    assert (payment.policy, project.state) == (None, "withdrawn")


@pytest.mark.parametrize("amount", [Decimal(0), Decimal("-5"), Decimal("0.001")])
def test_a_payment_is_a_positive_sum(anna: User, project: Project, now: datetime, amount: Decimal) -> None:
    with pytest.raises(operations.InvalidAmount):
        operations.register_payment(actor=anna, now=now, amount=amount, method="cash", project=project)
    assert not Payment.objects.exists()


def test_a_payment_is_for_one_thing(anna: User, project: Project, vera_policy: Policy, now: datetime) -> None:
    for target in ({}, {"policy": vera_policy, "project": project}):
        with pytest.raises(operations.WrongTarget):
            operations.register_payment(actor=anna, now=now, amount=PREMIUM, method="cash", **target)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("who", ["boris", "auditor"])
def test_strangers_register_nothing(
    who: str, request: pytest.FixtureRequest, project: Project, vera_policy: Policy, now: datetime
) -> None:
    stranger = request.getfixturevalue(who)
    before = names()
    for target in ({"project": project}, {"policy": vera_policy}):
        with pytest.raises(PermissionDenied):
            operations.register_payment(actor=stranger, now=now, amount=Decimal(100), method="cash", **target)
    project.refresh_from_db()
    assert (project.state, Payment.objects.count(), names()) == ("open", 0, before)


def test_payment_of_a_policy_pays_the_oldest_part(anna: User, vera_policy: Policy, now: datetime) -> None:
    Policy.objects.update(instalments=2, premium=Decimal(1000))
    vera_policy.refresh_from_db()
    handlers.schedule_instalments(PolicyIssued(vera_policy.pk, vera_policy.client_id, None), now=now)
    handlers.schedule_instalments(PolicyIssued(vera_policy.pk, vera_policy.client_id, None), now=now)
    operations.register_payment(actor=anna, now=now, amount=Decimal(600), method="bank", policy=vera_policy)
    assert [(row.number, row.paid) for row in Instalment.objects.all()] == [
        (1, Decimal(500)),
        (2, Decimal(100)),
    ]
    assert list(queries.overdue(date(2026, 11, 18))) == [Instalment.objects.get(number=2)]
    with pytest.raises(operations.MoreThanDue):
        operations.register_payment(
            actor=anna, now=now, amount=Decimal(401), method="bank", policy=vera_policy
        )


def test_a_cheaper_price_can_settle_a_part_paid_project(anna: User, project: Project, now: datetime) -> None:
    operations.register_payment(actor=anna, now=now, amount=Decimal(8000), method="card", project=project)
    contracts.reprice_project(actor=anna, now=now, project=project, premium=Decimal(8000), reason="скидка")
    event = ProjectChanged(project.pk, project.policy_id, project.policy.client_id, "open")
    for _ in range(2):
        handlers.settle_repriced(event, now=now)
    project.refresh_from_db()
    assert (project.state, Policy.objects.count()) == ("issued", 2)
    assert Payment.objects.get().policy == project.next_policy


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time on SQLite")
def test_the_same_notice_at_the_same_moment(project: Project, now: datetime) -> None:
    """A payer system repeats its notice six times at once."""
    faults: list[Exception] = []

    def notice() -> None:
        try:
            operations.register_payment(
                actor=None, now=now, amount=PREMIUM, method="sbp", project=project, external_id="sbp-77"
            )
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=notice) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (faults, Payment.objects.count(), Policy.objects.count()) == ([], 1, 2)
