"""Requests come: whose card it is, which earlier request they join, how they are counted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clientela.foundation.outbox.models import Event
from clientela.foundation.outbox.operations import deliver
from clientela.modules.calls.models import Call, Number
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Conversation
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.requests.events import RequestCame
from clientela.modules.requests.handlers import on_call_ended
from clientela.modules.requests.models import Intake, Request, ScoreRule
from clientela.modules.requests.operations import NoContact, close, from_call, from_conversation, identify
from clientela.modules.requests.rules import Rule, score, temperature
from tests.cast import VERAS_PHONE


def test_a_stranger_gets_a_card_and_the_points_have_their_reasons(ask, kasko, kazan):
    made = ask(product=kasko, text="Забираю машину завтра", email="rezeda@mail.example")
    assert (made.client.last_name, made.client.first_name, made.client.branch) == (
        "Миннуллина",
        "Резеда",
        kazan,
    )
    assert set(ContactPoint.objects.filter(client=made.client).values_list("value", flat=True)) == {
        "+79870006319", "rezeda@mail.example",
    }  # fmt: skip
    assert [(one["code"], one["points"]) for one in made.reasons] == [
        ("kasko", 20),
        ("urgent", 15),
        ("phone", 10),
    ]
    assert (made.score, made.temperature, made.state, made.number) == (
        65,
        "warm",
        "new",
        f"З-26-{made.pk:06}",
    )
    assert made.due_at - made.created_at == timedelta(minutes=15)


def test_a_known_phone_is_its_client_and_goes_to_the_agent(ask, vera, anna):
    made = ask(VERAS_PHONE)
    assert (made.client, made.agent, made.assignee, made.why[0]["why"]) == (vera, anna.agent, anna, "owner")
    assert "known" in [one["code"] for one in made.reasons]


def test_a_shared_phone_asks_and_an_email_tells_who_it_is(
    ask, vera, anna, make_client, renewals_manager, now
):
    sister = make_client(anna.agent, "Орлова", "Надежда", phone=VERAS_PHONE, email="nadezhda@mail.example")
    made = ask(VERAS_PHONE)
    assert (made.client, made.possible, Client.objects.count()) == (None, [vera.pk, sister.pk], 2)
    named = identify(actor=renewals_manager, now=now, request=made, client=sister)
    assert (named.client, named.possible, named.assignee) == (sister, [], anna)
    other = ask(VERAS_PHONE, email="vera.orlova@mail.example", at=now + timedelta(days=5))
    assert (other.client, other.possible) == (vera, [])


def test_the_same_phone_and_product_join_the_open_request(ask, kasko, osago, now):
    first = ask(product=kasko, text="Omoda C5")
    later = now + timedelta(days=2)
    again = ask(product=kasko, text="Можно сегодня?", at=later)
    assert (again.pk, again.times, again.text) == (first.pk, 2, "Omoda C5\nМожно сегодня?")
    assert again.score == first.score + 15 + 15  # came again, and it is urgent
    assert list(first.steps.values_list("kind", flat=True)) == ["came", "joined"]
    assert ask(product=osago, at=later).pk != first.pk
    assert ask(product=kasko, at=later + timedelta(days=4)).pk != first.pk


def test_the_same_origin_is_one_request_and_nobody_to_answer_is_none(ask, osago):
    first = ask(origin="message:1")
    assert ask("+79870001111", origin="message:1").pk == first.pk
    with pytest.raises(NoContact):
        ask("")
    assert Request.objects.count() == 1


def test_spam_stays_spam(ask, anna, renewals_manager, now):
    close(actor=renewals_manager, now=now, request=ask(), reason="spam")
    made = ask(at=now + timedelta(days=4))
    assert (made.state, made.reason, made.assignee) == ("closed", "spam", None)


def test_rules_are_data(ask):
    ScoreRule.objects.filter(code="phone").update(points=90)
    assert ask().score == 100
    rules = [Rule("a", "", "text", "has", "да, нет", 5), Rule("b", "", "email", "empty", "", -50)]
    assert score(rules, {"text": "Да!"}) == (0, [
        {"code": "a", "words": "", "points": 5}, {"code": "b", "words": "", "points": -50},
    ])  # fmt: skip
    assert [temperature(n, warm_from=40, hot_from=75) for n in (39, 40, 74, 75)] == [
        "cold",
        "warm",
        "warm",
        "hot",
    ]


def test_a_mail_to_the_box_of_a_partner_is_a_request_once(write_in, kazan, kasko, anna, now):
    box = Mailbox.objects.create(
        address="salon@prichal.example", name="Автосалон", branch=kazan, created_at=now, updated_at=now
    )
    Intake.objects.create(key="salon", name="Салон", title="Салон", partner="Автосалон № 4", product=kasko, branch=kazan, mailbox=box, created_at=now)  # fmt: skip
    from clientela.modules.contacts.operations import StoringInbox
    from clientela.modules.contacts.ports import IncomingMessage

    mail = IncomingMessage(
        channel="email", external_id="m1", from_address="mark@mail.example", to_address=box.address, text="Exeed LX",
        at=now, from_name="Алексеев Марк", subject="Каско",
    )  # fmt: skip
    for _time in range(2):
        StoringInbox("email", clock=lambda: now).incoming([mail])
        while deliver(worker="w", now=timezone.now() + timedelta(minutes=5), lease=timedelta(minutes=5)):
            pass
    made = Request.objects.get()
    assert (made.source, made.partner, made.product, made.email) == (
        "partner",
        "Автосалон № 4",
        kasko,
        "mark@mail.example",
    )
    assert made.client is not None


def test_a_missed_call_of_a_stranger_on_a_sales_number(kazan, vera, osago, now):
    number = Number.objects.create(value="+78432000911", label="Продажи", branch=kazan)
    Intake.objects.create(key="line", name="Линия", title="Линия", product=osago, branch=kazan, number=number, created_at=now)  # fmt: skip
    values = {
        "direction": "in",
        "state": "ended",
        "our": number,
        "branch": kazan,
        "started_at": now,
        "ended_at": now,
    }
    stranger = Call.objects.create(number="+79870006319", **values)
    known = Call.objects.create(number=VERAS_PHONE, client=vera, **values)
    from clientela.modules.calls.events import CallEnded

    for call in (stranger, stranger, known):
        on_call_ended(CallEnded(call.pk, call.client_id, "in", "missed"), now=now)
    assert [(one.phone, one.source, one.product) for one in Request.objects.all()] == [
        ("+79870006319", "missed", osago)
    ]


def test_one_action_makes_a_request_of_a_conversation_and_of_a_call(write_in, vera, anna, kasko, now):
    write_in("Сколько будет каско?")
    made = from_conversation(actor=anna, now=now, conversation=Conversation.objects.get(), product=kasko)
    assert (made.client, made.assignee, made.text, made.source) == (
        vera,
        anna,
        "Сколько будет каско?",
        "message",
    )
    call = Call.objects.create(
        direction="in", state="ended", client=vera, number=VERAS_PHONE, person=anna, branch=vera.branch, started_at=now,
        note="Вторая машина",
    )  # fmt: skip
    told = from_call(actor=anna, now=now, call=call)
    assert (told.text, told.assignee, told.source) == ("Вторая машина", anna, "call")
    assert RequestCame.__name__ in {event.name.rpartition(".")[2] for event in Event.objects.all()}
