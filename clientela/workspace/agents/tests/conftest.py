"""Anna's November and its neighbours."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine

from clientela.modules.renewals.models import LossReason, Renewal

TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def term(make_client, make_policy, make_renewal, osago) -> Callable[..., Renewal]:
    numbers = iter(range(1, 1000))

    def make(agent, last: str, end: date, *, product=None, **fields) -> Renewal:
        number = next(numbers)
        client = make_client(agent, last, "Вера")
        premium = Decimal(fields.pop("premium", 1000))
        policy = make_policy(client, product or osago, number=f"XXX {number:010}", end=end, premium=premium)
        return make_renewal(policy, **fields)

    return make


@pytest.fixture
def november(anna, boris, shipped, term) -> dict[str, Renewal]:
    """Anna's November: one of each state, two lost for different reasons; December and Boris apart."""
    lost = {"state": "lost", "lost_reason": LossReason.objects.get(code="too-dear")}
    sold = {"state": "lost", "lost_reason": LossReason.objects.get(code="sold")}
    return {
        "paid": term(anna.agent, "Громова", date(2026, 11, 1), state="paid", premium=4000),
        "lost": term(anna.agent, "Дроздова", date(2026, 11, 10), **lost),
        "sold": term(anna.agent, "Жукова", date(2026, 11, 10), **sold),
        "quoted": term(anna.agent, "Волкова", date(2026, 11, 20), state="quoted", has_quote=True, reach=0),
        "project": term(anna.agent, "Белова", date(2026, 11, 25), state="project", has_project=True),
        "nothing": term(anna.agent, "Абрамова", date(2026, 11, 30)),
        "december": term(anna.agent, "Ежова", date(2026, 12, 18)),
        "foreign": term(boris.agent, "Чужова", date(2026, 11, 20)),
    }
