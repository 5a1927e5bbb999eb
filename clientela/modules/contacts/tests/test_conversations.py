"""Conversations from the client's first message to the last answer."""

from datetime import timedelta

import pytest
from django.db import transaction

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.clients.events import ContactabilityChanged
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.operations.handover import hand_over_clients
from clientela.modules.contacts.events import MessageStateChanged
from clientela.modules.contacts.handlers import on_contactability, on_message_state
from clientela.modules.contacts.models import Conversation, Message
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contacts.operations.asking import gather
from clientela.modules.contacts.operations.conversations import (
    CannotAnswer,
    NotTheirAddress,
    assign,
    finish,
    follow_owners,
    look,
    reopen,
    settle_sender,
)
from clientela.modules.organisation.models import Absence
from tests.cast import VERAS_PHONE


@pytest.fixture
def talk(vera, write_in):
    write_in()
    return vera.conversation


def test_a_message_opens_the_talk_of_its_client_and_the_owner_answers(talk, anna, now, events):
    assert (talk.state, talk.assignee, talk.agent) == ("open", anna, anna.agent)
    assert (talk.last_text, talk.last_at, talk.last_is_ours) == ("Сколько стоит?", now, False)
    assert (talk.waiting_since, talk.answer_by) == (now, now + timedelta(hours=1))
    assert talk.reasons == [{"why": "owner", "agreement": "АГД-16/0101"}]
    assert talk.is_new
    assert events("ConversationChanged")[-1] == {
        "conversation_id": talk.pk, "client_id": talk.client_id, "people": [anna.pk],
    }  # fmt: skip


def test_one_talk_on_every_channel_waits_since_its_first_question(talk, write_in, now):
    later = now + timedelta(minutes=20)
    write_in("А на почту?", "vera.orlova@mail.example", "email", at=later, subject="Вопрос")

    talk.refresh_from_db()
    assert Conversation.objects.count() == 1
    assert (talk.channel, talk.address) == ("email", "vera.orlova@mail.example")
    assert (talk.last_text, talk.last_at) == ("Вопрос А на почту?", later)
    assert (talk.waiting_since, talk.answer_by) == (now, now + timedelta(hours=1))


def test_a_late_mail_waits_but_does_not_hide_what_is_newer(talk, write_in, now):
    write_in("Письмо шло долго", "vera.orlova@mail.example", "email", at=now - timedelta(hours=1))
    talk.refresh_from_db()
    assert (talk.last_text, talk.last_at) == ("Сколько стоит?", now)
    assert talk.waiting_since == now - timedelta(hours=1)


@pytest.mark.parametrize("text", ["СТОП", "stop"])
def test_a_stop_word_wants_no_answer(vera, write_in, text):
    write_in(text)
    assert not Conversation.objects.exists()


def test_an_automatic_mail_wants_no_answer(vera, write_in):
    write_in("Я в отпуске", "vera.orlova@mail.example", "email", automatic=True)
    write_in("Undelivered", "mailer-daemon@far.example", "email", automatic=True)
    assert not Conversation.objects.exists()
    assert Client.objects.count() == 1


def test_an_answer_ends_the_waiting_and_a_new_question_begins_it(talk, vera, anna, write_in, now):
    at = now + timedelta(minutes=5)
    queue_message(now=at, actor=anna, client=vera, channel="sms", text="7 268 рублей")
    talk.refresh_from_db()
    assert (talk.waiting_since, talk.answer_by, talk.last_is_ours) == (None, None, True)
    assert talk.last_text == "7 268 рублей"

    write_in("Дорого", at=at + timedelta(minutes=1))
    talk.refresh_from_db()
    assert talk.waiting_since == at + timedelta(minutes=1)


def test_messages_of_the_plan_are_no_answer(talk, vera, now):
    queue_message(now=now, actor=None, client=vera, channel="sms", text="Полис заканчивается")
    talk.refresh_from_db()
    assert talk.waiting_since == now


def test_who_writes_first_holds_the_talk(vera, anna, now):
    queue_message(now=now, actor=anna, client=vera, channel="sms", text="Отправила расчёт")
    talk = vera.conversation
    assert (talk.assignee, talk.state, talk.waiting_since) == (anna, "open", None)
    assert talk.reasons == [{"why": "taken"}]


