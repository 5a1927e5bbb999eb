"""Turning a project into the next policy."""

import threading
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection, connections

from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts import operations
from clientela.modules.contracts.models import Participant, Policy, Project
from clientela.modules.organisation.models import Agent
from clientela.modules.products.models import Product


def test_the_next_term_keeps_the_owner(
    anna: User, boris: User, vera_policy: Policy, osago: Product, now: datetime
) -> None:
    Product.objects.filter(pk=osago.pk).update(number_format="ХХХ {serial:010}", next_serial=412773906)
    Participant.objects.create(
        policy=vera_policy, role="driver", name="Орлова Вера", client=vera_policy.client
    )
    Client.objects.filter(pk=vera_policy.client_id).update(agent=boris.agent)
    project = operations.prepare_project(actor=None, now=now, policy=vera_policy)
    policy = operations.issue_project(now=now, project=project)
    policy.refresh_from_db()
    assert (policy.number, policy.number_key) == ("ХХХ 0412773906", "XXX0412773906")
    assert (policy.agent, policy.branch, policy.centre) == (
        vera_policy.agent, vera_policy.branch, vera_policy.centre,
    )  # fmt: skip
    assert policy.agent == anna.agent
    assert (policy.previous, policy.renewal_year, policy.premium) == (vera_policy, 1, Decimal("8533.99"))
    assert (policy.start_date, policy.end_date, policy.issued_at) == (
        date(2026, 12, 6),
        date(2027, 12, 5),
        now,
    )
    assert policy.insured_object == vera_policy.insured_object
    assert [(row.role, row.name) for row in policy.participants.all()] == [("driver", "Орлова Вера")]
    project.refresh_from_db()
    assert (project.state, project.next_policy) == ("issued", policy)
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == [
        "contracts.ProjectChanged", "contracts.ProjectChanged", "contracts.PolicyIssued",
    ]  # fmt: skip


def test_issuing_twice_returns_the_same_policy(vera_policy: Policy, osago: Product, now: datetime) -> None:
    project = operations.prepare_project(actor=None, now=now, policy=vera_policy)
    first = operations.issue_project(now=now, project=project)
    assert operations.issue_project(now=now, project=project) == first
    osago.refresh_from_db()
    assert (Policy.objects.count(), osago.next_serial) == (2, 2)


def test_a_renewed_term_is_not_renewed_again(vera_policy: Policy, now: datetime) -> None:
    policy = operations.issue_project(
        now=now, project=operations.prepare_project(actor=None, now=now, policy=vera_policy)
    )
    with pytest.raises(operations.AlreadyRenewed) as raised:
        operations.prepare_project(actor=None, now=now, policy=vera_policy)
    assert raised.value.policy == policy
    with pytest.raises(operations.AlreadyRenewed):
        operations.make_quote(actor=None, now=now, policy=vera_policy, premium=Decimal(1))


def test_numbers_taken_by_an_import_are_passed_over(
    vera_policy: Policy, osago: Product, now: datetime
) -> None:
    Product.objects.filter(pk=osago.pk).update(number_format="X-{serial}", next_serial=7)
    for number in ("Х-7", "x/8"):
        Policy.objects.create(
            number=number, number_key=number.upper().replace("Х", "X").replace("-", "").replace("/", ""),
            product=osago, client=vera_policy.client, branch=vera_policy.branch, start_date=date(2026, 1, 1),
            end_date=date(2026, 12, 31), premium=1, created_at=now, updated_at=now,
        )  # fmt: skip
    project = operations.prepare_project(actor=None, now=now, policy=vera_policy)
    assert operations.issue_project(now=now, project=project).number == "X-9"


def test_the_package_is_renewed_together(
    make_policy: Callable[..., Policy], vera: Client, kasko: Product, osago: Product, now: datetime
) -> None:
    for first in ("kasko", "osago"):
        Policy.objects.all().update(package=None)
        casco = make_policy(vera, kasko, number=f"К {first}", end=date(2026, 12, 5))
        companion = make_policy(vera, osago, number=f"О {first}", end=date(2026, 12, 5), package=casco)
        order = [casco, companion] if first == "kasko" else [companion, casco]
        issued = {
            policy.product.code: operations.issue_project(
                now=now, project=operations.prepare_project(actor=None, now=now, policy=policy)
            )
            for policy in order
        }
        issued["osago"].refresh_from_db()
        assert issued["osago"].package == issued["kasko"]


def test_cancelling_leaves_nothing_to_renew(anna: User, vera_policy: Policy, now: datetime) -> None:
    project = operations.prepare_project(actor=anna, now=now, policy=vera_policy)
    quote = operations.make_quote(actor=anna, now=now, policy=vera_policy, premium=Decimal(8100))
    operations.cancel_policy(actor=anna, now=now, policy=vera_policy, on=date(2026, 11, 18), reason="продажа")
    vera_policy.refresh_from_db()
    project.refresh_from_db()
    quote.refresh_from_db()
    assert (vera_policy.status, vera_policy.cancelled_on) == ("cancelled", date(2026, 11, 18))
    assert (project.state, quote.withdrawn_at) == ("withdrawn", now)
    with pytest.raises(operations.PolicyNotInForce):
        operations.cancel_policy(
            actor=anna, now=now, policy=vera_policy, on=date(2026, 11, 18), reason="ещё раз"
        )


@pytest.mark.parametrize("on", [date(2025, 12, 4), date(2026, 12, 6)])
def test_cancelling_outside_the_term(anna: User, vera_policy: Policy, now: datetime, on: date) -> None:
    with pytest.raises(operations.PolicyNotInForce):
        operations.cancel_policy(actor=anna, now=now, policy=vera_policy, on=on, reason="x")
    vera_policy.refresh_from_db()
    assert vera_policy.status == "issued"


def test_an_object_is_sold_once(anna: User, vera_policy: Policy, now: datetime) -> None:
    for _ in range(2):
        operations.mark_object_sold(
            actor=anna, now=now, insured_object=vera_policy.insured_object, sold_on=date(2026, 11, 1)
        )
    vera_policy.insured_object.refresh_from_db()
    assert vera_policy.insured_object.sold_on == date(2026, 11, 1)
    assert list(Event.objects.values_list("name", flat=True)) == ["contracts.ObjectSold"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time on SQLite")
def test_numbers_under_concurrency(
    make_policy: Callable[..., Policy], vera: Client, osago: Product, now: datetime
) -> None:
    """Eight writers issue forty projects; every third try fails after taking its number."""
    Product.objects.filter(pk=osago.pk).update(number_format="N{serial:06}", next_serial=1)
    projects = [
        operations.prepare_project(
            actor=None, now=now, policy=make_policy(vera, osago, number=f"S{index}", end=date(2026, 12, 5))
        )
        for index in range(40)
    ]
    faults: list[Exception] = []

    class Broken(Exception):
        pass

    def work(mine: list[Project]) -> None:
        from django.db import transaction

        try:
            for index, project in enumerate(mine):
                if index % 3 == 0:
                    try:
                        with transaction.atomic():
                            operations.issue_project(now=now, project=project)
                            raise Broken
                    except Broken:
                        pass
                operations.issue_project(now=now, project=project)
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(projects[index::8],)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    numbers = sorted(Policy.objects.filter(previous__isnull=False).values_list("number", flat=True))
    assert numbers == [f"N{serial:06}" for serial in range(1, 41)]
    assert Agent.objects.count() == 1
