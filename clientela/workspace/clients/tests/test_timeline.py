"""One timeline: every source, its order, its words, its pages."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from clientela.foundation.audit.operations import record
from clientela.modules.accounts.models import User
from clientela.modules.billing.operations import register_payment
from clientela.modules.claims.operations import open_claim, open_dispute
from clientela.modules.clients import operations
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message, Signal
from clientela.modules.contacts.operations.consents import withdraw_consent
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import cancel_policy, make_quote, prepare_project, reprice_project
from clientela.modules.renewals.models import Renewal, Touch
from clientela.workspace.clients.queries.timeline import PAGE, timeline
from clientela.workspace.clients.timeline_words import items


def message(client: Client, at: datetime, **fields: object) -> Message:
    values = {
        "client": client, "direction": "out", "channel": "sms", "address": "+79170004108", "text": "Продлите полис",
        "state": "delivered", "origin": "renewals.touch", "not_before": at, "created_at": at,
    }  # fmt: skip
    return Message.objects.create(**{**values, **fields})


@pytest.fixture
def story(
    anna: User, vera: Client, vera_policy: Policy, vera_renewal: Renewal, make_policy: Callable[..., Policy], kasko,
    now: datetime,
) -> Client:  # fmt: skip
    """Everything that can happen, an hour apart, ending at ``now``."""
    at = [now - timedelta(hours=hours) for hours in range(20, -1, -1)]
    who = {"actor": anna}
    casco = make_policy(vera, kasko, number="К 16-1", end=date(2027, 6, 4), issued_at=at[0])
    mail = message(vera, at[1], channel="email", subject="Продлите КАСКО и ОСАГО", origin_id=1, state="read")
    message(vera, at[1], origin_id=2)
    message(vera, at[1] + timedelta(minutes=5), channel="vk", origin_id=3, state="failed")
    Signal.objects.create(message=mail, kind="open", at=at[2])
    message(vera, at[3], direction="in", state="received", origin="", text="Сколько стоит?")
    make_quote(**who, now=at[4], policy=vera_policy, premium=Decimal("8100.00"), note="КБМ 0,63")
    project = prepare_project(**who, now=at[5], policy=vera_policy)
    reprice_project(**who, now=at[6], project=project, premium=Decimal(8000), reason="акция")
    register_payment(**who, now=at[7], amount=Decimal(5000), method="cash", project=project)
    claim = open_claim(
        **who, now=at[8], policy=casco, occurred_on=date(2026, 11, 1), description="стекло", number="У-1"
    )
    open_dispute(**who, now=at[9], claim=claim)
    operations.add_note(**who, now=at[10], client=vera, text="Любит короткие звонки")
    operations.update_client(**who, now=at[11], client=vera, version=1, details={"last_name": "Егорова"})
    withdraw_consent(**who, now=at[12], client=vera, purpose="service", channel="sms", via="staff")
    Touch.objects.create(
        renewal=vera_renewal, step_key="base.5", term_end=vera_policy.end_date, day=29, channel="robot",
        due_on=at[13].date(), due_at=at[13], state="dropped", reason="opened", created_at=at[13],
    )  # fmt: skip
    cancel_policy(**who, now=at[14], policy=casco, on=at[14].date(), reason="продажа")
    operations.record_read(**who, now=at[15], client=vera)
    return vera


RU = [
    ("Робот за 29\u00a0дней: не ушло", "Клиент открыл сообщение"),
    ("Согласие отозвано", "сервисные SMS · Анна Соколова"),
    ("Данные изменены", "Фамилия: было Орлова, стало Егорова · Анна Соколова"),
    ("Заметка: Анна Соколова", "Любит короткие звонки"),
    ("Открыт спор: У-1", "Анна Соколова"),
    ("Убыток У-1, КАСКО", "стекло · случился 01.11.2026 · в споре с 17.11.2026"),
    ("Сообщение клиенту: SMS", "Не отправлено · consent · «Ваш убыток У-1»"),
    ("Оплачено, ОСАГО: 5\u00a0000,00\u00a0₽", "Наличные · №\u00a0ХХХ\u00a00412773905 · Анна Соколова"),
    ("Изменена цена проекта",
     "№\u00a0ХХХ\u00a00412773905 · 8\u00a0533,99\u00a0₽ → 8\u00a0000,00\u00a0₽ · акция · Анна Соколова"),
    ("Проект следующего срока, ОСАГО: 8\u00a0000,00\u00a0₽", "−6,3\u00a0% · Анна Соколова · акция"),
    ("Рассчитано продление, ОСАГО: 8\u00a0100,00\u00a0₽", "−5,1\u00a0% · Анна Соколова · КБМ 0,63"),
    ("Клиент написал: SMS", "«Сколько стоит?»"),
    ("Прочитано: E-mail", "«Продлите КАСКО и ОСАГО»"),
    ("Отправлено о продлении: E-mail, SMS, VK",
     "E-mail: Прочитано, SMS: Доставлено, VK: Не доставлено"),
    ("Оформлен договор: КАСКО",
     "№\u00a0К\u00a016-1 · Hyundai Creta, 2021 · 8\u00a0533,99\u00a0₽ · 04.06.2026 – 04.06.2027"),
    ("Расторгнут договор: КАСКО", "№\u00a0К\u00a016-1 · продажа"),
]  # fmt: skip


def test_every_source_in_words(
    story: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        page = timeline(story.pk, until=now)
    shown = [(item.title, item.detail) for item in items(page.entries)]
    assert sorted(shown[:-1]) == sorted(RU)
    without_days = [
        row for row in shown if not row[0].startswith("Расторгнут")
    ]  # a day stands at its midnight
    assert without_days[:14] == RU[:14]
    assert shown[-1][0] == "Оформлен договор: ОСАГО"
    moments = [entry.at for entry in page.entries]
    assert moments == sorted(moments, reverse=True)


def test_no_act_is_told_by_its_code(story: Client, anna: User, now: datetime) -> None:
    for action in ("invoice.made", "message.queued", "client.handed_over", "delivery.ordered"):
        record(actor=anna, now=now, action=action, obj=story, changes={"amount": [None, "14214.43"]})
    with translation.override("ru"):
        told = items(timeline(story.pk).entries)
    assert {"Выставил счёт", "Сообщение клиенту"} <= {one.title for one in told}
    assert not [one.title for one in told if "." in one.title and " " not in one.title]
    assert not [one for one in told if "amount" in one.detail]


def test_english(story: Client, now: datetime) -> None:
    with translation.override("en"):
        titles = [item.title for item in items(timeline(story.pk, until=now).entries)]
    assert "Data changed" in titles
    assert "Quoted for renewal, OSAGO: RUB\u00a08,100.00" in titles
    assert "Sent about the renewal: E-mail, SMS, VK" in titles
    assert "Robot, 29\u00a0days before the end: did not go" in titles


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        ("talk", {"message", "signal", "note", "touch"}),
        ("contracts", {"policy", "cancelled", "quote", "project", "contract"}),
        ("payments", {"payment"}),
        ("claims", {"claim", "dispute"}),
        ("data", {"data"}),
        ("nonsense", {"message", "signal", "note", "touch", "policy", "cancelled", "quote", "project", "contract",
                      "payment", "claim", "dispute", "data"}),
    ],
)  # fmt: skip
def test_filters(story: Client, now: datetime, wanted: str, kinds: set[str]) -> None:
    assert {entry.kind for entry in timeline(story.pk, wanted=wanted, until=now).entries} == kinds


def test_frozen_at_a_moment(story: Client, now: datetime) -> None:
    page = timeline(story.pk, until=now - timedelta(hours=17))
    assert {entry.kind for entry in page.entries} == {"message", "signal", "policy"}
    assert all(entry.at <= now - timedelta(hours=17) for entry in page.entries)


def test_pages_meet_without_gap_or_double(story: Client, now: datetime) -> None:
    for minute in range(2 * PAGE):
        message(story, now - timedelta(minutes=minute % 7), origin="", origin_id=None)
    whole, after = [], ""
    while True:
        page = timeline(story.pk, until=now, after=after, size=7)
        whole += [(entry.kind, entry.ref) for entry in page.entries]
        after = page.after
        if not after:
            break
    assert len(whole) == len(set(whole)) == 2 * PAGE + 19
    first = timeline(story.pk, until=now)
    again = timeline(story.pk, until=now, since=first.entries[-1].cursor)
    assert [(e.kind, e.ref) for e in again.entries] == [(e.kind, e.ref) for e in first.entries]
    newest = message(story, now, origin="", origin_id=None)
    more = timeline(story.pk, until=now, since=first.entries[-1].cursor)
    assert ("message", newest.pk) in [(entry.kind, entry.ref) for entry in more.entries]
    assert len(more.entries) == PAGE + 1


@pytest.mark.parametrize("cursor", ["x", "bm9uc2Vuc2U", "W10", "WyIyMDI2IiwieCIsMV0", "a" * 300])
def test_a_broken_cursor_is_the_first_page(story: Client, now: datetime, cursor: str) -> None:
    assert timeline(story.pk, until=now, after=cursor) == timeline(story.pk, until=now)


def test_another_client_has_another_timeline(story: Client, boris_client: Client, now: datetime) -> None:
    assert timeline(boris_client.pk, until=now).entries == []
