"""Due touches become messages once, after one more look."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.operations.dispatch import dispatch_due, guard
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped

DAY = date(2026, 11, 18)
LEASE = timedelta(minutes=1)


@pytest.fixture
def noon(now: datetime) -> datetime:
    return now.replace(hour=12, minute=1)


@pytest.fixture
def planned(
    vera: Client, boris_client: Client, osago: Product, make_policy: Callable[..., Policy], now: datetime
) -> None:
    """Five days before the end: Vera is supported by the centre, Boris's client is not."""
    load_shipped(now=now, active_from=date(2026, 1, 1))
    end = DAY + timedelta(days=5)
    make_policy(vera, osago, number="ХХХ 0412773905", end=end)
    make_policy(boris_client, osago, number="ХХХ 0412773906", end=end)
    plan_day(day=DAY, now=now)


def dispatch(now: datetime, worker: str = "w") -> int:
    return dispatch_due(worker=worker, now=now, lease=LEASE)


def test_nothing_is_due_before_the_client_s_noon(planned: None, now: datetime) -> None:
    calls = Touch.objects.filter(channel="operator").count()
    assert dispatch(now.replace(hour=9)) == 0
    assert dispatch(now) == calls == 1
    assert not Message.objects.exists()


def test_the_words_the_client_gets(planned: None, vera: Client, boris_client: Client, noon: datetime) -> None:
    dispatch(noon)
    texts = dict(Message.objects.values_list("client_id", "text"))
    assert texts[vera.pk] == (
        "Вера Николаевна, Ваш полис ОСАГО заканчивается 23.11.26. Продлите его, позвонив в Причал Страхование "
        "(тел. +7 846 200-09-99)."
    )
    assert texts[boris_client.pk] == (
        "Глеб Петрович, Ваш полис ОСАГО № ХХХ 0412773906 заканчивается 23.11.26. Продлить его Вы можете у своего "
        "агента или позвонив в Причал Страхование (тел. *0999)"
    )


def test_touch_and_message_know_each_other(planned: None, vera: Client, noon: datetime) -> None:
    dispatch(noon)
    touch = Touch.objects.get(renewal__client=vera, channel="sms")
    message = Message.objects.get(client=vera)
    assert (touch.state, touch.message_id, touch.verdict["decision"]) == ("queued", message.pk, "send")
    assert (message.origin, message.origin_id, message.state, message.address) == (
        "renewals.touch", touch.pk, "queued", "+79170004108",
    )  # fmt: skip
    assert dispatch(noon) == 0
    assert Message.objects.count() == 2


def test_what_changed_since_planning_is_seen(planned: None, vera: Client, noon: datetime) -> None:
    Renewal.objects.filter(client=vera).update(has_project=True)
    dispatch(noon)
    assert not Message.objects.filter(client=vera).exists()
    assert set(Touch.objects.filter(renewal__client=vera).values_list("state", "reason")) == {
        ("dropped", "has_project")
    }


def test_an_operator_s_call_becomes_a_task(planned: None, vera: Client, noon: datetime) -> None:
    dispatch(noon)
    assert Touch.objects.get(channel="operator").state == "queued"


def test_a_worker_that_died_is_replaced_and_nothing_doubles(planned: None, noon: datetime) -> None:
    Touch.objects.update(state="dispatching", claimed_by="dead", lease_until=noon - timedelta(seconds=1))
    assert dispatch(noon, "heir") == 3
    assert Message.objects.count() == 2
    Touch.objects.filter(channel="sms").update(
        state="dispatching", claimed_by="dead", lease_until=noon - timedelta(seconds=1)
    )
    dispatch(noon, "heir")
    assert Message.objects.count() == 2
    assert set(Touch.objects.values_list("state", flat=True)) == {"queued"}


def test_the_policy_drops_a_direct_link_to_an_agent_s_client(
    planned: None, vera: Client, noon: datetime
) -> None:
    step = Touch.objects.get(renewal__client=vera, channel="sms").step
    step.text += " https://prichal.example/buy"
    step.save()
    dispatch(noon)
    touch = Touch.objects.get(renewal__client=vera, channel="sms")
    assert (touch.state, touch.reason, touch.reason_detail) == ("dropped", "policy", "agent_nda")


def test_the_last_word_at_the_moment_of_sending(planned: None, vera: Client, now: datetime) -> None:
    touch = Touch.objects.get(renewal__client=vera, channel="sms")
    Touch.objects.update(term_end=date(2100, 1, 1))
    assert guard([touch.pk]) == {}
    Renewal.objects.filter(client=vera).update(in_dispute=True)
    assert guard([touch.pk]) == {touch.pk: "in_dispute"}


def test_the_company_names_itself() -> None:
    assert settings.COMPANY_NAME == "Причал Страхование"


def test_a_bounded_number_of_statements(
    anna: User, make_client: Callable[..., Client], osago: Product, make_policy: Callable[..., Policy], noon: datetime, now: datetime,
    django_assert_max_num_queries: Callable[..., object],
) -> None:  # fmt: skip
    load_shipped(now=now, active_from=date(2026, 1, 1))
    for number in range(60):
        client = make_client(anna.agent, f"Клиентов{number}", "Иван", phone=f"+7900000{number:04}")
        make_policy(client, osago, number=f"N{number}", end=DAY + timedelta(days=5))
    plan_day(day=DAY, now=now)
    with django_assert_max_num_queries(40):
        assert dispatch(noon) == 120
    assert Message.objects.count() == 60
