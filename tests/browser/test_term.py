"""One term from its plan to its renewal, on the screens: planned, written, answered, offered, paid, stopped, kept."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from clientela.foundation.outbox.operations import deliver as deliver_events
from clientela.integrations.smpp.settings import SmppSettings
from clientela.integrations.smpp.transport import SmppTransport
from clientela.modules.accounts.models import User
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import StoringInbox, deliver
from clientela.modules.contacts.operations.policy import set_policy
from clientela.modules.contracts.models import Policy
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.operations.dispatch import dispatch_due
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped
from tests.contract.networks import wait_until
from tests.servers.smsc import Smsc

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]
LEASE = timedelta(minutes=1)
PHONE, NEIGHBOUR = "79170004108", "79170004109"
PRICE, PAY_LINK = "8 533,99 ₽", re.compile(r"/pay/\S+/")


@pytest.fixture
def day(
    transactional_db: None, anna: User, renewals_manager: User, administrator: User, make_client: Any,
    make_policy: Any, osago: Any,
) -> date:  # fmt: skip
    """Today, thirty days before the end of Вера's OSAGO and of a neighbour's who never answers.

    Clients may be written to at every hour: when the test runs is not what it is about.
    """
    now, today = timezone.now(), timezone.localdate()
    hours = {"weekday_from": time(0), "weekend_from": time(0), "weekday_to": time.max}
    set_policy(actor=administrator, now=now, weekend_to=time.max, caps={}, nda_patterns=[], **hours)
    load_shipped(now=now, active_from=today - timedelta(days=90))
    for last, phone in (("Орлова", PHONE), ("Яковлева", NEIGHBOUR)):
        client = make_client(anna.agent, last, "Вера", "Николаевна", phone=f"+{phone}", city="Казань")
        make_policy(client, osago, number=f"ХХХ 04127739{phone[-2:]}", end=today + timedelta(days=30))
    return today


@pytest.fixture
def work(smsc: Smsc) -> Iterator[Callable[[datetime], None]]:
    """``work(noon)`` does what the worker does now, or at noon when it is earlier, with the SMSC as its network."""
    transport = SmppTransport(
        SmppSettings(
            host="127.0.0.1", port=smsc.port, system_id="clientela", password="secret", sender="0999"
        )
    )
    transport.start(StoringInbox("sms"))
    wait_until(lambda: smsc.bound)

    def run(noon: datetime) -> None:
        dispatch_due(worker="test", now=max(noon, timezone.now()), lease=LEASE)
        deliver("sms", transport, worker="test", now=max(noon, timezone.now()))
        wait_until(lambda: smsc.receipts_confirmed == smsc.submits)
        while deliver_events(worker="test", now=max(noon, timezone.now()), lease=LEASE):
            pass

    yield run
    transport.close()


@pytest.mark.parametrize("person", ["anna", "renewals_manager"])
def test_a_term_from_its_plan_to_its_renewal(
    visit: Visit, chromium: Browser, work: Callable[[datetime], None], smsc: Smsc, day: date, anna: User,
    person: str, request: pytest.FixtureRequest, live_server: object,
) -> None:  # fmt: skip
    plan_day(day=day, now=timezone.now())
    term = Renewal.objects.get(client__last_name="Орлова")
    noon = term.touches.get(channel="sms").due_at

    page = visit(f"/renewals/{term.pk}/", request.getfixturevalue(person))
    drawer, row = page.locator("#drawer .drawer"), page.locator("tr", has_text="Орлова")
    expect(step(drawer, 30)).to_contain_text(re.compile(r"SMS.*Уйдёт", re.DOTALL))

    work(noon)
    [text] = smsc.texts(PHONE)
    assert f"Ваш полис ОСАГО заканчивается {day + timedelta(days=30):%d.%m.%y}" in text
    assert "Агента (тел. +7 917 200-01-01)" in text
    page.reload()
    expect(step(drawer, 30)).to_contain_text("Доставлено")

    smsc.say(PHONE, "0999", "Продлевайте, оплачу агенту")
    wait_until(lambda: Message.objects.filter(direction="in").exists())
    work(noon)
    page.reload()
    expect(step(drawer, 30)).to_contain_text("SMSОтвет")

    drawer.get_by_text("Сделать проект").click()
    page.click("dialog >> text=Сохранить проект")
    expect(page.locator("#toasts")).to_contain_text(f"Проект готов: {PRICE}")
    drawer.get_by_text("Отправить предложение").click()
    page.click("dialog >> button:has-text('Отправить предложение')")
    expect(page.locator("#toasts")).to_contain_text("Предложение отправлено")
    work(noon)
    offer = smsc.texts(PHONE)[-1]
    link = PAY_LINK.search(offer)
    assert link, offer

    phone = chromium.new_page(viewport={"width": 390, "height": 844})
    phone.goto(f"{live_server}{link[0]}")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Вера Николаевна, проверьте и оплатите")
    expect(phone.locator("main")).to_contain_text("Соколова")

    page.reload()
    drawer.get_by_text("Записать платёж").click()
    page.select_option("#id_method", label="Наличные")
    page.click("dialog >> button:has-text('Записать платёж')")
    expect(page.locator("#toasts")).to_contain_text("Оплачено полностью, выпущен полис")
    expect(row).to_contain_text("Оплачен")
    work(noon)

    phone.reload()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Готово: вы застрахованы")
    expect(phone.locator("main")).to_contain_text("Соколова")
    phone.close()

    page.reload()
    expect(row).to_contain_text("Оплачен")
    expect(step(drawer, 5)).to_contain_text("Не уйдёт")
    later = day + timedelta(days=25)
    plan_day(day=later, now=noon + timedelta(days=25))
    sms = Touch.objects.filter(due_on=later, channel="sms")
    assert set(sms.values_list("renewal__client__last_name", "state", "reason")) == {
        ("Орлова", "dropped", "paid"),
        ("Яковлева", "planned", ""),
    }

    page.goto(f"{live_server}/clients/{term.client_id}/")
    expired = page.locator(f"#policy-{term.policy_id}")
    expect(expired).to_contain_text("Продлён")
    following = Policy.objects.get(previous=term.policy_id)
    expect(page.locator(f"#policy-{following.pk}")).to_contain_text("Начнётся позже")
    expect(page.locator("main")).to_contain_text("Наличные")
    expect(page.locator("main")).to_contain_text("Соколова")
    assert (following.agent, following.client.agent) == (anna.agent, anna.agent)


def step(drawer: Locator, day: int) -> Locator:
    """What the plan says about the SMS of the step ``day`` days before the end."""
    return drawer.locator(".pstep", has_text=re.compile(rf"^\s*{day}\b"))
