from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clientela.modules.contacts.models import Consent, Message, Signal
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contacts.operations.compose import tracked_url


@pytest.fixture
def mail(vera, now, settings):
    settings.PUBLIC_URL = "http://testserver"
    return queue_message(now=now, actor=None, client=vera, channel="email", text="Полис", subject="Полис")


def test_the_pixel_tells_of_opening(mail, client):
    answer = client.get(f"/t/{mail.link_token}/o.gif")

    assert (answer.status_code, answer.headers["Content-Type"], answer.content[:6]) == (
        200,
        "image/gif",
        b"GIF89a",
    )
    assert "no-store" in answer.headers["Cache-Control"]
    mail.refresh_from_db()
    assert timezone.now() - mail.opened_at < timedelta(minutes=1)


def test_a_link_is_noted_and_leads_on(mail, client):
    path = tracked_url("https://bank.example/a?b=1", mail.link_token).removeprefix("http://testserver")
    answer = client.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (302, "https://bank.example/a?b=1")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    mail.refresh_from_db()
    assert mail.clicked_at == mail.opened_at is not None
    assert Signal.objects.get().detail == "https://bank.example/a?b=1"


def test_no_open_redirect(mail, client):
    path = tracked_url("https://bank.example/", mail.link_token).removeprefix("http://testserver")
    foreign = queue_message(
        now=mail.created_at, actor=None, client=mail.client, channel="email", text="Полис", subject="Полис"
    )
    attempts = [
        f"/t/{mail.link_token}/c/https:%2F%2Fevil.example",
        path[:-1] + ("a" if path[-1] != "a" else "b"),
        path.replace(mail.link_token, foreign.link_token),
        path.replace(mail.token, "guessed"),
    ]

    assert [client.get(attempt).status_code for attempt in attempts] == [404, 404, 404, 404]
    assert not Signal.objects.exists()


@pytest.mark.parametrize("path", ["/t/1-nobody/o.gif", "/u/1-nobody/", "/u/x/", "/t//o.gif"])
def test_an_unknown_token_is_404(db, client, path):
    assert client.get(path).status_code == 404
    assert client.post(path).status_code in (404, 405)


def test_looking_at_the_unsubscribe_page_changes_nothing(mail, client, vera):
    answer = client.get(f"/u/{mail.link_token}/")

    assert answer.status_code == 200
    assert "Не присылать письма о ваших полисах?" in answer.content.decode()
    assert "Анна Соколова" in answer.content.decode()
    assert not Signal.objects.exists()
    assert Consent.objects.filter(client=vera, withdrawn_at__isnull=False).count() == 0


def test_a_mail_program_unsubscribes_with_one_post(mail, vera):
    strict = Browser(enforce_csrf_checks=True)
    answer = strict.post(
        f"/u/{mail.link_token}/",
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 200
    assert "Готово: больше не напишем" in answer.content.decode()
    assert Consent.objects.get(client=vera, channel="email").withdrawn_via == "unsubscribe link"
    mail.refresh_from_db()
    assert (mail.state, mail.detail) == ("dropped", "consent")


def test_the_page_speaks_the_clients_language(mail, client, vera):
    vera.language = "en"
    vera.save()

    assert "Stop e-mails about your policies?" in client.get(f"/u/{mail.link_token}/").content.decode()


def test_other_methods_are_refused(mail, client):
    assert client.post(f"/t/{mail.link_token}/o.gif").status_code == 405
    assert client.put(f"/u/{mail.link_token}/").status_code == 405
    assert Message.objects.get(pk=mail.pk).opened_at is None
