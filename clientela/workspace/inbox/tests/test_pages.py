"""The inbox as its people use it."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clientela.modules.clients.models import Client, Note
from clientela.modules.contacts.models import Conversation, Message, Template
from clientela.modules.contacts.operations.conversations import assign, finish
from clientela.workspace.inbox.filters import InboxFilter
from clientela.workspace.inbox.queries import MOST, counts, page, thread
from clientela.workspace.navigation import forget_counts
from tests.cast import VERAS_PHONE


def url(name, talk):
    return reverse(f"inbox:{name}", args=[talk.pk])


def test_the_list_shows_who_waits_in_the_first_box_that_has_something(sign_in, anna, talk):
    answer = sign_in(anna).get(reverse("inbox:home"))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Орлова Вера Николаевна" in html
    assert "Сколько стоит?" in html
    assert answer.context["wanted"].box == "mine"


def test_a_lead_sees_it_as_the_teams_and_the_centre_in_its_queue(
    sign_in, team_lead, centre_operator, anna, talk, now
):
    assert sign_in(team_lead).get(reverse("inbox:home")).context["wanted"].box == "team"
    assign(actor=anna, now=now, conversation=talk, person=None)
    answer = sign_in(centre_operator).get(reverse("inbox:home"))
    assert answer.context["wanted"].box == "free"
    assert [line.talk for line in answer.context["lines"]] == [talk]


def test_opening_shows_what_was_said_and_marks_it_seen(sign_in, anna, talk, vera):
    Note.objects.create(client=vera, text="Просит рассрочку", author=anna, created_at=timezone.now())
    html = sign_in(anna).get(url("conversation", talk)).content.decode()
    assert "Просит рассрочку" in html
    assert "АГД-16/0101" in html
    talk.refresh_from_db()
    assert not talk.is_new


def test_looking_at_a_colleagues_talk_leaves_it_new(sign_in, team_lead, talk):
    sign_in(team_lead).get(url("conversation", talk))
    talk.refresh_from_db()
    assert talk.is_new


@pytest.mark.parametrize("name", ["conversation", "thread"])
def test_a_foreign_talk_is_404(sign_in, boris, talk, name):
    assert sign_in(boris).get(url(name, talk)).status_code == 404


def test_an_answer_goes_the_way_the_question_came(sign_in, anna, talk, vera):
    answer = sign_in(anna).post(
        url("reply", talk), {"channel": "sms", "text": "7 268 рублей"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    ours = Message.objects.outgoing().get()
    assert (ours.text, ours.author, ours.in_reply_to.text) == ("7 268 рублей", anna, "Сколько стоит?")
    talk.refresh_from_db()
    assert talk.waiting_since is None
    assert "7 268 рублей" not in answer.content.decode()  # the box is empty for the next one
    assert "talk-changed" in answer.headers["HX-Trigger-After-Settle"]


def test_words_for_somebody_elses_message_stay_unsent(sign_in, anna, talk, make_client):
    """The message that was on screen belongs to another card by the time the answer is sent."""
    browser = sign_in(anna)
    seen = Message.objects.get(client=talk.client)
    assert f'name="asked" value="{seen.pk}"' in browser.get(url("conversation", talk)).content.decode()
    Message.objects.filter(pk=seen.pk).update(client=make_client(anna.agent, "Другая", "Вера"))
    answer = browser.post(
        url("reply", talk), {"channel": "sms", "text": "7 268 рублей", "asked": seen.pk},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "7 268 рублей" in answer.content.decode()
    assert not Message.objects.outgoing().exists()


def test_a_note_never_goes_to_the_client(sign_in, anna, talk, vera):
    sign_in(anna).post(
        url("reply", talk), {"channel": "note", "text": "Перезвонить"}, headers={"HX-Request": "true"}
    )
    assert Note.objects.get().text == "Перезвонить"
    assert not Message.objects.outgoing().exists()
    talk.refresh_from_db()
    assert talk.waiting_since is not None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"channel": "sms", "text": " "}, "Напишите"),
        ({"channel": "pigeon", "text": "Да"}, "pigeon"),
        ({"channel": "email", "text": "Да"}, "тему"),
        ({"channel": "vk", "text": "Да"}, "vk"),
    ],
    ids=["empty", "unknown channel", "letter without a subject", "channel the client does not have"],
)
def test_what_cannot_be_sent_is_said_and_stays(sign_in, anna, talk, data, said):
    answer = sign_in(anna).post(url("reply", talk), data, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert data["text"].strip() in html
    assert not Message.objects.outgoing().exists()


def test_the_policy_says_no_at_the_channel_and_the_words_stay(sign_in, anna, talk, vera):
    Client.objects.filter(pk=vera.pk).update(do_not_contact=True)
    answer = sign_in(anna).post(
        url("reply", talk), {"channel": "sms", "text": "Да"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert "Да</textarea>" in answer.content.decode()


def test_without_scripts_the_whole_page_comes_back(sign_in, anna, talk):
    browser = sign_in(anna)
    assert browser.post(url("reply", talk), {"channel": "sms", "text": ""}).status_code == 422
    answer = browser.post(url("reply", talk), {"channel": "sms", "text": "Да"})
    assert answer.headers["Location"] == url("conversation", talk)
    assert browser.get(url("give", talk)).status_code == 200


def test_done_can_be_undone(sign_in, anna, talk):
    browser = sign_in(anna)
    answer = browser.post(url("done", talk), headers={"HX-Request": "true"})
    assert url("open", talk) in answer.headers["HX-Trigger"]
    assert [line.talk for line in browser.get("/inbox/?box=done").context["lines"]] == [talk]
    browser.post(url("open", talk), headers={"HX-Request": "true"})
    assert [line.talk for line in browser.get("/inbox/?box=mine").context["lines"]] == [talk]


def test_taken_and_given(sign_in, anna, team_lead, talk):
    sign_in(team_lead).post(url("take", talk), headers={"HX-Request": "true"})
    talk.refresh_from_db()
    assert talk.assignee == team_lead
    sign_in(team_lead).post(url("give", talk), {"person": anna.pk}, headers={"HX-Request": "true"})
    talk.refresh_from_db()
    assert talk.assignee == anna


def test_a_stranger_is_not_offered_and_not_taken(sign_in, anna, boris, talk):
    answer = sign_in(anna).post(url("give", talk), {"person": boris.pk}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    talk.refresh_from_db()
    assert talk.assignee == anna


def test_a_reader_reads_and_does_nothing(sign_in, auditor, talk):
    browser = sign_in(auditor)
    html = browser.get(url("conversation", talk)).content.decode()
    assert 'id="answer"' not in html
    for name in ("reply", "done", "open", "take", "give", "sender"):
        assert browser.post(url(name, talk)).status_code == 403


def test_a_shared_phone_asks_who_wrote(sign_in, anna, vera, make_client, write_in):
    petr = make_client(anna.agent, "Орлов", "Пётр", phone=VERAS_PHONE)
    write_in()
    talk, browser = Conversation.objects.get(), sign_in(anna)
    html = browser.get(url("conversation", talk)).content.decode()
    assert "Орлов Пётр" in html
    assert 'id="answer"' not in html
    assert browser.post(url("reply", talk), {"channel": "sms", "text": "Да"}).status_code == 404
    assert browser.post(url("sender", talk), {"client": "x"}).status_code == 404

    answer = browser.post(url("sender", talk), {"client": petr.pk})
    assert answer.headers["Location"] == url("conversation", petr.conversation)


def test_conditions_lead_to_the_page_from_a_refreshed_list_too(sign_in, anna, talk):
    html = sign_in(anna).get("/inbox/list/?box=mine").content.decode()
    assert '<form action="/inbox/"' in html


def test_conditions_and_order(anna, make_client, write_in):
    for number, ago in ((1, 3), (2, 1), (3, 2)):
        make_client(anna.agent, f"Тестов{number}", "Иван", phone=f"+7917000000{number}")
        write_in(f"Вопрос {number}", f"+7917000000{number}", ago=timedelta(hours=ago))
    done = Conversation.objects.get(address="+79170000002")
    Conversation.objects.filter(pk=done.pk).update(answer_by=None)

    def found(**wanted):
        return [talk.client.last_name for talk in page(anna, InboxFilter(box="mine", **wanted)).rows]

    assert found() == ["Тестов2", "Тестов3", "Тестов1"]
    assert found(order="due") == ["Тестов1", "Тестов3"]
    assert found(waiting=True) == ["Тестов3", "Тестов1"]
    assert found(name="тестов3") == ["Тестов3"]
    assert found(channel="email") == []


def test_pages_of_the_list_go_on_where_the_last_one_ended(anna, make_client, write_in):
    for number in range(5):
        make_client(anna.agent, "Тестов", f"{number}", phone=f"+7917000000{number}")
        write_in("Вопрос", f"+7917000000{number}", ago=timedelta(minutes=number))
    seen, after = [], ""
    while True:
        part = page(anna, InboxFilter(box="mine"), after=after, size=2)
        seen += [talk.pk for talk in part.rows]
        after = part.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 5


def test_earlier_words_are_asked_for(talk, vera, django_assert_max_num_queries):
    start = timezone.now() - timedelta(days=9)
    Message.objects.bulk_create(
        Message(
            direction="in", channel="sms", client=vera, address=VERAS_PHONE, text=f"{number}", state="received",
            not_before=start, created_at=start + timedelta(minutes=number),
        )
        for number in range(50)
    )  # fmt: skip
    with django_assert_max_num_queries(4):
        newest = thread(talk, size=40)
    assert [one.message.text for one in newest.said][-2:] == ["49", "Сколько стоит?"]
    older = thread(talk, before=datetime.fromisoformat(newest.before), size=40)
    assert next(one.message.text for one in older.said) == "0"
    assert older.before == ""
    texts = [one.message.text for one in [*older.said, *newest.said]]
    assert len(texts) == len(set(texts)) == 51


def test_counts_stop_at_their_bound(anna, vera, monkeypatch, talk):
    monkeypatch.setattr("clientela.workspace.inbox.queries.MOST", 0)
    assert counts(anna)["mine"] == 1
    assert MOST == 99


def test_statements_of_the_page_do_not_grow(sign_in, anna, make_client, write_in, talk):
    browser = sign_in(anna)
    browser.get("/inbox/")

    def statements():
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/inbox/?box=mine").status_code == 200
        return len(seen)

    few = statements()
    for number in range(8):
        make_client(anna.agent, "Тестов", f"{number}", phone=f"+7917000000{number}")
        write_in("Вопрос", f"+7917000000{number}")
    assert statements() == few


def test_ready_words_are_filled_for_the_client(sign_in, anna, talk, vera_renewal, now):
    Template.objects.create(
        code="instalments", name="Рассрочки нет", channel="sms", body="{greeting}, по {product} платёж один.",
        state="approved", created_at=now,
    )  # fmt: skip
    Template.objects.create(
        code="offer", name="Со ссылкой", channel="sms", body="{pay_link}", state="approved", created_at=now
    )
    html = sign_in(anna).get(url("conversation", talk)).content.decode()
    assert "Вера Николаевна, по ОСАГО платёж один." in html
    assert "Со ссылкой" not in html


def test_the_menu_counts_who_waits(sign_in, anna, talk, now):
    browser = sign_in(anna)
    browser.get("/inbox/")
    item = r'href="/inbox/" class="nav-item"[^<]*<svg.*?</svg><span class="nav-l">[^<]*</span>'
    count = '<span class="nav-count hot">1</span>'
    assert re.search(item + count, browser.get("/inbox/").content.decode())
    finish(actor=anna, now=now, conversation=talk)
    forget_counts()
    html = browser.get("/inbox/").content.decode()
    assert re.search(item, html)
    assert not re.search(item + count, html)


def test_a_card_leads_to_its_conversation(sign_in, anna, boris, vera, write_in):
    address, browser = reverse("inbox:of_client", args=[vera.pk]), sign_in(anna)
    assert browser.get(address).headers["Location"] == reverse("today:write", args=[vera.pk])
    write_in()
    assert browser.get(address).headers["Location"] == url("conversation", vera.conversation)
    assert address in browser.get(reverse("clients:card", args=[vera.pk])).content.decode()
    assert sign_in(boris).get(address).status_code == 404


def test_a_client_who_changed_hands_is_gone_at_once(sign_in, anna, boris, talk, vera):
    """The conversation's copy of the owner follows with the event; nobody reads on meanwhile."""
    Client.objects.filter(pk=vera.pk).update(agent=boris.agent, branch=boris.agent.branch, centre=None)
    browser = sign_in(anna)
    assert "Сколько стоит?" not in browser.get("/inbox/?box=mine").content.decode()
    assert "Сколько стоит?" not in browser.get("/").content.decode()
    assert browser.get("/api/v1/conversations").json()["items"] == []
    for name in ("conversation", "thread"):
        assert browser.get(url(name, talk)).status_code == 404
    for name in ("done", "take", "reply"):
        assert browser.post(url(name, talk), {"channel": "sms", "text": "x"}).status_code == 404


@pytest.mark.parametrize("role", ["administrator", "renewals_manager", "auditor"])
def test_who_sees_the_whole_company_reads_every_talk(sign_in, request, talk, role):
    browser = sign_in(request.getfixturevalue(role))
    assert [line.talk for line in browser.get("/inbox/?box=team").context["lines"]] == [talk]
    assert "Сколько стоит?" in browser.get(url("conversation", talk)).content.decode()
