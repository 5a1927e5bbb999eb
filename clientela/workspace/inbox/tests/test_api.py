"""Conversations for other programs: what the screens do, with the same scope."""

import uuid

import pytest

from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations.conversations import assign
from tests.cast import VERAS_PHONE

BASE = "/api/v1/conversations"


@pytest.fixture
def call(sign_in):
    """``call(anna, "post", "/5/replies", {…})``."""

    def one(user, method, path="", body=None):
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "post" else {}
        options = {"content_type": "application/json", "headers": headers}
        return getattr(sign_in(user), method)(BASE + path, body or {}, **options if method == "post" else {})

    return one


def test_boxes_and_counts(call, anna, team_lead, boris, talk):
    (row,) = call(anna, "get", "?box=mine").json()["items"]
    assert (row["id"], row["title"], row["assignee_id"]) == (talk.pk, "Орлова Вера Николаевна", anna.pk)
    assert row["reasons"] == [{"why": "owner", "agreement": "АГД-16/0101"}]
    assert call(anna, "get", "/counts").json() == {"mine": 1, "team": 0, "free": 0}
    assert call(team_lead, "get", "/counts").json() == {"mine": 0, "team": 1, "free": 0}
    assert call(boris, "get").json()["items"] == []
    assert call(anna, "get", "?cursor=nonsense").status_code == 422


def test_what_was_said_and_the_answer(call, anna, talk):
    answer = call(anna, "post", f"/{talk.pk}/replies", {"channel": "sms", "text": "7 268 рублей"})
    assert answer.status_code == 201
    assert answer.json()["in_reply_to_id"] == Message.objects.get(direction="in").pk
    said = call(anna, "get", f"/{talk.pk}/messages").json()["items"]
    assert [one["text"] for one in said] == ["7 268 рублей", "Сколько стоит?"]


def test_done_open_given(call, anna, team_lead, boris, talk):
    assert call(anna, "post", f"/{talk.pk}/completion").json()["state"] == "done"
    assert call(anna, "post", f"/{talk.pk}/reopening").json()["state"] == "open"
    people = [one["id"] for one in call(anna, "get", f"/{talk.pk}/answerers").json()]
    assert team_lead.pk in people
    assert boris.pk not in people
    given = call(anna, "post", f"/{talk.pk}/assignment", {"person_id": team_lead.pk})
    assert given.json()["assignee_id"] == team_lead.pk
    for stranger in (boris.pk, 2**62):
        assert call(anna, "post", f"/{talk.pk}/assignment", {"person_id": stranger}).status_code == 422
    assert call(anna, "post", f"/{talk.pk}/assignment", {"person_id": None}).json()["assignee_id"] is None


def test_a_shared_phone_is_answered_after_its_owner_is_named(call, anna, vera, make_client, write_in):
    petr = make_client(anna.agent, "Орлов", "Пётр", phone=VERAS_PHONE)
    other = make_client(anna.agent, "Тестов", "Иван", phone="+79170000001")
    write_in()
    (row,) = call(anna, "get").json()["items"]
    assert row["client_id"] is None
    path = f"/{row['id']}"
    assert call(anna, "post", f"{path}/replies", {"channel": "sms", "text": "Да"}).status_code == 409
    assert call(anna, "post", f"{path}/sender", {"client_id": other.pk}).status_code == 422
    assert call(anna, "post", f"{path}/sender", {"client_id": petr.pk}).json()["client_id"] == petr.pk


@pytest.mark.parametrize("path", ["", "/messages", "/answerers"])
def test_foreign_ones_are_not_there(call, boris, talk, path):
    assert call(boris, "get", f"/{talk.pk}{path}").status_code == 404


def test_a_foreign_one_is_not_changed(call, boris, anna, talk, now):
    for act, body in (
        ("completion", {}),
        ("assignment", {"person_id": boris.pk}),
        ("replies", {"channel": "sms", "text": "x"}),
    ):
        assert call(boris, "post", f"/{talk.pk}/{act}", body).status_code == 404
    assign(actor=anna, now=now, conversation=talk, person=None)
    assert call(boris, "get", "?box=free").json()["items"] == []
