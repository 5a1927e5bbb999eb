"""The pages and the API of webhooks, and the secret that is shown once."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clientela.foundation.outbox.operations import event_names
from clientela.foundation.webhooks import signing
from clientela.foundation.webhooks.models import Delivery, Endpoint
from clientela.workspace.webhooks.queries import troubled
from clientela.workspace.webhooks.words import EVENTS

pytestmark = pytest.mark.django_db
GIVEN = {"name": "1С", "url": "https://crm.example/hook", "events": ["renewals.RenewalChanged"]}


@pytest.fixture
def quiet(now):
    return Endpoint.objects.create(
        **GIVEN, secret=signing.seal("whsec_c2VjcmV0"), created_at=now, updated_at=now
    )


@pytest.fixture
def failed(quiet, now):
    return Delivery.objects.create(
        endpoint=quiet, message_id="msg_1", event="renewals.RenewalChanged", body='{"type":"x"}', state="failed",
        attempts=10, fault="status", status=500, answer="<b>нет</b>", next_attempt_at=now, created_at=timezone.now(),
        tried_at=now, took_ms=120,
    )  # fmt: skip


def test_every_event_has_words():
    assert sorted(set(event_names()) - set(EVENTS)) == []


def test_the_secret_is_shown_once(sign_in, administrator):
    browser = sign_in(administrator)
    shown = browser.post(reverse("webhooks:create"), GIVEN).content.decode()

    [secret] = Endpoint.objects.get().secrets(timezone.now())
    assert secret in shown
    assert (
        secret
        not in browser.get(reverse("webhooks:endpoint", args=[Endpoint.objects.get().pk])).content.decode()
    )


def test_a_refusal_stands_beside_its_field(sign_in, administrator):
    response = sign_in(administrator).post(reverse("webhooks:create"), GIVEN | {"url": "https://10.0.0.1/"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["url"]
    assert Endpoint.objects.count() == 0


def test_a_delivery_is_shown_and_sent_again(sign_in, administrator, quiet, failed):
    browser = sign_in(administrator)
    page = browser.get(
        reverse("webhooks:endpoint", args=[quiet.pk]), {"delivery": failed.pk, "state": "failed"}
    )
    text = page.content.decode()
    assert "&lt;b&gt;нет&lt;/b&gt;" in text
    assert "{&quot;type&quot;:&quot;x&quot;}" in text

    browser.post(reverse("webhooks:replay", args=[failed.pk]))

    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("pending", 0)
    empty = browser.get(reverse("webhooks:endpoint", args=[quiet.pk]), {"state": "failed", "part": 1})
    assert empty.context["page"].rows == []


def test_what_failed_in_the_last_days_is_sent_again(sign_in, administrator, quiet, failed):
    browser = sign_in(administrator)
    browser.post(reverse("webhooks:replay_failed", args=[quiet.pk]), {"days": 5})
    failed.refresh_from_db()
    assert failed.state == "failed"

    browser.post(reverse("webhooks:replay_failed", args=[quiet.pk]), {"days": 3})
    failed.refresh_from_db()
    assert failed.state == "pending"


def test_an_address_that_was_switched_off_is_counted(quiet):
    assert troubled() == 0
    for off, count in (("person", 0), ("failing", 1), ("gone", 1)):
        Endpoint.objects.update(off=off)
        assert (off, troubled()) == (off, count)


def test_nobody_else_sees_them(sign_in, renewals_manager, quiet):
    browser = sign_in(renewals_manager)
    assert browser.get(reverse("webhooks:list")).status_code == 403
    assert browser.post(reverse("webhooks:switch", args=[quiet.pk])).status_code == 403
    assert Endpoint.objects.get().off == ""


def test_the_api_makes_turns_and_removes(sign_in, administrator):
    browser = sign_in(administrator)

    def post(path, body, key):
        return browser.post(
            path, body, content_type="application/json", headers={"Idempotency-Key": key}
        )  # fmt: skip

    made = post("/api/v1/webhooks", GIVEN, "1").json()
    assert made["secret"] == Endpoint.objects.get().secrets(timezone.now())[0]
    one = f"/api/v1/webhooks/{made['id']}"
    assert "secret" not in browser.get(one).json()
    fresh = post(f"{one}/secret", {}, "2").json()["secret"]
    assert Endpoint.objects.get().secrets(timezone.now()) == [fresh, made["secret"]]
    assert post(f"{one}/test", {}, "3").status_code == 202
    assert [row["event"] for row in browser.get(f"{one}/deliveries").json()["items"]] == ["webhooks.Test"]
    assert post(f"{one}/switch", {"on": False}, "4").json()["off"] == "person"
    assert post(f"{one}/test", {}, "5").json()["code"] == "switched_off"
    assert post("/api/v1/webhooks", GIVEN | {"url": "https://10.0.0.1/"}, "6").status_code == 422
    assert browser.delete(one).status_code == 204
    assert (Endpoint.objects.count(), Delivery.objects.count()) == (0, 0)


def test_a_phone_has_one_pane_at_a_time(sign_in, administrator, quiet, failed):
    browser, address = sign_in(administrator), reverse("webhooks:endpoint", args=[quiet.pk])
    for query, hidden in (("", "aside"), ("?hand=1", "section"), (f"?delivery={failed.pk}", "section")):
        page = browser.get(address + query).content.decode()
        assert (query, re.findall(r"<(section|aside)[^>]*max-lg:hidden", page)) == (query, [hidden])


def test_the_wish_to_wait_is_told_until_it_has_passed(sign_in, administrator, quiet):
    browser, address = sign_in(administrator), reverse("webhooks:endpoint", args=[quiet.pk])
    asked = "Получатель просил подождать"
    for ahead, told in ((1, True), (-1, False)):
        until = timezone.now() + timedelta(minutes=ahead)
        Endpoint.objects.update(quiet_until=until, old_secret_until=until)
        page = browser.get(address).content.decode()
        assert (asked in page, "Старый секрет действует" in page) == (told, told)
