import itertools
import json
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client as Browser

from clientela.modules.contacts.models import CommunicationPolicy, Consent, Message, MessageFile, Template
from clientela.modules.contacts.operations import draft_template, queue_message, store_incoming
from clientela.modules.contacts.ports import IncomingMessage

KEYS = itertools.count(1)
TEMPLATE = {"name": "Продление", "code": "renew", "channel": "sms", "body": "{greeting}, полис до {end_date}"}
POLICY = {
    "weekday_from": "09:00", "weekday_to": "20:00", "weekend_from": "10:00", "weekend_to": "19:00",
    "service": {"day": 2}, "advertising": {"day": 0, "week": 1}, "nda_patterns": ["офис"],
}  # fmt: skip


@pytest.fixture
def call(sign_in):
    """``call(anna, "get", "/clients/1/consents")`` → (status, JSON)."""
    browsers: dict[int, Browser] = {}

    def send(user, method, path, body=None):
        browser = browsers.setdefault(user.pk, sign_in(user))
        answer = getattr(browser, method)(
            f"/api/v1{path}",
            **(
                {"data": json.dumps(body or {}), "content_type": "application/json"}
                if method != "get"
                else {}
            ),
            headers={"Idempotency-Key": f"k{next(KEYS)}"},
        )
        return answer.status_code, json.loads(answer.content or b"null")

    return send


def test_consents_are_given_withdrawn_and_listed(call, anna, vera):
    base = f"/clients/{vera.pk}"
    status, given = call(anna, "post", f"{base}/consents", {"purpose": "advertising", "channel": "sms"})
    assert (status, given["purpose"], given["withdrawn_at"]) == (201, "advertising", None)
    status, ended = call(anna, "post", f"{base}/consent-withdrawals", {"channel": "sms", "via": "phone"})
    assert (status, ended) == (201, {"ended": 2})

    status, journal = call(anna, "get", f"{base}/consents")
    assert status == 200
    assert sorted((row["purpose"], row["channel"], row["withdrawn_via"]) for row in journal) == [
        ("advertising", "sms", "phone"), ("service", "call", ""), ("service", "email", ""), ("service", "sms", "phone"),
    ]  # fmt: skip


def test_a_message_is_asked_for_and_told_with_its_verdict(call, anna, vera):
    status, sent = call(anna, "post", f"/clients/{vera.pk}/messages", {"channel": "vk", "text": "Полис"})
    assert (status, sent["state"], sent["detail"]) == (201, "dropped", "contact_point")
    assert sent["verdict"]["decision"] == "drop"
    assert sent["verdict"]["checks"][0] == {
        "code": "contact_point", "passed": False, "detail": {"channel": "vk", "fault": "missing"},
        "text": "Нет контакта: аккаунт VK",
    }  # fmt: skip
    assert Message.objects.get().author == anna

    status, again = call(anna, "get", f"/messages/{sent['id']}")
    assert (status, again["verdict"]) == (200, sent["verdict"])


def test_an_answer_names_the_message_it_answers(call, anna, vera, boris_client, now):
    theirs = [
        store_incoming(
            "sms", [IncomingMessage("sms", f"in-{n}", point, "PRICHAL", "Когда?", now)], now=now
        )[0]
        for n, point in enumerate(("+79170004108", "+79020007301"))
    ]  # fmt: skip
    body = {"channel": "sms", "text": "Завтра"}
    status, sent = call(anna, "post", f"/clients/{vera.pk}/messages", body | {"in_reply_to_id": theirs[0].pk})
    assert (status, sent["in_reply_to_id"]) == (201, theirs[0].pk)
    status, _ = call(anna, "post", f"/clients/{vera.pk}/messages", body | {"in_reply_to_id": theirs[1].pk})
    assert status == 404


def test_a_verdict_may_be_asked_for_without_sending(call, anna, vera):
    ask = {"channel": "sms", "text": "Смотрите на prichal.ru"}
    status, verdict = call(anna, "post", f"/clients/{vera.pk}/message-verdicts", ask)

    assert (status, verdict["decision"]) == (200, "drop")
    assert verdict["checks"][0]["detail"] == {"found": ["prichal.ru"]}
    assert not Message.objects.exists()
    status, verdict = call(anna, "post", f"/clients/{vera.pk}/message-verdicts", {"channel": "robot"})
    assert (status, {check["code"] for check in verdict["checks"]} >= {"consent"}) == (200, True)


