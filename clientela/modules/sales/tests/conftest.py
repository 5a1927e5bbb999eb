"""Deals of the cast."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from clientela.modules.clients.models import Client
from clientela.modules.quotes.tests.conftest import family, tariffs
from clientela.modules.sales.models import Deal, Funnel, LostReason
from clientela.modules.sales.operations.deals import Start, start_deal
from clientela.modules.sales.operations.funnels import load_shipped
from tests.cast import User

__all__ = ["family", "tariffs"]


@pytest.fixture
def sales(db: None, now: datetime) -> None:
    """The shipped funnels, scripts and rules."""
    load_shipped(now=now)


@pytest.fixture
def kasko_funnel(sales: None) -> Funnel:
    return Funnel.objects.get(code="kasko")


@pytest.fixture
def price(sales: None) -> LostReason:
    return LostReason.objects.get(code="price")


@pytest.fixture
def make_deal(sales: None, now: datetime, kasko_funnel: Funnel) -> Callable[..., Deal]:
    """``make_deal(anna, vera, subject=…)``: a deal of the KASKO funnel in its first stage, at ``now``."""

    def make(actor: User | None, client: Client, **values: Any) -> Deal:
        at = values.pop("now", now)
        start = values.pop("start", Start(origin=Deal.Origin.CLIENT))
        values.setdefault("funnel", kasko_funnel)
        return start_deal(actor=actor, now=at, client=client, start=start, **values)

    return make
