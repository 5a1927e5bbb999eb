"""Quotes and projects of the next term."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.contracts import operations
from clientela.modules.contracts.models import Policy, Project, Quote


def published() -> list[tuple[str, dict[str, Any]]]:
    return list(Event.objects.order_by("id").values_list("name", "payload"))


def test_a_quote_is_kept_and_withdrawn(anna: User, vera_policy: Policy, now: datetime) -> None:
    quote = operations.make_quote(
        actor=anna, now=now, policy=vera_policy, premium=Decimal("8100.505"), note=" КБМ 0,63 ",
        valid_until=date(2026, 12, 5),
    )  # fmt: skip
    quote.refresh_from_db()
    assert (quote.premium, quote.note, quote.created_by) == (Decimal("8100.51"), "КБМ 0,63", anna)
    operations.withdraw_quote(actor=anna, now=now, quote=quote)
    with pytest.raises(operations.QuoteWithdrawn):
        operations.withdraw_quote(actor=anna, now=now, quote=quote)
    quote.refresh_from_db()
    assert quote.withdrawn_at == now
    told = {"quote_id": quote.pk, "policy_id": vera_policy.pk, "client_id": vera_policy.client_id}
    assert published() == [("contracts.QuoteChanged", told)] * 2
    assert [entry.action for entry in Entry.objects.order_by("id")] == ["quote.made", "quote.withdrawn"]


def test_the_price_is_carried_over(anna: User, vera_policy: Policy, now: datetime) -> None:
    project = operations.prepare_project(actor=anna, now=now, policy=vera_policy)
    project.refresh_from_db()
    assert (project.start_date, project.end_date) == (date(2026, 12, 6), date(2027, 12, 5))
    assert (project.premium, project.carried_premium, project.adjustment_reason, project.state) == (
        Decimal("8533.99"), Decimal("8533.99"), "", "open",
    )  # fmt: skip
    assert len(project.pay_token) == 32
    assert published() == [
        ("contracts.ProjectChanged", {
            "project_id": project.pk, "policy_id": vera_policy.pk, "client_id": vera_policy.client_id,
            "state": "open",
        })
    ]  # fmt: skip


def test_another_price_needs_a_reason(anna: User, vera_policy: Policy, now: datetime) -> None:
    with pytest.raises(operations.ReasonRequired):
        operations.prepare_project(
            actor=anna, now=now, policy=vera_policy, premium=Decimal(8000), reason="  "
        )
    assert not Project.objects.exists()
    project = operations.prepare_project(
        actor=anna, now=now, policy=vera_policy, premium=Decimal(8000), reason="скидка постоянного клиента"
    )
    assert (project.premium, project.carried_premium) == (Decimal("8000.00"), Decimal("8533.99"))


@pytest.mark.parametrize("premium", [Decimal(0), Decimal(-1), Decimal("0.004"), Decimal("1e9")])
def test_a_premium_is_a_positive_sum(
    anna: User, vera_policy: Policy, now: datetime, premium: Decimal
) -> None:
    with pytest.raises(operations.InvalidPremium):
        operations.prepare_project(actor=anna, now=now, policy=vera_policy, premium=premium, reason="x")
    with pytest.raises(operations.InvalidPremium):
        operations.make_quote(actor=anna, now=now, policy=vera_policy, premium=premium)
    assert not Project.objects.exists()
    assert not Quote.objects.exists()
    assert not published()


def test_one_open_project_a_term(anna: User, vera_policy: Policy, now: datetime) -> None:
    first = operations.prepare_project(actor=anna, now=now, policy=vera_policy)
    with pytest.raises(operations.ProjectExists) as raised:
        operations.prepare_project(actor=anna, now=now, policy=vera_policy)
    assert raised.value.project == first
    operations.withdraw_project(actor=anna, now=now, project=first, reason="ошибка")
    second = operations.prepare_project(actor=anna, now=now, policy=vera_policy)
    assert Project.objects.filter(state="open").get() == second


def test_reprice_offer_withdraw(anna: User, vera_policy: Policy, now: datetime) -> None:
    project = operations.prepare_project(actor=anna, now=now, policy=vera_policy)
    with pytest.raises(operations.ReasonRequired):
        operations.reprice_project(actor=anna, now=now, project=project, premium=Decimal(8000))
    operations.mark_offered(actor=anna, now=now, project=project)
    operations.mark_offered(actor=anna, now=now, project=project)
    operations.reprice_project(actor=anna, now=now, project=project, premium=Decimal(8000), reason="акция")
    project.refresh_from_db()
    assert (project.state, project.premium, project.adjustment_reason) == (
        "offered",
        Decimal("8000.00"),
        "акция",
    )
    operations.withdraw_project(actor=anna, now=now, project=project)
    for closed in (operations.mark_offered, operations.withdraw_project, operations.issue_project):
        with pytest.raises(operations.ProjectClosed):
            closed(actor=anna, now=now, project=project)
    assert [payload["state"] for _, payload in published()] == ["open", "offered", "offered", "withdrawn"]
    assert [entry.action for entry in Entry.objects.order_by("id")] == [
        "project.prepared", "project.offered", "project.repriced", "project.withdrawn",
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["boris", "auditor"])
@pytest.mark.parametrize("act", [
    lambda who, now, policy, project, quote: operations.make_quote(
        actor=who, now=now, policy=policy, premium=Decimal(1)),
    lambda who, now, policy, project, quote: operations.withdraw_quote(actor=who, now=now, quote=quote),
    lambda who, now, policy, project, quote: operations.prepare_project(actor=who, now=now, policy=policy),
    lambda who, now, policy, project, quote: operations.reprice_project(
        actor=who, now=now, project=project, premium=Decimal(1), reason="x"),
    lambda who, now, policy, project, quote: operations.mark_offered(actor=who, now=now, project=project),
    lambda who, now, policy, project, quote: operations.withdraw_project(actor=who, now=now, project=project),
    lambda who, now, policy, project, quote: operations.issue_project(actor=who, now=now, project=project),
    lambda who, now, policy, project, quote: operations.cancel_policy(
        actor=who, now=now, policy=policy, on=date(2026, 11, 18), reason="x"),
    lambda who, now, policy, project, quote: operations.mark_object_sold(
        actor=who, now=now, insured_object=policy.insured_object, sold_on=date(2026, 11, 1)),
])  # fmt: skip
def test_strangers_and_readers_change_nothing(
    who: str,
    act: Callable[..., Any],
    request: pytest.FixtureRequest,
    anna: User,
    vera_policy: Policy,
    now: datetime,
) -> None:
    stranger = request.getfixturevalue(who)
    project = operations.prepare_project(actor=anna, now=now, policy=vera_policy)
    quote = operations.make_quote(actor=anna, now=now, policy=vera_policy, premium=Decimal(8100))
    before = (
        list(Policy.objects.values()), list(Project.objects.values()), list(Quote.objects.values()),
        Entry.objects.count(), Event.objects.count(),
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        act(stranger, now, vera_policy, project, quote)
    assert before == (
        list(Policy.objects.values()), list(Project.objects.values()), list(Quote.objects.values()),
        Entry.objects.count(), Event.objects.count(),
    )  # fmt: skip
    vera_policy.insured_object.refresh_from_db()
    assert vera_policy.insured_object.sold_on is None
