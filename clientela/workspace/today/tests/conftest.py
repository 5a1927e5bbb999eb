"""Tasks around «now»: Wednesday, the 18th of November 2026, 10:42 in Moscow."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations.asking import note_incoming
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations.projects import carried_over
from clientela.modules.renewals.models import Renewal, Touch

TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _at_now(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def ending(
    make_client: Callable[..., Any], make_policy: Callable[..., Policy], make_renewal: Callable[..., Renewal]
) -> Any:
    """``ending(agent, osago, "Орлова", days=17, …)``: the term of a new client that ends in so many days."""
    count = iter(range(1, 1000))

    def make(agent: Any, product: Any, last: str = "", *, days: int, **fields: Any) -> Renewal:
        number = next(count)
        client = make_client(
            agent, last or f"Клиентов{number}", "Иван", "Петрович", phone=f"+7917100{number:04}",
            email=f"c{number}@mail.example",
        )  # fmt: skip
        policy = make_policy(
            client, product, number=f"ХХХ 041278{number:04}", end=TODAY + timedelta(days=days)
        )
        return make_renewal(policy, **fields)

    return make


@pytest.fixture
def call(now: datetime) -> Callable[..., Touch]:
    """``call(term)``: the operator's call of the plan, due today unless ``ago`` says otherwise."""

    def make(term: Renewal, *, ago: int = 0, state: str = "queued", **fields: Any) -> Touch:
        due = TODAY - timedelta(days=ago)
        values = {
            "renewal": term, "step_key": "centre.motor-17-operator", "term_end": term.end_date, "day": 17,
            "channel": "operator", "due_on": due, "due_at": now - timedelta(days=ago), "created_at": now, "state": state,
        } | fields  # fmt: skip
        return Touch.objects.create(**values)

    return make


@pytest.fixture
def wrote(now: datetime) -> Callable[..., Message]:
    """``wrote(client, "Можно в рассрочку?", ago=timedelta(minutes=26))``: a client's message."""
    count = iter(range(1, 1000))

    def make(
        client: Any, text: str, *, ago: timedelta = timedelta(minutes=26), channel: str = "sms"
    ) -> Message:
        at = now - ago
        message = Message.objects.create(
            direction="in", channel=channel, client=client, address="+79170000000", text=text, state="received",
            external_id=f"in-{next(count)}", not_before=at, created_at=at,
        )  # fmt: skip
        note_incoming([message], {}, now=at)
        return message

    return make


@pytest.fixture
def project(now: datetime) -> Callable[..., Project]:
    """``project(term, state="open")``: the prepared next term."""

    def make(term: Renewal, state: str = "open") -> Project:
        return Project.objects.create(
            policy=term.policy, **carried_over(term.policy), state=state, start_date=term.end_date + timedelta(days=1), premium=term.premium,
            end_date=term.end_date + timedelta(days=365), carried_premium=term.premium, pay_token=f"token-{term.pk}",
            created_at=now, updated_at=now,
        )  # fmt: skip

    return make


@pytest.fixture
def day(anna, osago, ending, call, wrote, project, now):
    """A day of Anna's: a call, a project to make, an offer to send, a client who waits."""
    called = ending(anna.agent, osago, "Валиев", days=5, last_opened_at=now - timedelta(hours=15))
    call(called)
    ending(anna.agent, osago, "Кузьмин", days=16)
    ready = ending(
        anna.agent,
        osago,
        "Белова",
        days=30,
        state="project",
        has_project=True,
        next_premium=Decimal("8363.31"),
    )
    project(ready)
    asks = ending(anna.agent, osago, "Тихонова", days=40, state="quoted", has_quote=True)
    wrote(asks.client, "Можно оплатить половину сейчас?")
