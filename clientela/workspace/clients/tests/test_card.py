"""The card: what stands on it, what it costs, who may open it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.billing.operations import make_schedule, register_payment
from clientela.modules.claims.operations import open_claim, open_dispute
from clientela.modules.clients import operations
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import (
    issue_project,
    make_quote,
    prepare_project,
    refresh_client_facts,
)
from clientela.workspace.clients import facts
from clientela.workspace.clients.queries.card import load_card
from clientela.workspace.clients.queries.past import as_of


@pytest.fixture
def full(
    anna: User, vera: Client, vera_policy: Policy, make_policy: Callable[..., Policy], kasko, now: datetime
) -> Client:
    """Вера with a KASKO, an ended term, a quote, a project, a note, a passport, a tag and a disputed claim."""
    casco = make_policy(
        vera, kasko, number="К 16-204871", end=date(2027, 4, 12), premium=Decimal("63867.92"),
        loss_paid=Decimal("18300.00"), instalments=2,
    )  # fmt: skip
    make_policy(vera, kasko, number="К 16-1", end=date(2021, 6, 4), premium=Decimal("31933.96"))
    make_schedule(policy=casco)
    register_payment(actor=anna, now=now, amount=Decimal("31933.96"), method="card", policy=casco)
    make_quote(actor=anna, now=now, policy=vera_policy, premium=Decimal("8100.00"))
    operations.add_note(actor=anna, now=now, client=vera, text="Любит короткие звонки")
    operations.add_document(actor=anna, now=now, client=vera, kind="passport", number="9208410041")
    operations.add_document(
        actor=anna, now=now, client=vera, kind="licence", number="9921123417", valid_until=date(2027, 1, 30)
    )
    operations.set_tags(actor=anna, now=now, client=vera, names=["рассрочка"])
    open_dispute(
        actor=anna,
        now=now,
        claim=open_claim(actor=anna, now=now, policy=casco, occurred_on=date(2026, 11, 1)),
    )
    refresh_client_facts(now=now, client_id=vera.pk)
    return vera


def test_everything_in_one_statement(
    anna: User, full: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    load_card(anna, full.pk, now=now)  # the scope is read once a request
    with django_assert_num_queries(1):
        card = load_card(anna, full.pk, now=now)
        assert card is not None
        assert [(row.number, row.left, row.near, row.share) for row in card.current] == [
            ("ХХХ 0412773905", 17, True, 95), ("К 16-204871", 145, False, 60),
        ]  # fmt: skip
        osago = card.current[0]
        assert (osago.next_premium, osago.change, osago.title, osago.plate) == (
            Decimal("8100.00"), Decimal("-5.1"), "Hyundai Creta, 2021", "Р418ТО116",
        )  # fmt: skip
        assert [row.number for row in card.ended] == ["К 16-1"]
        assert [(row.value, row.uses) for row in card.contacts] == [
            ("+79170004108", "звонки, SMS"), ("vera.orlova@mail.example", "письма"),
        ]  # fmt: skip
        assert [(row.masked, row.kind) for row in card.documents] == [
            ("92 08 •••• 41", "passport"), ("99 21 •••• 17", "licence"),
        ]  # fmt: skip
        assert [row.kind for row in card.expiring_documents] == ["licence"]
        assert [(row.amount, row.method) for row in card.payments] == [(Decimal("31933.96"), "card")]
        assert [(row.due_on, row.amount) for row in card.dues] == [(date(2026, 10, 12), Decimal("31933.96"))]
        assert [(row.text, row.author) for row in card.notes] == [("Любит короткие звонки", "Анна Соколова")]
        assert (card.tags, card.age, card.local_time) == (["рассрочка"], 42, "10:42")
        assert [row.disputed_since for row in card.claims] == [date(2026, 11, 18)]
        assert (card.completeness.percent, card.missing) == (100, [])
        assert (card.premium_in_force, card.loss_ratio) == (Decimal("72401.91"), 18)
        assert (card.service_channels, card.advertising_channels) == ("SMS, письма, звонки", "")


def test_the_stored_facts_agree_with_the_card(anna: User, full: Client, now: datetime) -> None:
    card = load_card(anna, full.pk, now=now)
    assert card is not None
    client = card.client
    assert (client.policies_in_force, client.premium_in_force) == (len(card.current), card.premium_in_force)
    assert (client.loyalty, client.profitability) == (card.categories.loyalty, card.categories.profitability)
    assert client.completeness == card.completeness.percent


def test_facts_in_both_languages(anna: User, full: Client, now: datetime) -> None:
    card = load_card(anna, full.pk, now=now)
    assert card is not None
    with translation.override("ru"):
        assert [(item["label"], str(item["value"]), item["note"]) for item in facts.strip_of(card)] == [
            ("Полисы в силе", "2", "ОСАГО, КАСКО"),
            ("Премия за год", "72\u00a0402\u00a0₽", "следующий срок 8\u00a0100\u00a0₽"),
            ("Ближайший срок", "17\u00a0дней", "5\u00a0декабря, ОСАГО"),
            ("Убыточность", "18\u00a0%", "выплачено 18\u00a0300\u00a0₽"),
            ("С нами", "6 лет", "с 4\u00a0июня\u00a02020"),
            ("Последний контакт", "—", "разговоров ещё не было"),
        ]
    with translation.override("en"):
        assert [(item["label"], str(item["value"]), item["note"]) for item in facts.strip_of(card)] == [
            ("Policies in force", "2", "OSAGO, KASKO"),
            ("Premium a year", "RUB\u00a072,402", "next term RUB\u00a08,100"),
            ("Next end", "17\u00a0days", "5\u00a0December, OSAGO"),
            ("Loss ratio", "18%", "paid out RUB\u00a018,300"),
            ("With us", "6 years", "since 4\u00a0June\u00a02020"),
            ("Last contact", "—", "no conversation yet"),
        ]


def test_a_foreign_card_is_not_there(boris: User, full: Client, now: datetime) -> None:
    assert load_card(boris, full.pk, now=now) is None


def test_turned_back_to_a_day(anna: User, full: Client, vera_policy: Policy, now: datetime) -> None:
    later = now + timedelta(days=20)
    operations.update_client(
        actor=anna, now=later, client=full, version=Client.objects.get(pk=full.pk).version,
        details={"last_name": "Егорова", "birth_date": date(1984, 4, 13)},
    )  # fmt: skip
    operations.add_contact_point(actor=anna, now=later, client=full, kind="phone", value="+79170005566")
    operations.remove_contact_point(
        actor=anna, now=later, contact_point=full.contact_points.get(kind="email")
    )
    operations.set_do_not_contact(actor=anna, now=later, client=full, value=True, reason="просила")
    operations.set_tags(actor=anna, now=later, client=full, names=[])
    issue_project(now=later, project=prepare_project(actor=anna, now=later, policy=vera_policy))
    moment = now + timedelta(days=60)
    card = load_card(anna, full.pk, now=moment)
    assert card is not None
    assert (card.client.name, card.tags, len(card.points)) == ("Егорова Вера Николаевна", [], 2)
    as_of(card, date(2026, 11, 18), now)
    assert (card.client.name, card.client.birth_date) == ("Орлова Вера Николаевна", date(1984, 4, 12))
    assert (card.client.do_not_contact, card.tags) == (False, ["рассрочка"])
    assert sorted(row.value for row in card.points) == ["+79170004108", "vera.orlova@mail.example"]
    assert [(row.number, row.renewed_by, row.left) for row in card.current] == [
        ("ХХХ 0412773905", None, 17), ("К 16-204871", None, 145),
    ]  # fmt: skip


def test_opening_is_journalled_and_a_refresh_is_not(
    anna: User, full: Client, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(anna)
    Entry.objects.all().delete()
    assert browser.get(f"/clients/{full.pk}/", headers={"accept-language": "ru"}).status_code == 200
    entry = Entry.objects.get()
    assert (entry.action, entry.actor, entry.object_id, entry.address) == (
        "client.read",
        anna,
        full.pk,
        "127.0.0.1",
    )
    for path in ("live/", "timeline/", "place/"):
        assert browser.get(f"/clients/{full.pk}/{path}", headers={"HX-Request": "true"}).status_code == 200
    assert Entry.objects.count() == 1
    document = full.documents.get(kind="passport")
    page = browser.get(f"/clients/documents/{document.pk}/number/", headers={"HX-Request": "true"})
    assert "9208410041" in page.content.decode()
    assert Entry.objects.latest("id").action == "client.read_document"


def test_the_whole_page_costs_few_statements(
    anna: User, full: Client, sign_in: Callable[[User], Browser],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    """Session, person, scope, the frame, then: the card, the timeline, what is planned, the journal's note."""
    browser = sign_in(anna)
    browser.get(f"/clients/{full.pk}/")
    with django_assert_max_num_queries(14) as captured:
        browser.get(f"/clients/{full.pk}/")
    texts = [query["sql"] for query in captured.captured_queries]
    assert sum("j_policies" in text for text in texts) == 1
    assert sum(" UNION ALL " in text and "audit_entry" in text for text in texts) == 1
    assert sum("INSERT INTO" in text for text in texts) == 1
    assert sum("renewals_touch" in text and " UNION ALL " not in text for text in texts) == 1


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_speaks_the_persons_language(
    anna: User, full: Client, sign_in: Callable[[User], Browser], language: str
) -> None:
    User.objects.filter(pk=anna.pk).update(language=language)
    text = sign_in(anna).get(f"/clients/{full.pk}/").content.decode()
    words = {
        "ru": ("Связь и согласия", "Лента", "в споре с"),
        "en": ("Contacts and consents", "Timeline", "in dispute since"),
    }
    for word in words[language]:
        assert word in text
    for word in words["en" if language == "ru" else "ru"]:
        assert word not in text


@pytest.mark.parametrize("who", ["boris", "centre_operator"])
def test_who_may_open(
    who: str,
    request: pytest.FixtureRequest,
    full: Client,
    boris_client: Client,
    sign_in: Callable[[User], Browser],
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    Entry.objects.all().delete()
    foreign = full if who == "boris" else boris_client
    for path in ("", "live/", "timeline/", "place/", "edit/", "quotes/", "notes/"):
        assert browser.get(f"/clients/{foreign.pk}/{path}").status_code == 404
    assert not Entry.objects.exists()


def test_readers_see_no_buttons_of_change(
    auditor: User, full: Client, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(auditor)
    text = browser.get(f"/clients/{full.pk}/").content.decode()
    for part in ("/notes/", "/quotes/", "/payments/", "/contacts/", "/edit/", "/stop/"):
        assert f"/clients/{full.pk}{part}" not in text
        assert browser.get(f"/clients/{full.pk}{part}").status_code == 403
