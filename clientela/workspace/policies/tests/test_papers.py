"""Signing and delivering from the page of a policy, and the list of deliveries."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from clientela.foundation.audit.models import Entry
from clientela.foundation.dates import local_today
from clientela.modules.documents import operations
from clientela.modules.documents.models import Delivery, PickupPoint, SignRequest

TODAY = local_today("Europe/Moscow", timezone.now())


@pytest.fixture
def running(make_policy, vera, kasko, settings, tmp_path, now):
    settings.MEDIA_ROOT = tmp_path
    operations.load_shipped(now=now)
    return make_policy(
        vera, kasko, number="К 16-204871", start_date=TODAY - timedelta(days=100), end=TODAY + timedelta(days=264),
        premium=Decimal(36500), sum_insured=Decimal(2_000_000),
    )  # fmt: skip


@pytest.fixture
def paper(running, anna, now):
    asked = operations.ask_document(actor=anna, now=now, kind="policy", policy=running)
    return operations.make(document_id=asked.pk, now=now)


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


def test_asking_to_sign_from_the_page(sign_in, anna, running, paper):
    browser = sign_in(anna)
    assert "Отправить на подпись" in text_of(browser.get(f"/policies/{running.pk}/"))
    path = f"/policies/{running.pk}/signatures/"
    assert browser.post(path, {"channel": "sms"}).status_code == 422
    answer = browser.post(path, {"channel": "sms", "documents": [paper.pk]}, headers={"hx-request": "true"})
    assert answer.status_code == 204
    row = SignRequest.objects.get()
    page = text_of(browser.get(f"/policies/{running.pk}/"))
    assert "Ждёт клиента" in page
    assert "ещё не открыта" in page
    assert (
        browser.post(f"/signatures/{row.pk}/withdrawal/", headers={"hx-request": "true"}).status_code == 204
    )
    assert "Отозвано" in text_of(browser.get(f"/policies/{running.pk}/"))
    assert "Подпись кодом: Отозвано" in text_of(browser.get(f"/clients/{running.client_id}/"))


def test_evidence_is_downloaded_within_the_scope(sign_in, anna, boris, running, paper, now):
    row = SignRequest.objects.create(
        client=running.client, policy=running, token="x", channel="sms", phone="+79170004108", agreement="…", digest="1",
        state="signed", created_at=now, expires_at=now, signed_at=now, evidence={"signer": "Орлова"},
    )  # fmt: skip
    answer = sign_in(anna).get(f"/signatures/{row.pk}/evidence/?as=json")
    assert answer.json()["evidence"] == {"signer": "Орлова"}
    assert Entry.objects.filter(action="signature.downloaded").count() == 1
    assert sign_in(boris).get(f"/signatures/{row.pk}/evidence/").status_code == 404


def test_a_courier_from_the_page_to_the_door(sign_in, anna, boris, running, paper):
    browser = sign_in(anna)
    path = f"/policies/{running.pk}/deliveries/courier/"
    assert 'value="Орлова Вера Николаевна"' in text_of(browser.get(path))
    day = (timezone.localdate() + timedelta(days=2)).isoformat()
    good = {"documents": [paper.pk], "recipient": "Орлова Вера", "phone": "8 917 000-41-08", "address": "ул. Баумана, 1",
            "day": day, "hour_from": "10", "hour_to": "14"}  # fmt: skip
    bad = browser.post(path, good | {"hour_to": "9"})
    assert (bad.status_code, "Конец интервала" in text_of(bad)) == (422, True)
    assert browser.post(path, good, headers={"hx-request": "true"}).status_code == 204
    row = Delivery.objects.get()
    assert row.day == date.fromisoformat(day)
    for state, told in (("handed_over", {}), ("on_the_way", {}), ("not_delivered", {"reason": "никого нет"})):
        assert (
            browser.post(f"/deliveries/{row.pk}/{state}/", told, headers={"hx-request": "true"}).status_code
            == 204
        )
    assert browser.post(f"/deliveries/{row.pk}/handed_over/").status_code == 422
    page = text_of(browser.get("/deliveries/?show=wrong"))
    assert "никого нет" in page
    assert "Не доставлено" in page
    assert "никого нет" not in text_of(browser.get("/deliveries/?show=wrong&way=email"))
    assert "никого нет" not in text_of(sign_in(boris).get("/deliveries/?show=all"))
    assert sign_in(boris).post(f"/deliveries/{row.pk}/delivered/").status_code == 404
    assert browser.get(f"/deliveries/{row.pk}/nowhere/").status_code == 404
    assert browser.get(f"/policies/{running.pk}/deliveries/pigeon/").status_code == 404


def test_points_are_kept_by_who_edits_documents(sign_in, make_user, anna, vera):
    from clientela.modules.accounts.rules import Role

    assert sign_in(anna).get("/deliveries/points/").status_code == 403
    admin = sign_in(make_user(Role.ADMINISTRATOR, "Илья", "Лаптев"))
    values = {
        "branch": vera.branch_id,
        "name": "Офис",
        "address": "ул. Баумана, 1",
        "hours": "9–19",
        "is_active": "on",
    }
    assert admin.post("/deliveries/points/", values).status_code == 302
    assert admin.post("/deliveries/points/", values).status_code == 422
    point = PickupPoint.objects.get()
    admin.post(f"/deliveries/points/{point.pk}/", values | {"hours": "10–20"})
    point.refresh_from_db()
    assert point.hours == "10–20"
    assert Entry.objects.filter(action="pickup_point.kept").count() == 2
