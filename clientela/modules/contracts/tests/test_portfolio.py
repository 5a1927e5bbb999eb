"""The facts kept on the card: the statement agrees with the rules on every case."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from clientela.modules.clients import rules
from clientela.modules.clients.models import Client
from clientela.modules.clients.rules import Portfolio
from clientela.modules.clients.tests.test_rules import CASES
from clientela.modules.contacts.events import MessageReceived
from clientela.modules.contacts.models import Message
from clientela.modules.contracts import handlers, operations, queries
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product

TODAY = date(2026, 11, 18)


def facts(client: Client) -> tuple[object, ...]:
    client.refresh_from_db()
    return (
        client.policies_in_force, client.premium_in_force, client.next_end_date, client.client_since,
        client.loyalty, client.temperature, client.profitability,
    )  # fmt: skip


def test_facts_of_a_client(
    vera: Client, vera_policy: Policy, make_policy: Callable[..., Policy], kasko: Product, now: datetime
) -> None:
    make_policy(
        vera, kasko, number="К 16-204871", end=date(2027, 4, 12), premium=Decimal("63867.92"),
        loss_paid=Decimal("18300.00"),
    )  # fmt: skip
    make_policy(vera, kasko, number="К 16-1", end=date(2021, 6, 4), premium=Decimal("31933.96"))
    make_policy(
        vera, kasko, number="К 16-2", end=date(2027, 6, 4), status="cancelled", cancelled_on=date(2026, 7, 1),
        premium=Decimal("0.01"),
    )  # fmt: skip
    assert operations.refresh_client_facts(now=now, client_id=vera.pk) is True
    assert facts(vera) == (
        2, Decimal("72401.91"), date(2026, 12, 5), date(2020, 6, 4), "loyal", "", "profitable",
    )  # fmt: skip
    assert operations.refresh_client_facts(now=now, client_id=vera.pk) is False
    assert operations.refresh_portfolio_facts(now=now + timedelta(days=18)) == 1
    assert facts(vera)[:3] == (1, Decimal("63867.92"), date(2027, 4, 12))


def test_an_earlier_date_from_the_source_is_kept(vera: Client, vera_policy: Policy, now: datetime) -> None:
    Client.objects.filter(pk=vera.pk).update(client_since=date(2015, 1, 1))
    operations.refresh_client_facts(now=now, client_id=vera.pk)
    assert facts(vera)[3] == date(2015, 1, 1)


@pytest.mark.parametrize(("case", "loyalty", "temperature"), CASES)
def test_statement_and_rules_agree(
    case: Portfolio, loyalty: str, temperature: str,
    vera: Client, make_policy: Callable[..., Policy], osago: Product, now: datetime,
) -> None:  # fmt: skip
    """Lays out contracts and messages that have exactly these facts."""
    if case.last_end:
        ends = [TODAY + timedelta(days=30)] * case.in_force or [case.last_end]
        for index, end in enumerate(ends):
            start = case.first_start if index == 0 and case.first_start else min(end, TODAY)
            make_policy(vera, osago, number=f"A{index}", end=end, start_date=start)
    if case.last_incoming:
        at = datetime(2026, 11, 18, 0, 0, tzinfo=now.tzinfo) - (TODAY - case.last_incoming)
        Message.objects.create(
            client=vera, direction="in", channel="sms", address="+79170004108", text="?", state="received",
            not_before=at, created_at=at,
        )  # fmt: skip
    operations.refresh_client_facts(now=now, client_id=vera.pk)
    vera.refresh_from_db()
    assert (vera.loyalty, vera.temperature) == (loyalty, temperature)


@pytest.mark.parametrize(("loss", "expected"), [("6827.19", "profitable"), ("6827.20", "unprofitable")])
def test_profitability_limit(
    vera: Client, vera_policy: Policy, now: datetime, loss: str, expected: str
) -> None:
    Policy.objects.update(loss_paid=Decimal(loss))
    operations.refresh_client_facts(now=now, client_id=vera.pk)
    assert facts(vera)[6] == expected
    portfolio = queries.portfolio_of(vera.pk, TODAY)
    assert (portfolio.premium, portfolio.loss_paid) == (Decimal("8533.99"), Decimal(loss))
    assert rules.profitability(portfolio) == expected


def test_only_the_chosen_clients_are_touched(
    vera: Client, vera_policy: Policy, boris_client: Client, boris_policy: Policy, now: datetime
) -> None:
    handlers.refresh_client(PolicyIssued(vera_policy.pk, vera.pk, None), now=now)
    assert (facts(vera)[0], facts(boris_client)[0]) == (1, 0)
    assert operations.refresh_portfolio_facts(now=now) == 1
    assert facts(boris_client)[0] == 1


def test_a_prospect_who_writes_gets_hot(vera: Client, now: datetime) -> None:
    message = Message.objects.create(
        client=vera, direction="in", channel="sms", address="+79170004108", text="Сколько стоит?",
        state="received", not_before=now, created_at=now,
    )  # fmt: skip
    handlers.warm_prospect(MessageReceived(message.pk, vera.pk, "sms", None), now=now)
    assert facts(vera)[4:6] == ("prospect", "hot")
    handlers.warm_prospect(MessageReceived(message.pk, None, "sms", None), now=now)


def test_a_term_renewed_another_way_closes_its_project(
    vera: Client, vera_policy: Policy, make_policy: Callable[..., Policy], osago: Product, now: datetime
) -> None:
    project = operations.prepare_project(actor=None, now=now, policy=vera_policy)
    imported = make_policy(vera, osago, number="ХХХ 1", end=date(2027, 12, 5), previous=vera_policy)
    for _ in range(2):
        handlers.close_project_of_renewed(PolicyIssued(imported.pk, vera.pk, vera_policy.pk), now=now)
    project.refresh_from_db()
    assert project.state == "withdrawn"
