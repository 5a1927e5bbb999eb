"""The renewal norm: numerator, denominator, and what it does to the clients."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.organisation.models import NormTarget
from clientela.modules.products.models import Product
from clientela.modules.renewals.models import NormResult, Renewal, Touch
from clientela.modules.renewals.operations.norms import compute_norms
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.modules.renewals.queries.norms import norms_of

DAY = date(2026, 11, 18)


@pytest.fixture
def history(
    boris: User, boris_client: Client, osago: Product, make_policy: Callable[..., Policy], now: datetime
) -> Callable[..., list[Policy]]:
    """``history(renewed=6, lapsed=2)``: Boris's OSAGO terms that ended forty days ago."""
    load_shipped(now=now, active_from=date(2026, 1, 1))

    def make(*, renewed: int, lapsed: int, late: int = 0) -> list[Policy]:
        made = []
        for number in range(renewed + lapsed):
            end = DAY - timedelta(days=40)
            policy = make_policy(boris_client, osago, number=f"old{len(made)}", end=end)
            made.append(policy)
            if number < renewed:
                gap = 1 if number >= late else 31
                make_policy(
                    boris_client, osago, number=f"new{len(made)}", end=end + timedelta(days=364 + gap),
                    start_date=end + timedelta(days=gap), previous=policy,
                )  # fmt: skip
        return made

    return make


def result() -> tuple[int, int, int, bool]:
    row = NormResult.objects.get(line="osago")
    return row.renewed, row.expiring, row.excluded, row.kept


@pytest.mark.parametrize(
    ("renewed", "lapsed", "expected"),
    [(6, 2, (6, 8, 0, True)), (5, 2, (5, 7, 0, False)), (4, 0, (4, 4, 0, False)), (5, 0, (5, 5, 0, True))],
)
def test_norm(
    history: Callable[..., object],
    now: datetime,
    renewed: int,
    lapsed: int,
    expected: tuple[int, int, int, bool],
) -> None:
    history(renewed=renewed, lapsed=lapsed)
    compute_norms(day=DAY, now=now)
    assert result() == expected


def test_a_renewal_after_the_grace_does_not_count(history: Callable[..., object], now: datetime) -> None:
    history(renewed=8, lapsed=0, late=3)
    compute_norms(day=DAY, now=now)
    assert result() == (5, 8, 0, False)


def test_sold_objects_are_out_of_both(history: Callable[..., list[Policy]], now: datetime) -> None:
    policies = history(renewed=6, lapsed=3)
    InsuredObject.objects.filter(policies=policies[-1]).update(sold_on=DAY - timedelta(days=60))
    compute_norms(day=DAY, now=now)
    assert result() == (6, 8, 1, True)


def test_an_agreement_of_its_own(history: Callable[..., object], boris: User, now: datetime) -> None:
    history(renewed=6, lapsed=2)
    NormTarget.objects.create(agent=boris.agent, line="osago", percent=Decimal(80))
    compute_norms(day=DAY, now=now)
    assert result() == (6, 8, 0, False)
    row = norms_of(boris.agent)[1]
    assert (row.line, row.share, row.target, row.missing) == ("osago", Decimal("75.00"), Decimal(80), 1)


def test_clients_of_an_agent_who_keeps_the_norm_are_left_alone(
    history: Callable[..., object],
    boris_client: Client,
    osago: Product,
    make_policy: Callable[..., Policy],
    now: datetime,
) -> None:
    history(renewed=6, lapsed=2)
    make_policy(boris_client, osago, number="now", end=DAY + timedelta(days=5))
    compute_norms(day=DAY, now=now)
    plan_day(day=DAY, now=now)
    assert Renewal.objects.get().norm_kept is True
    assert list(Touch.objects.values_list("state", "reason")) == [("dropped", "norm_kept")]
