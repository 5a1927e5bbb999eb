"""The telephone in the browser: Chromium registers with a real Asterisk, is rung, picks up, is heard and hears."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, expect

from clientela.integrations.asterisk.adapter import AsteriskExchange, from_environment
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call, Line
from clientela.modules.calls.ports import LineAnswered, LineArrived, LineEnded, Ring
from tests.browser.shots import CHROMIUM, FLAGS
from tests.contract.exchanges import ListeningDesk, Sounds
from tests.contract.networks import wait_until
from tests.servers.asterisk import Asterisk
from tests.servers.sip import People

pytestmark = [pytest.mark.browser, pytest.mark.server]
# A microphone that beeps, and the loopback as a network to speak over.
SWITCHES = [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
]


@pytest.fixture
def desk() -> ListeningDesk:
    return ListeningDesk()


@pytest.fixture
def exchange(
    asterisk: Asterisk, desk: ListeningDesk, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[AsteriskExchange]:
    for name, value in asterisk.settings().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CLIENTELA_ASTERISK_DESK", "PJSIP/person-{station}")
    settings.SOFTPHONES = "clientela.integrations.asterisk.softphones.from_environment"
    exchange = from_environment(Sounds())
    exchange.start(desk)
    desk.connections(1)
    yield exchange
    exchange.close()


def _card_for(person: User) -> None:
    """The call that rings at the person's desk, as the switchboard keeps it."""
    now = timezone.now()
    call = Call.objects.create(
        direction="in", number="+79161112233", state="ringing", offered_to=person, started_at=now
    )
    Line.objects.create(
        call=call,
        line="desk-anna",
        role=Line.Role.DESK,
        person=person,
        state=Line.State.RINGING,
        asked_at=now,
    )


def test_anna_takes_a_call_in_her_browser(
    exchange: AsteriskExchange,
    desk: ListeningDesk,
    people: People,
    anna: User,
    live_server: Any,
    chromium: Browser,
) -> None:
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *SWITCHES])
    context = browser.new_context(locale="ru-RU", permissions=["microphone"])
    signed_in = Client()
    signed_in.force_login(anna)
    session = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": str(live_server)}])
    work = context.new_page()
    _card_for(anna)
    work.goto(f"{live_server}/")
    expect(work.get_by_role("button", name="Открыть телефон")).to_be_visible()
    with context.expect_page() as opened:  # no telephone yet: it is said, and one opens
        work.get_by_role("button", name="Принять").click()
    page = opened.value
    expect(work.get_by_text("не открыт телефон")).to_be_visible()
    expect(page.get_by_text("Готов.")).to_be_visible()
    expect(work.get_by_role("button", name="Телефон готов")).to_be_visible()

    caller = people.call("74951234567")
    client = desk.next(LineArrived).line
    exchange.answer(client)
    exchange.ring(Ring("desk-anna", f"desk:{anna.pk}", caller_id="+79161112233"))
    expect(page.locator("[data-caller]")).to_have_text("+79161112233")
    expect(work.get_by_role("button", name="Телефон звонит")).to_be_visible()
    work.get_by_role("button", name="Принять").click()
    desk.next(LineAnswered, "desk-anna")
    exchange.join("room", [client, "desk-anna"])

    wait_until(caller.hears_something)
    page.get_by_role("button", name="Выключить микрофон").click()
    wait_until(caller.hears_nothing)
    expect(work.get_by_role("button", name="Микрофон выключен")).to_be_visible()
    page.get_by_role("button", name="Положить трубку").click()
    desk.next(LineEnded, "desk-anna")
    caller.hang_up()
    desk.next(LineEnded, client)
    browser.close()
