"""Fixtures of these tests."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from clientela.modules.billing.models import Payment
from clientela.modules.clients.tests.calling import call
from clientela.modules.commission.models import Rate
from clientela.modules.commission.operations import set_rate
from clientela.modules.contracts.models import Policy

__all__ = ["call"]


@pytest.fixture
def make_rate(now: datetime) -> Callable[..., Rate]:
    """``make_rate("osago", "10", term="new")``, from the first of January."""

    def make(line: str, percent: str, since: date = date(2026, 1, 1), **values: Any) -> Rate:
        return set_rate(actor=None, now=now, line=line, percent=Decimal(percent), valid_from=since, **values)

    return make


@pytest.fixture
def make_payment(now: datetime) -> Callable[..., Payment]:
    """``make_payment(policy, "8533.99")``: money as an import brings it, that no event told of."""

    def make(policy: Policy, amount: str, at: datetime = now) -> Payment:
        return Payment.objects.create(
            client=policy.client,
            policy=policy,
            amount=Decimal(amount),
            method="bank",
            paid_at=at,
            created_at=at,
        )

    return make
