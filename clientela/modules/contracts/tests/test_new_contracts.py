"""Contracts that renew nothing: prepared, priced, issued; and what a next term says otherwise."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts import operations
from clientela.modules.contracts.models import Participant, Policy, Project
from clientela.modules.contracts.operations import handover
from clientela.modules.products.models import Product


def new_values(client: Client, product: Product, **more: Any) -> dict[str, Any]:
    return {
        "client": client, "product": product, "premium": Decimal("41380.00"), "start_date": date(2026, 11, 19),
        "end_date": date(2027, 11, 18), "calculation_number": "Р-26-118402",
        "participants": [{"role": "driver", "name": "Орлова Вера Николаевна", "client_id": client.pk,
                          "birth_date": "1984-04-12", "experience_since": "2004-06-01", "licence": "9912 345678"}],
        "terms": {"coverages": [{"code": "hull"}]}, "sum_insured": Decimal(2_150_000), "instalments": 2,
    } | more  # fmt: skip


def test_a_new_contract_becomes_a_policy(anna: User, vera: Client, kasko: Product, now: datetime) -> None:
    project = operations.prepare_new(actor=anna, now=now, **new_values(vera, kasko))
    assert (project.policy, project.agent, project.branch, project.centre) == (
        None, vera.agent, vera.branch, vera.centre,
    )  # fmt: skip
    again = operations.prepare_new(actor=anna, now=now, **new_values(vera, kasko))
    assert again == project
    policy = operations.issue_project(actor=anna, now=now, project=project)
    policy.refresh_from_db()
    assert (policy.client, policy.product, policy.previous, policy.renewal_year) == (vera, kasko, None, 0)
    assert (policy.premium, policy.sum_insured, policy.instalments) == (Decimal(41380), Decimal(2_150_000), 2)
    person = policy.participants.get()
    assert (person.client, person.birth_date, person.experience_since) == (
        vera,
        date(1984, 4, 12),
        date(2004, 6, 1),
    )
    assert operations.issue_project(now=now, project=project) == policy
    events = list(Event.objects.order_by("id").values_list("name", "payload"))
    assert [name for name, _ in events] == [
        "contracts.ProjectChanged", "contracts.ProjectChanged", "contracts.PolicyIssued",
    ]  # fmt: skip
    assert (events[0][1]["policy_id"], events[0][1]["client_id"]) == (None, vera.pk)


def test_a_new_contract_is_priced_offered_and_withdrawn(
    anna: User, vera: Client, kasko: Product, now: datetime
) -> None:
    project = operations.prepare_new(actor=anna, now=now, **new_values(vera, kasko))
    with pytest.raises(operations.ReasonRequired):
        operations.reprice_project(actor=anna, now=now, project=project, premium=Decimal(40000))
    operations.reprice_project(actor=anna, now=now, project=project, premium=Decimal(40000), reason="скидка")
    operations.mark_offered(actor=anna, now=now, project=project)
    row = operations.withdraw_project(actor=anna, now=now, project=project)
    assert (row.state, row.premium, row.carried_premium) == ("withdrawn", Decimal(40000), Decimal(41380))
    with pytest.raises(operations.ProjectClosed):
        operations.issue_project(now=now, project=project)
    assert Policy.objects.count() == 0


@pytest.mark.parametrize(("values", "error"), [
    ({"end_date": date(2026, 11, 18)}, operations.InvalidTerm), ({"premium": Decimal(0)}, operations.InvalidPremium),
])  # fmt: skip
def test_a_new_contract_that_cannot_be(
    anna: User, vera: Client, kasko: Product, now: datetime, values: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        operations.prepare_new(actor=anna, now=now, **new_values(vera, kasko, **values))
    assert Project.objects.count() == 0


def test_nobody_prepares_for_a_foreign_client_nor_names_one(
    anna: User, vera: Client, boris_client: Client, kasko: Product, now: datetime
) -> None:
    named = [{"role": "driver", "name": "Зимин", "client_id": boris_client.pk}]
    for values in (new_values(boris_client, kasko), new_values(vera, kasko, participants=named)):
        with pytest.raises(PermissionDenied):
            operations.prepare_new(actor=anna, now=now, **values)
    assert Project.objects.count() == 0


def test_a_next_term_may_say_what_differs(anna: User, vera_policy: Policy, now: datetime) -> None:
    Participant.objects.create(policy=vera_policy, role="driver", name="Орлова Вера")
    project = operations.prepare_project(
        actor=anna, now=now, policy=vera_policy, participants=[{"role": "driver", "name": "Орлов Илья"}],
        instalments=2, end_date=date(2027, 6, 5), terms={"tariff": "2026-11"},
    )  # fmt: skip
    policy = operations.issue_project(now=now, project=project)
    assert (policy.instalments, policy.end_date, policy.previous) == (2, date(2027, 6, 5), vera_policy)
    assert [one.name for one in policy.participants.all()] == ["Орлов Илья"]
    assert policy.agent == vera_policy.agent


def test_projects_follow_the_portfolio(
    anna: User, lilia: User, vera: Client, vera_policy: Policy, kasko: Product, now: datetime
) -> None:
    renewing = operations.prepare_project(actor=anna, now=now, policy=vera_policy)
    fresh = operations.prepare_new(actor=anna, now=now, **new_values(vera, kasko))
    Client.objects.filter(pk=vera.pk).update(agent=lilia.agent)
    today = now.date()
    was = handover.hand_over_policies([vera.pk], to=lilia.agent, today=today, expired_since=today)
    assert set(Project.objects.values_list("agent", flat=True)) == {lilia.agent.pk}
    Client.objects.filter(pk=vera.pk).update(agent=anna.agent)
    handover.hand_back_policies(was, holder=lilia.agent)
    for project in (renewing, fresh):
        project.refresh_from_db()
        assert project.agent == anna.agent
