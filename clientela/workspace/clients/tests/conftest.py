"""What the tests of client pages share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.tests.calling import call
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import refresh_portfolio_facts

__all__ = ["call"]

TODAY = date(2026, 11, 18)
# What PostgreSQL needs around a query that may not run for long.
AROUND = ("SAVEPOINT", "RELEASE SAVEPOINT", "SET LOCAL statement_timeout")


@pytest.fixture
def statements() -> Callable[[], AbstractContextManager[list[str]]]:
    """``with statements() as sent``: afterwards ``sent`` holds every statement about data."""

    @contextmanager
    def capture() -> Iterator[list[str]]:
        sent: list[str] = []
        with CaptureQueriesContext(connection) as captured:
            yield sent
        sent += [query["sql"] for query in captured if not query["sql"].startswith(AROUND)]

    return capture


@pytest.fixture
def book(
    anna: User, make_client: Callable[..., Client], make_policy: Callable[..., Policy], vera: Client,
    vera_policy: Policy, boris_client: Client, now: datetime, kasko,
) -> dict[str, Client]:  # fmt: skip
    people = {"vera": vera, "boris_client": boris_client}
    for name, end in (("Абрамова Алла", 200), ("Яшин Яков", 3), ("Ёлкин Егор", None)):
        last, first = name.split()
        client = people[first] = make_client(anna.agent, last, first)
        if end is not None:
            make_policy(
                client,
                kasko,
                number=f"К {first}",
                end=TODAY + timedelta(days=end),
                premium=Decimal(end * 100),
            )
    refresh_portfolio_facts(now=now)
    return people
