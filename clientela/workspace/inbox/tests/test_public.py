"""Public comments and complaints as people see them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.models import Conversation, HandOver, Message
from clientela.modules.contacts.ports import PublicPlace
from clientela.workspace.inbox.tests.test_api import call  # noqa: F401
from clientela.workspace.inbox.tests.test_pages import url

HTMX = {"HX-Request": "true"}
PLACE = PublicPlace("https://vk.com/wall-77_12?reply=345", "Как мы платим по КАСКО")


@pytest.fixture
def comment(write_in):
    def write(text="Жду выплату", sender="555", **fields):
        return write_in(text, sender, channel="vk_wall", from_name="Пётр Савельев", place=PLACE, **fields)

    return write


@pytest.fixture
def in_public(kazan, comment):
    comment()
    return Conversation.objects.get()


@pytest.fixture
def vera_in_public(vera, comment):
    ContactPoint.objects.create(
        client=vera, kind="vk", value="1001", verified_at=timezone.now(), created_at=timezone.now()
    )
    comment(sender="1001")
    return vera.conversation


def test_a_strangers_comment_shows_where_it_stands_and_is_answered_there(sign_in, branch_head, in_public):
    browser = sign_in(branch_head)
    html = browser.get(url("conversation", in_public)).content.decode()
    for words in ("Пётр Савельев", "Жду выплату", PLACE.url, PLACE.about, "Ответ увидят все"):
        assert words in html
    assert 'value="note"' not in html
    assert "Ответить лично" not in html
    answer = browser.post(url("reply", in_public), {"channel": "vk_wall", "text": "Разберёмся"}, headers=HTMX)
    assert answer.status_code == 200
    ours = Message.objects.outgoing().get()
    assert (ours.channel, ours.client, ours.in_reply_to.text) == ("vk_wall", None, "Жду выплату")
    assert "Разберёмся" in browser.get(url("conversation", in_public)).content.decode()


def test_a_policy_number_is_refused_at_the_field_and_the_words_stay(sign_in, anna, vera_in_public):
    text = "Полис ХХХ 0412773905 в работе"
    answer = sign_in(anna).post(
        url("reply", vera_in_public), {"channel": "vk_wall", "text": text}, headers=HTMX
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "номер ХХХ 0412773905" in html
    assert f"{text}</textarea>" in html
    assert 'aria-invalid="true"' in html
    assert not Message.objects.outgoing().exists()


def test_who_wrote_to_us_before_may_be_answered_in_private(sign_in, anna, vera_in_public, write_in):
    browser = sign_in(anna)
    assert "Ответить лично" not in browser.get(url("conversation", vera_in_public)).content.decode()
    write_in("Здравствуйте", "1001", channel="vk", ago=timedelta(days=3))
    vera_in_public.client.consents.create(
        purpose="service", channel="vk", granted_at=timezone.now(), source="own message"
    )
    html = browser.get(url("conversation", vera_in_public)).content.decode()
    assert '<label for="way-vk"' in html
    assert "Ответить лично" in html


def test_nobody_answers_in_public_who_was_not_spoken_to_there(sign_in, anna, talk):
    answer = sign_in(anna).post(url("reply", talk), {"channel": "vk_wall", "text": "Да"}, headers=HTMX)
    assert answer.status_code == 422
    assert not Message.objects.outgoing().exists()


def test_a_foreign_branch_sees_no_stranger(sign_in, boris, in_public):
    assert sign_in(boris).get(url("conversation", in_public)).status_code == 404


def test_one_click_hands_a_complaint_over_and_another_takes_it_back(sign_in, anna, vera_in_public):
    browser = sign_in(anna)
    answer = browser.post(url("complaint", vera_in_public), headers=HTMX)
    row = HandOver.objects.get()
    undo = reverse("inbox:no_complaint", args=[vera_in_public.pk, row.pk])
    assert undo in answer.headers["HX-Trigger"]
    assert "Жалоба передана" in browser.get(url("conversation", vera_in_public)).content.decode()
    listed = browser.get(reverse("inbox:list") + "?box=mine&complaint=1").context["lines"]
    assert [line.talk for line in listed] == [vera_in_public]
    card = browser.get(reverse("clients:card", args=[vera_in_public.client_id])).content.decode()
    assert "Передана жалоба: Анна Соколова" in card
    assert "0 20" not in browser.post(undo, headers=HTMX).headers["HX-Trigger"]
    assert browser.get(reverse("inbox:list") + "?box=mine&complaint=1").context["lines"] == []
    again = browser.post(url("complaint", vera_in_public), headers=HTMX)
    assert "Передано как жалоба" not in again.content.decode()


def test_the_list_is_narrowed_to_what_everybody_reads(sign_in, branch_head, in_public, talk):
    browser = sign_in(branch_head)
    lines = browser.get(reverse("inbox:list") + "?box=free&channel=vk_wall").context["lines"]
    assert [(line.talk, line.name) for line in lines] == [(in_public, "Пётр Савельев")]


def test_the_api_does_the_same(call, anna, boris, vera_in_public):  # noqa: F811
    path = f"/{vera_in_public.pk}"
    refused = call(anna, "post", f"{path}/replies", {"channel": "vk_wall", "text": "Вера Николаевна, ждём"})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_for_everybody")
    sent = call(anna, "post", f"{path}/replies", {"channel": "vk_wall", "text": "Ждём вас"})
    assert (sent.status_code, sent.json()["channel"]) == (201, "vk_wall")
    assert call(boris, "post", f"{path}/complaints").status_code == 404
    made = call(anna, "post", f"{path}/complaints").json()
    assert (made["client_id"], made["urgency"], made["excerpt"]) == (
        vera_in_public.client_id, "urgent", "Жду выплату",
    )  # fmt: skip
    assert call(anna, "post", f"{path}/complaints").status_code == 409
    assert call(anna, "delete", f"{path}/complaints/{made['id']}").json()["undone_at"]
    assert [one["id"] for one in call(anna, "get", f"{path}/complaints").json()] == [made["id"]]