def test_an_answer_that_did_not_arrive_makes_the_client_wait_again(talk, vera, anna, now, events):
    asked = Message.objects.get(direction="in")
    ours = queue_message(now=now, actor=anna, client=vera, channel="sms", text="Да", in_reply_to=asked)
    finish(actor=anna, now=now, conversation=talk)
    on_message_state(MessageStateChanged(ours.pk, vera.pk, "", None, "failed"), now=now)
    talk.refresh_from_db()
    assert (talk.state, talk.waiting_since) == ("open", now)


def test_done_and_open_again(talk, anna, now):
    assert finish(actor=anna, now=now, conversation=talk)
    assert not finish(actor=anna, now=now, conversation=talk)
    talk.refresh_from_db()
    assert (talk.state, talk.done_at, talk.waiting_since) == ("done", now, None)

    assert reopen(actor=anna, now=now, conversation=talk)
    talk.refresh_from_db()
    assert (talk.state, talk.done_at, talk.waiting_since) == ("open", None, now)
    assert list(Entry.objects.filter(action__startswith="conversation.").values_list("action", flat=True)) == [
        "conversation.done", "conversation.reopened",
    ]  # fmt: skip


def test_a_done_talk_opens_with_the_next_message(talk, anna, write_in, now):
    finish(actor=anna, now=now, conversation=talk)
    write_in("Ещё вопрос", at=now + timedelta(days=1))
    talk.refresh_from_db()
    assert (talk.state, talk.assignee, talk.done_at) == ("open", anna, None)


def test_given_to_a_colleague_it_stays_there(talk, anna, team_lead, write_in, now):
    look(actor=anna, now=now, conversation=talk)
    assert assign(actor=anna, now=now, conversation=talk, person=team_lead)
    write_in("Ещё", at=now + timedelta(minutes=1))
    talk.refresh_from_db()
    assert talk.assignee == team_lead
    assert talk.reasons == [{"why": "given", "name": "Анна Соколова", "at": now.isoformat()}]
    assert talk.is_new


def test_back_to_the_queue_of_the_centre(talk, anna, now):
    assign(actor=anna, now=now, conversation=talk, person=None)
    talk.refresh_from_db()
    assert (talk.assignee, talk.reasons) == (None, [{"why": "queue_of_centre", "name": "Поволжье"}])


def test_only_who_sees_the_client_gets_the_talk(talk, anna, boris, marketer, lilia, now):
    for stranger in (boris, marketer, lilia):
        with pytest.raises(CannotAnswer):
            assign(actor=anna, now=now, conversation=talk, person=stranger)


@pytest.mark.parametrize("verb", [finish, reopen])
def test_nobody_touches_a_foreign_talk(talk, boris, auditor, now, verb):
    for stranger in (boris, auditor):
        with pytest.raises(PermissionDenied):
            verb(actor=stranger, now=now, conversation=talk)


def test_an_absent_agents_talks_go_to_the_substitute(vera, anna, team_lead, write_in, now):
    Absence.objects.create(
        person=anna, substitute=team_lead, first_day=now.date(), last_day=now.date() + timedelta(days=3), created_at=now
    )  # fmt: skip
    write_in()
    assert vera.conversation.assignee == team_lead
    assert vera.conversation.reasons[0]["why"] == "stands_in"


def test_the_talk_follows_its_client(talk, vera, lilia, anna, now):
    with transaction.atomic():
        hand_over_clients([vera.pk], actor=None, now=now, to=lilia.agent)
        follow_owners([vera.pk], now=now)
    talk.refresh_from_db()
    assert (talk.agent, talk.centre, talk.assignee) == (lilia.agent, None, lilia)
    assert not Conversation.objects.visible_to(anna).exists()


def test_a_card_that_changed_hands_takes_its_talk_along(talk, vera, boris, now):
    Client.objects.filter(pk=vera.pk).update(agent=boris.agent, branch=boris.agent.branch, centre=None)
    on_contactability(ContactabilityChanged(vera.pk), now=now)
    talk.refresh_from_db()
    assert (talk.agent, talk.branch, talk.assignee) == (boris.agent, boris.agent.branch, boris)


# -- people nobody knows, and people who share an address


