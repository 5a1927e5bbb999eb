"""A small portfolio around tomorrow, the shipped schedules in force, and a draft to work on."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from clientela.modules.clients.tests.calling import call
from clientela.modules.contracts.models import Policy
from clientela.modules.renewals.models import Renewal, Schedule, ScheduleVersion
from clientela.modules.renewals.operations.schedules import make_draft

__all__ = ["call"]

TODAY = date(2026, 11, 18)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_now(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def centre(shipped: None) -> Schedule:
    """«КАСКО и ОСАГО с центром возобновления», version 1 in force."""
    return Schedule.objects.get(code="centre")


@pytest.fixture
def base(shipped: None) -> Schedule:
    return Schedule.objects.get(code="base")


@pytest.fixture
def draft(centre: Schedule, renewals_manager: Any, now: datetime) -> ScheduleVersion:
    """Version 2 of the centre's schedule."""
    return make_draft(actor=renewals_manager, now=now, version=centre.versions.get())


@pytest.fixture
def ending(
    make_client: Callable[..., Any], make_policy: Callable[..., Policy], make_renewal: Callable[..., Renewal]
) -> Any:
    """``ending(agent, osago, days=31, …)``: the term of a new client that ends in so many days."""
    count = iter(range(1, 1000))

    def make(agent: Any, product: Any, *, days: int, **fields: Any) -> Renewal:
        number = next(count)
        client = make_client(
            agent,
            f"Клиентов{number}",
            "Иван",
            "Петрович",
            phone=f"+7917000{number:04}",
            email=f"c{number}@mail.example",
        )
        policy = make_policy(
            client, product, number=f"ХХХ 041277{number:04}", end=TODAY + timedelta(days=days)
        )
        return make_renewal(policy, **fields)

    return make


@pytest.fixture
def at(draft):
    """``at("save_step", "motor-5-sms")``: an address of the draft."""

    def address(name, *args):
        return reverse(f"schedules:{name}", args=[draft.schedule_id, draft.number, *args])

    return address


@pytest.fixture
def manager(sign_in, renewals_manager):
    return sign_in(renewals_manager)
