"""A board with known rows: the clock stands at ``now``, Wednesday the 18th of November 2026."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.tests.calling import call
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.renewals.models import Renewal

__all__ = ["call"]

TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def make_term(
    make_client: Callable[..., Client], make_policy: Callable[..., Policy],
    make_renewal: Callable[..., Renewal], osago: Product,
) -> Callable[..., Renewal]:  # fmt: skip
    """``make_term(anna.agent, "Орлова", left=17, state="quoted", premium="8533.99")`` with a new client."""
    numbers = iter(range(1, 10_000))

    def make(agent: Any, last: str, *, left: int, product: Product | None = None, **fields: Any) -> Renewal:
        number = next(numbers)
        client = fields.pop("client", None) or make_client(agent, last, "Вера", "Николаевна")
        policy = make_policy(
            client, product or osago, number=f"XXX {number:010}", end=TODAY + timedelta(days=left),
            premium=Decimal(fields.pop("premium", "8533.99")),
        )  # fmt: skip
        next_premium = fields.pop("next_premium", None)
        return make_renewal(policy, next_premium=Decimal(next_premium) if next_premium else None, **fields)

    return make


@pytest.fixture
def board(anna: User, boris: User, make_term: Callable[..., Renewal]) -> dict[str, Renewal]:
    """Five terms of Anna in every state, one beyond the window, and one of Boris."""
    own = anna.agent
    return {
        "nothing": make_term(own, "Абрамова", left=1, premium="1000"),
        "project": make_term(own, "Белова", left=5, state="project", premium="2000", next_premium="1960"),
        "quoted": make_term(own, "Волкова", left=17, state="quoted", premium="3000", next_premium="3300"),
        "paid": make_term(own, "Громова", left=17, state="paid", premium="4000", next_premium="4000"),
        "lost": make_term(own, "Дроздова", left=30, state="lost", premium="5000"),
        "later": make_term(own, "Ежова", left=50, premium="6000"),
        "foreign": make_term(boris.agent, "Чужова", left=3, premium="7000"),
    }