def test_messages_come_page_by_page(call, anna, vera, now):
    made = [
        queue_message(now=now + timedelta(minutes=n), actor=None, client=vera, channel="sms", text=f"{n}").pk
        for n in range(3)
    ]
    status, first = call(anna, "get", f"/clients/{vera.pk}/messages?limit=2")
    _, second = call(anna, "get", f"/clients/{vera.pk}/messages?limit=2&cursor={first['next']}")

    assert status == 200
    assert [row["id"] for row in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None


def test_foreign_records_are_404_and_nothing_changes(call, anna, boris_client, vera, now):
    foreign = queue_message(now=now, actor=None, client=boris_client, channel="sms", text="Полис")
    point = boris_client.contact_points.first().pk
    base = f"/clients/{boris_client.pk}"
    attempts = [
        ("get", f"{base}/consents", None),
        ("post", f"{base}/consents", {"purpose": "advertising", "channel": "sms"}),
        ("post", f"{base}/consent-withdrawals", {"channel": "sms"}),
        ("get", f"{base}/messages", None),
        ("post", f"{base}/messages", {"channel": "sms", "text": "x"}),
        ("post", f"{base}/message-verdicts", {"channel": "sms", "text": "x"}),
        ("get", f"/messages/{foreign.pk}", None),
        ("post", f"/clients/{vera.pk}/messages", {"channel": "sms", "text": "x", "contact_point_id": point}),
    ]

    assert [call(anna, *attempt)[0] for attempt in attempts] == [404] * len(attempts)
    assert Message.objects.count() == 1
    assert Consent.objects.filter(client=boris_client, withdrawn_at__isnull=True).count() == 3


def test_templates_take_two_people(call, renewals_manager, administrator):
    status, draft = call(renewals_manager, "post", "/message-templates", TEMPLATE)
    assert (status, draft["state"], draft["version"]) == (201, "draft", 1)
    path = f"/message-templates/{draft['id']}"
    status, own = call(renewals_manager, "post", f"{path}/approval")
    assert (status, own["code"]) == (409, "own_template")
    status, approved = call(administrator, "post", f"{path}/approval")
    assert (status, approved["state"], approved["approved_by_id"]) == (200, "approved", administrator.pk)
    words = {name: TEMPLATE[name] for name in ("name", "body")}
    status, wrong = call(administrator, "put", path, words)
    assert (status, wrong["code"]) == (409, "wrong_state")

    status, second = call(administrator, "post", f"{path}/versions")
    assert (status, second["version"]) == (201, 2)
    status, edited = call(
        administrator, "put", f"/message-templates/{second['id']}", words | {"body": "Новое"}
    )
    assert (status, edited["body"]) == (200, "Новое")
    status, listed = call(administrator, "get", "/message-templates?state=draft")
    assert [row["id"] for row in listed["items"]] == [second["id"]]
    status, gone = call(administrator, "post", f"/message-templates/{second['id']}/retirement")
    assert (status, gone["state"]) == (200, "retired")


def test_a_wrong_template_names_its_field(call, renewals_manager):
    status, problem = call(renewals_manager, "post", "/message-templates", TEMPLATE | {"body": "{agent}"})

    assert (status, problem["code"]) == (422, "invalid")
    assert problem["errors"] == [{"loc": ["body", "body"], "msg": "Переменной {agent} нет."}]
    assert not Template.objects.exists()


def test_the_policy_is_read_and_set(call, renewals_manager):
    status, shipped = call(renewals_manager, "get", "/communication-policy")
    assert (status, shipped["service"], shipped["created_at"]) == (200, {"day": 3, "week": 10}, None)
    status, mine = call(renewals_manager, "put", "/communication-policy", POLICY)
    assert (status, mine["service"], mine["created_by_id"]) == (
        200,
        {"day": 2, "week": None},
        renewals_manager.pk,
    )
    assert CommunicationPolicy.objects.get().caps == {
        "service": {"day": 2},
        "advertising": {"day": 0, "week": 1},
    }

    status, problem = call(renewals_manager, "put", "/communication-policy", POLICY | {"nda_patterns": ["("]})
    assert (status, problem["errors"][0]["loc"]) == (422, ["body", "nda_patterns"])
    assert CommunicationPolicy.objects.count() == 1


def test_an_agent_may_not_touch_templates_and_the_policy(call, anna, administrator, now):
    draft = draft_template(actor=administrator, now=now, code="x", name="x", channel="sms", body="x")
    attempts = [
        ("get", "/message-templates", None),
        ("post", "/message-templates", TEMPLATE),
        ("get", f"/message-templates/{draft.pk}", None),
        ("put", f"/message-templates/{draft.pk}", {"name": "y", "body": "y"}),
        ("post", f"/message-templates/{draft.pk}/approval", None),
        ("post", f"/message-templates/{draft.pk}/retirement", None),
        ("post", f"/message-templates/{draft.pk}/versions", None),
        ("get", "/communication-policy", None),
        ("put", "/communication-policy", POLICY),
    ]

    assert [call(anna, *attempt)[0] for attempt in attempts] == [403] * len(attempts)
    draft.refresh_from_db()
    assert (draft.state, draft.body, Template.objects.count()) == ("draft", "x", 1)
    assert not CommunicationPolicy.objects.exists()


def test_messages_of_all_clients_in_sight(call, anna, boris, auditor, vera, boris_client, now):
    def message(client, direction, **fields):
        return Message.objects.create(
            client=client, direction=direction, channel="sms", address="+79170004108", text="…", created_at=now,
            not_before=now, **fields,
        )  # fmt: skip

    asked, waits = message(vera, "in", state="received"), message(vera, "in", state="received")
    answer = message(vera, "out", state="sent", in_reply_to=asked)
    his = message(boris_client, "in", state="received")

    def seen(user, query=""):
        return [one["id"] for one in call(user, "get", f"/messages{query}")[1]["items"]]

    assert seen(anna) == [answer.pk, waits.pk, asked.pk]
    assert seen(boris) == [his.pk]
    assert seen(auditor, "?direction=in&answered=false") == [his.pk, waits.pk]
    assert seen(auditor, "?direction=in&answered=true") == [asked.pk]


def test_a_file_of_a_message_is_read_by_who_sees_the_client(
    sign_in, anna, boris, vera, now, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    message = Message.objects.create(
        client=vera, direction="in", channel="email", address="x@mail.example", text="…", state="received",
        created_at=now, not_before=now,
    )  # fmt: skip
    scan = MessageFile(message=message, name="scan.txt", content_type="text/plain", size=4)
    scan.file.save("scan.txt", ContentFile(b"scan"))
    (told,) = sign_in(anna).get(f"/api/v1/messages/{message.pk}").json()["files"]
    assert told == {"id": scan.pk, "name": "scan.txt", "content_type": "text/plain", "size": 4}
    address = f"/api/v1/message-files/{scan.pk}/content"
    assert b"".join(sign_in(anna).get(address).streaming_content) == b"scan"
    assert sign_in(boris).get(address).status_code == 404


def test_a_template_is_shown_on_a_client_before_anybody_approves_it(
    call, renewals_manager, anna, vera, boris_client
):
    body = {"channel": "sms", "body": "{greeting}, полис до {end_date}", "client_id": vera.pk}
    status, seen = call(renewals_manager, "post", "/message-templates/preview", body)
    assert (status, seen["client_name"], seen["error"]) == (200, "Орлова Вера Николаевна", "")
    assert seen["text"].startswith("Вера Николаевна, полис до ")
    assert (seen["size"]["alphabet"], seen["size"]["parts"]) == ("ucs2", 1)
    assert seen["verdict"]["decision"] in {"send", "wait"}
    broken = call(renewals_manager, "post", "/message-templates/preview", body | {"body": "{x}"})[1]
    assert ("{x}" in broken["error"], broken["text"], broken["verdict"]) == (True, "", None)
    assert not Template.objects.exists()
    assert not Message.objects.exists()


def test_a_template_is_never_shown_on_a_foreign_client(call, team_lead, anna, vera, boris_client):
    body = {"channel": "email", "subject": "{client_name}", "body": "{client_name}"}
    path = "/message-templates/preview"
    assert call(team_lead, "post", path, body)[1]["subject"] == "Орлова Вера Николаевна"
    assert call(team_lead, "post", path, body | {"client_id": boris_client.pk})[0] == 404
    assert call(team_lead, "post", path, body | {"channel": "pigeon"})[0] == 422
    assert call(anna, "post", path, body)[0] == 403
