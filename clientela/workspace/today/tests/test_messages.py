"""Answering a client and writing to one."""

import json
from datetime import timedelta

import pytest
import time_machine

from clientela.modules.contacts.models import Consent, Message
from clientela.modules.renewals.models import Renewal
from clientela.workspace.today.letters import draft
from clientela.workspace.today.tests.helpers import HX, plain


def sent() -> list[tuple[str, str, str, str]]:
    rows = Message.objects.filter(direction="out").order_by("id")
    return list(rows.values_list("channel", "state", "purpose", "text"))


@pytest.fixture
def question(wrote, vera):
    return wrote(vera, "Можно в рассрочку?")


def test_an_answer_goes_by_the_clients_channel_and_the_queue_forgets_the_question(
    sign_in, anna, vera, question
):
    browser = sign_in(anna)
    shown = plain(browser.get(f"/today/replies/{question.pk}/", headers=HX))
    assert "Можно в рассрочку?" in shown
    assert "ждёт 26 минут" in shown

    response = browser.post(
        f"/today/replies/{question.pk}/", {"channel": "sms", "text": "Да, на два платежа."}, headers=HX
    )

    assert response.status_code == 204
    assert set(json.loads(response["HX-Trigger"])) == {"toast", "close-modal", "renewal-changed"}
    message = Message.objects.get(direction="out")
    assert (message.client, message.author, message.in_reply_to, message.state) == (
        vera,
        anna,
        question,
        "queued",
    )
    assert "Можно в рассрочку?" not in plain(browser.get("/"))


def test_a_letter_needs_a_subject_and_the_words_stay(sign_in, anna, question):
    response = sign_in(anna).post(
        f"/today/replies/{question.pk}/",
        {"channel": "email", "text": "Да, можно.", "subject": ""},
        headers=HX,
    )

    assert response.status_code == 422
    assert "Дайте письму тему." in plain(response)
    assert "Да, можно." in response.content.decode()
    assert sent() == []


def test_an_empty_answer_is_refused(sign_in, anna, question):
    response = sign_in(anna).post(
        f"/today/replies/{question.pk}/", {"channel": "sms", "text": "  "}, headers=HX
    )

    assert response.status_code == 422
    assert sent() == []


def test_the_policy_has_the_last_word_and_says_why(sign_in, anna, vera, question):
    Consent.objects.filter(client=vera, channel="sms").delete()
    browser = sign_in(anna)
    assert "Нет согласия на SMS" in plain(browser.get(f"/today/replies/{question.pk}/", headers=HX))

    response = browser.post(
        f"/today/replies/{question.pk}/", {"channel": "sms", "text": "Да, можно."}, headers=HX
    )

    assert response.status_code == 422
    assert "Политика коммуникаций не пропускает." in plain(response)
    assert Message.objects.filter(direction="out").exclude(state="dropped").count() == 0


def test_a_link_past_the_agent_does_not_go(sign_in, anna, question):
    response = sign_in(anna).post(
        f"/today/replies/{question.pk}/",
        {"channel": "sms", "text": "Оплатите на www.prichal.example"},
        headers=HX,
    )

    assert response.status_code == 422
    assert Message.objects.filter(direction="out").exclude(state="dropped").count() == 0


def test_at_night_the_message_waits_for_the_morning(sign_in, anna, vera, wrote, now):
    with time_machine.travel(now + timedelta(hours=13), tick=False):
        response = sign_in(anna).post(
            f"/today/clients/{vera.pk}/message/", {"channel": "sms", "text": "Доброй ночи."}, headers=HX
        )

    assert response.status_code == 204
    toast = json.loads(response["HX-Trigger"])["toast"]
    assert toast["kind"] == "warn"
    assert "09:00" in toast["text"]


@pytest.mark.parametrize("who", ["boris", "marketer", "auditor", "quality"])
def test_nobody_writes_to_clients_out_of_sight_or_without_the_right(request, sign_in, who, vera, question):
    browser = sign_in(request.getfixturevalue(who))
    denied = 404 if who == "boris" else 403

    for url in (f"/today/replies/{question.pk}/", f"/today/clients/{vera.pk}/message/"):
        assert browser.get(url, headers=HX).status_code == denied
        assert browser.post(url, {"channel": "sms", "text": "Здравствуйте"}, headers=HX).status_code == denied

    assert sent() == []


def test_a_reminder_of_the_payment_begins_with_words_and_the_price(
    sign_in, anna, vera_renewal, project, vera
):
    Renewal.objects.filter(pk=vera_renewal.pk).update(
        state="project", has_project=True, next_premium="8363.31"
    )
    project(vera_renewal, "offered")
    url = f"/today/clients/{vera.pk}/message/?about=payment&term={vera_renewal.pk}"

    shown = plain(sign_in(anna).get(url, headers=HX))

    assert (
        "Вера Николаевна, Ваш полис ОСАГО заканчивается 05.12.26. Цена на следующий год — 8 363,31 ₽."
        in shown
    )
    assert f"/pay/token-{vera_renewal.pk}/" in shown
    response = sign_in(anna).post(url, {"channel": "sms", "text": "Напоминаю об оплате."}, headers=HX)
    assert response.status_code == 204
    assert sent() == [("sms", "queued", "service", "Напоминаю об оплате.")]


def test_a_greeting_is_advertising_and_needs_that_consent(sign_in, anna, vera):
    url = f"/today/clients/{vera.pk}/message/?about=birthday"
    browser = sign_in(anna)
    assert browser.post(url, {"channel": "sms", "text": "С днём рождения!"}, headers=HX).status_code == 422

    Consent.objects.create(client=vera, purpose="advertising", channel="sms", granted_at="2025-01-01T00:00Z")
    assert browser.post(url, {"channel": "sms", "text": "С днём рождения!"}, headers=HX).status_code == 204
    assert sent()[-1] == ("sms", "queued", "advertising", "С днём рождения!")


def test_words_are_in_the_language_of_the_client(vera, vera_renewal):
    vera.language = "en"

    subject, text = draft("mortgage", vera, vera_renewal)

    assert subject == "Your mortgage policy ends on 05.12.26"
    assert text.startswith("Вера Николаевна, your mortgage policy ends on 05.12.26.")


def test_another_clients_term_is_not_spoken_of(sign_in, anna, vera, boris_renewal):
    url = f"/today/clients/{vera.pk}/message/?about=payment&term={boris_renewal.pk}"

    assert "ХХХ" not in plain(sign_in(anna).get(url, headers=HX))


def test_a_client_with_no_address_is_told(sign_in, anna, make_client):
    client = make_client(anna.agent, "Безадресный", "Иван")

    shown = plain(sign_in(anna).get(f"/today/clients/{client.pk}/message/", headers=HX))

    assert "У клиента нет телефона, почты и VK" in shown
    assert "Отправить" not in shown


def test_it_works_without_scripts(sign_in, anna, vera):
    response = sign_in(anna).post(
        f"/today/clients/{vera.pk}/message/", {"channel": "sms", "text": "Здравствуйте"}
    )

    assert (response.status_code, response.url) == (302, "/")
    assert sent() == [("sms", "queued", "service", "Здравствуйте")]