def test_a_stranger_gets_a_card_in_the_home_branch(kazan, ulyanovsk, write_in, settings):
    settings.HOME_BRANCH = "ulyanovsk"
    message = write_in(sender="+79210005566")

    card = message.client
    assert (card.name, card.branch, card.agent) == ("+7 921 000-55-66", ulyanovsk, None)
    assert card.contact_points.get().value == "+79210005566"
    assert (card.conversation.assignee, card.conversation.reasons) == (
        None, [{"why": "queue_of_branch", "name": "Ульяновск"}],
    )  # fmt: skip


def test_a_stranger_can_be_answered_the_same_way_only(branch_head, kazan, write_in, now):
    card = write_in(sender="+79210005566").client
    asked = card.messages.get()
    answer = queue_message(
        now=now, actor=branch_head, client=card, channel="sms", text="Посчитаем", in_reply_to=asked
    )
    assert answer.state == "queued"
    assert list(card.consents.values_list("purpose", "channel", "source")) == [
        ("service", "sms", "own message")
    ]


def test_a_strangers_second_message_finds_the_card(kazan, write_in):
    first = write_in("Здравствуйте", "Petr@Far.example", "email", from_name="Пётр Дальний")
    second = write_in("Ау", "petr@far.example", "email")
    assert first.client == second.client
    assert first.client.name == "Дальний Пётр"


def test_a_sender_that_cannot_be_answered_gets_no_card(kazan, write_in):
    message = write_in("Ваш код 1234", sender="BANK")
    assert message.client is None
    assert not Client.objects.exists()
    assert not Conversation.objects.exists()


@pytest.fixture
def petr(make_client, anna):
    """Вера's husband has her phone on his card."""
    return make_client(anna.agent, "Орлов", "Пётр", phone=VERAS_PHONE)


def test_a_shared_phone_asks_whose_it_was(vera, petr, anna, write_in, now):
    message = write_in()
    talk = Conversation.objects.get()
    assert (message.client, talk.client, talk.reasons) == (None, None, [{"why": "shared_address"}])
    assert list(Conversation.objects.visible_to(anna)) == [talk]

    write_in("Алло", at=now + timedelta(minutes=1))
    found = settle_sender(actor=anna, now=now, conversation=talk, client=petr)

    assert (found.client, found.assignee, found.last_text) == (petr, anna, "Алло")
    assert list(petr.messages.values_list("text", flat=True).order_by("id")) == ["Сколько стоит?", "Алло"]
    assert not vera.messages.exists()
    assert Conversation.objects.count() == 1


def test_only_those_who_share_the_address_may_be_named(vera, petr, anna, make_client, write_in, now):
    write_in()
    other = make_client(anna.agent, "Тестов", "Иван", phone="+79170000001")
    with pytest.raises(NotTheirAddress):
        settle_sender(actor=anna, now=now, conversation=Conversation.objects.get(), client=other)


def test_the_last_one_written_to_is_the_one_who_answers(vera, petr, write_in, now):
    queue_message(now=now, actor=None, client=petr, channel="sms", text="Полис")
    Message.objects.update(state="sent")
    assert write_in(at=now + timedelta(hours=1)).client == petr
    assert ContactPoint.objects.filter(value=VERAS_PHONE).count() == 2


def test_conversations_are_gathered_from_earlier_messages(vera, petr, make_client, anna, now):
    silent = make_client(anna.agent, "Тестов", "Иван", phone="+79170000001")

    def wrote(client, days, **fields):
        at = now - timedelta(days=days)
        values = {
            "direction": "in",
            "state": "received",
            "channel": "sms",
            "address": VERAS_PHONE,
            "text": f"{days}",
        } | fields
        return Message.objects.create(client=client, not_before=at, created_at=at, **values)

    wrote(vera, 3)
    wrote(petr, 5)
    wrote(petr, 4, direction="out", state="sent", author=anna, text="Ответ")
    wrote(silent, 20)

    assert gather(now=now) == 3
    assert gather(now=now) == 0
    assert (vera.conversation.state, vera.conversation.waiting_since) == ("open", now - timedelta(days=3))
    assert (petr.conversation.state, petr.conversation.last_text) == ("done", "Ответ")
    assert (silent.conversation.state, silent.conversation.last_text) == ("done", "20")
