"""A list that calls by itself, in the browser: countdown, no answer, the next client, an outcome by keys."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.foundation.outbox.operations import deliver
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call
from clientela.modules.calls.operations.desk import take
from clientela.modules.calls.ports import Ending, LineAnswered, LineEnded
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import CommunicationPolicy
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.dialler.operations.lists import load_shipped
from clientela.modules.dialler.operations.requests import Request, request_calls
from clientela.modules.routing.models import Station

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def calling(
    vera: Client, make_client: Callable[..., Client], anna: User, centre_operator: User
) -> CallingList:
    now = timezone.now()
    load_shipped(now=now)
    CallingList.objects.update(mode="progressive", countdown=1)
    CommunicationPolicy.objects.create(
        weekday_from="00:00",
        weekday_to="23:59:59",
        weekend_from="00:00",
        weekend_to="23:59:59",
        created_at=now,
    )
    gleb = make_client(anna.agent, "Зимин", "Глеб", "Петрович", phone="+79170005555")
    for place, client in enumerate((vera, gleb)):
        ends = now.date() + timedelta(days=10 + place)
        request = Request(
            client_id=client.pk, list="renewal", origin="test", origin_id=client.pk, ends_on=ends,
            until=now + timedelta(days=9),
        )  # fmt: skip
        request_calls([request], now=now)
    Station.objects.update_or_create(
        user=centre_operator, defaults={"state": "available", "since": now, "seen_at": now, "idle_since": now}
    )
    return CallingList.objects.get()


def no_answer(call: Call) -> None:
    """The network says so, and everybody hears of it."""
    now = timezone.now()
    take(LineAnswered(call.lines.get(role="desk").line, now), now=now)
    take(LineEnded(call.lines.get(role="client").line, now, Ending.NO_ANSWER), now=now)
    for line in call.lines.exclude(state="ended"):
        take(LineEnded(line.line, now, Ending.NORMAL), now=now)
    while deliver(worker="test", now=now, lease=timedelta(minutes=1)):
        pass


def test_the_next_client_is_called_by_itself(
    visit: Callable[..., Page], calling: CallingList, centre_operator: User, vera: Client
) -> None:
    page = visit(f"/dialler/{calling.pk}/", centre_operator)
    page.get_by_role("button", name="Взять следующего").click()
    expect(page.locator(".dial-mid h2")).to_have_text("Орлова Вера Николаевна")
    expect(page.locator("#dial-call")).to_contain_text("Вызов")  # nobody pressed anything
    no_answer(Call.objects.get())
    page.locator("#dial-call").dispatch_event("live")
    expect(page.locator(".dial-mid h2")).to_have_text("Зимин Глеб Петрович")
    page.get_by_role("button", name="Стоп").click()
    page.keyboard.press("1")
    expect(page.locator("#dial-coming")).to_contain_text("Больше по этой записи не звоним")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Сейчас звонить некому")).to_be_visible()
    said = Entry.objects.order_by("pk").values_list("state", "outcome")
    assert list(said) == [("waiting", "no_answer"), ("done", "agreed")]
