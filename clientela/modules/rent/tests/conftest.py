"""A term that Вера renewed alone, and what speaks for Anna's rent."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clientela.foundation.dates import add_years
from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payment
from clientela.modules.clients.tests.calling import call
from clientela.modules.commission.operations import set_rate
from clientela.modules.contracts.models import Policy, Project, Quote
from clientela.modules.contracts.operations import issue_project, prepare_project
from clientela.modules.organisation.models import NormTarget
from clientela.modules.renewals.models import SelfRenewal

__all__ = ["call"]
PREMIUM = Decimal("8533.99")


@pytest.fixture
def rates(now: datetime) -> None:
    """5 % of rent for OSAGO, and 10 % of commission, which is no rent."""
    for term, percent in (("", 10), ("rent", 5)):
        set_rate(
            actor=None,
            now=now,
            line="osago",
            term=term,
            percent=Decimal(percent),
            valid_from=date(2026, 1, 1),
        )


@pytest.fixture
def renew_alone(now: datetime) -> Callable[..., Policy]:
    """``renew_alone(policy, parts=["4000.00"])``: the next term, taken on the site and paid for, told to nobody yet."""

    def renew(policy: Policy, *, parts: tuple[str, ...] = ("8533.99",), at: datetime = now) -> Policy:
        made = prepare_project(actor=None, now=at, policy=policy)
        Project.objects.filter(pk=made.pk).update(sales_channel="web")
        SelfRenewal.objects.create(
            project=made, client=policy.client, phone="+79170008055", confirmed_at=at - timedelta(minutes=6), begun_at=at,
        )  # fmt: skip
        made.refresh_from_db()
        issued = issue_project(actor=None, now=at + timedelta(minutes=2), project=made)
        for amount in parts:
            pay(issued, amount, at + timedelta(minutes=1))
        return issued

    return renew


def pay(policy: Policy, amount: str, at: datetime, **values: Any) -> Payment:
    """Money that no event told of."""
    return Payment.objects.create(
        client=policy.client, policy=policy, amount=Decimal(amount), method="sbp", paid_at=at, created_at=at, **values
    )  # fmt: skip


@pytest.fixture
def quoted(anna: User, vera_policy: Policy, now: datetime) -> Quote:
    """Anna's price for Вера's next term, two weeks before."""
    return Quote.objects.create(
        policy=vera_policy,
        premium=PREMIUM,
        created_by=anna,
        created_at=now - timedelta(days=14),
        calculation_number="Р-26-000117",
    )


@pytest.fixture
def level(make_policy: Any, anna: User, make_client: Any, osago: Any) -> Callable[..., None]:
    """``level(renewed=7, expiring=10)``: terms of Anna's that ended in September, and a norm of 70 %."""

    def make(*, renewed: int, expiring: int) -> None:
        NormTarget.objects.get_or_create(agent=None, line="osago", defaults={"percent": Decimal(70)})
        for n in range(expiring):
            client = make_client(anna.agent, "Норма", f"{n}")
            end = date(2026, 9, 20)
            policy = make_policy(client, osago, number=f"ХХХ 05{n:08}", end=end)
            if n < renewed:
                make_policy(
                    client, osago, number=f"ХХХ 06{n:08}", end=add_years(end, 1), previous=policy, renewal_year=1,
                    start_date=end + timedelta(days=1),
                )  # fmt: skip

    return make


@pytest.fixture
def good(rates: None, quoted: Quote, level: Callable[..., None]) -> None:
    """Everything speaks for a rent."""
    level(renewed=7, expiring=10)
