"""The whole loop on one client's phone: a step is sent, opened, answered, paid."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from clientela.foundation.outbox.operations import deliver as deliver_events
from clientela.integrations.local.transport import LocalEmail, LocalSms
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contacts.operations import StoringInbox, deliver
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import prepare_project
from clientela.modules.products.models import Product
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.operations.dispatch import dispatch_due
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped

DAY = date(2026, 11, 18)
LEASE = timedelta(minutes=1)


@pytest.fixture
def loop(
    vera: Client,
    osago: Product,
    make_policy: Callable[..., Policy],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Vera's OSAGO ends in thirty days; ``loop()`` does what the worker does until nothing is left."""
    load_shipped(now=now, active_from=date(2026, 1, 1))
    make_policy(vera, osago, number="ХХХ 0412773905", end=DAY + timedelta(days=30))
    plan_day(day=DAY, now=now)
    transports = {"sms": LocalSms(), "email": LocalEmail()}
    for channel, transport in transports.items():
        transport.start(StoringInbox(channel))

    def work(at: datetime = now) -> None:
        for _ in range(5):
            dispatch_due(worker="test", now=at, lease=LEASE)
            for channel, transport in transports.items():
                deliver(channel, transport, worker="test", now=at)
            while deliver_events(worker="test", now=at, lease=LEASE):
                pass

    with time_machine.travel(now, tick=False):
        yield work


def post(browser: Browser, path: str, **values: str) -> Any:
    return browser.post(path, values, headers={"HX-Request": "true"})


def test_the_whole_loop(
    loop: Any, vera: Client, anna: User, sign_in: Callable[[User], Browser], now: datetime
) -> None:
    browser, base = sign_in(anna), f"/phone/{vera.pk}/"
    assert "Пока ничего не пришло" in browser.get(base, {"app": "sms"}).content.decode()
    sent = set()
    for _ in range(2):
        assert post(browser, base + "next-step/").status_code == 200
        loop()
        sent = set(Message.objects.filter(state="delivered").values_list("channel", flat=True))
    assert sent == {"sms", "email"}
    letter = Message.objects.get(channel="email")
    page = post(browser, f"{base}messages/{letter.pk}/reading/").content.decode()
    assert "напоминаем" not in page
    assert "Ваш полис ОСАГО № ХХХ 0412773905 заканчивается 18.12.26" in page
    loop()
    assert Touch.objects.get(channel="email").state == "opened"
    post(browser, base + "answers/", app="sms", text="Перезвоните завтра")
    loop()
    assert Touch.objects.get(channel="sms").state == "replied"
    assert "Перезвоните завтра" in browser.get(base + "company/").content.decode()
    assert "Платить пока нечего" in browser.get(base + "screen/", {"app": "site"}).content.decode()
    prepare_project(actor=anna, now=now, policy=Policy.objects.get())
    assert post(browser, base + "payment/").status_code == 200
    loop()
    term = Renewal.objects.get()
    assert (term.state, Policy.objects.count()) == ("paid", 2)
    assert "Полис оплачен и выпущен" in browser.get(base + "screen/", {"app": "site"}).content.decode()
    nothing = post(browser, base + "next-step/")
    assert (nothing.status_code, "toast" in nothing.headers["HX-Trigger"]) == (204, True)


def test_stop_withdraws_the_consent_and_the_plan_says_why(
    loop: Any, vera: Client, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    post(sign_in(anna), f"/phone/{vera.pk}/answers/", app="sms", text="СТОП")
    loop()
    assert not Consent.objects.filter(client=vera, channel="sms", withdrawn_at=None).exists()
    assert Touch.objects.get(channel="sms").reason == "no_channel"


def test_a_foreign_phone_is_not_there(
    loop: Any, vera: Client, boris: User, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(boris)
    assert browser.get(f"/phone/{vera.pk}/").status_code == 404
    assert post(browser, f"/phone/{vera.pk}/answers/", app="sms", text="СТОП").status_code == 404
    assert not Message.objects.exists()


def test_only_in_the_demo(
    loop: Any, vera: Client, anna: User, sign_in: Callable[[User], Browser], settings: Any
) -> None:
    settings.DEMO = False
    assert sign_in(anna).get(f"/phone/{vera.pk}/").status_code == 404
