"""Data of sister companies on the card, where it is set up, and over the API."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser

from clientela.foundation.api.operations import issue_token
from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.rules import Permission
from clientela.modules.group.models import ConsentDocument, Fact, SisterCompany, Waiting
from clientela.modules.group.operations.taking import bring
from clientela.modules.group.rules import Told
from clientela.modules.group.tests.conftest import PASSPORT, agreed, bank, clinic, kinds, program, text  # noqa: F401
from clientela.modules.sales.models import Advice
from clientela.modules.sales.operations.advice import advise_all
from clientela.modules.sales.operations.funnels import load_shipped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def told(agreed, program, now):  # noqa: F811
    values = {"mortgage": "да", "mortgage_debt": "3200000"}
    bring(actor=program, now=now, told=[Told(1, now.date() - timedelta(days=3), values, passport=PASSPORT)])
    return agreed


def html(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_card_shows_what_whose_when_and_under_which_consent(sign_in, anna, boris, told):
    page = html(sign_in(anna), f"/group/clients/{told.pk}/")
    for words in (
        "Остаток по ипотеке",
        "3\u00a0200\u00a0000,00\u00a0₽",
        "Банк «Берег»",
        "15.11.2026",
        "v1",
        "paper",
    ):
        assert words in page, words
    assert Entry.objects.filter(action="client.read_group", object_id=str(told.pk)).count() == 1
    assert sign_in(boris).get(f"/group/clients/{told.pk}/").status_code == 404
    assert f"/group/clients/{told.pk}/" in html(sign_in(anna), f"/clients/{told.pk}/")


def test_an_empty_section_is_no_reading(sign_in, anna, vera):
    assert "Согласия нет" in html(sign_in(anna), f"/group/clients/{vera.pk}/")
    assert not Entry.objects.filter(action="client.read_group").exists()


def test_the_client_takes_it_back_through_a_colleague(sign_in, anna, told):
    answer = sign_in(anna).post(
        f"/group/clients/{told.pk}/withdrawal/", {"via": "по телефону"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 204
    assert not Fact.objects.exists()
    assert Entry.objects.get(action="group.forgotten").object_id == told.pk


def test_and_agrees_through_a_colleague(sign_in, anna, vera, text):  # noqa: F811
    assert "Клиника «Устье»" in html(sign_in(anna), f"/group/clients/{vera.pk}/consent/")
    sign_in(anna).post(f"/group/clients/{vera.pk}/consent/", {"source": "офис"})
    consent = vera.consents.get(purpose="group_data")
    assert (consent.text_version, consent.source, consent.channel) == ("v1", "офис", "data")


def test_advice_says_where_it_is_known_from_and_goes_with_the_fact(sign_in, anna, told, now):
    load_shipped(now=now)
    advise_all(now=now)
    assert set(Advice.objects.filter(client=told, rule__code__startswith="group-").values_list("line", flat=True)) == {
        "mortgage", "property",
    }  # fmt: skip
    assert "знаем от: Банк «Берег», на 15.11.2026" in html(sign_in(anna), f"/deals/client/{told.pk}/")
    found = sign_in(anna).get("/clients/?told=mortgage").context["rows"]
    assert [row.id for row in found] == [told.pk]
    sign_in(anna).post(f"/group/clients/{told.pk}/withdrawal/", {"via": "по телефону"})
    assert not Advice.objects.filter(rule__code__startswith="group-").exists()
    assert sign_in(anna).get("/clients/?told=mortgage").context["rows"] == []


def test_the_setup_page_counts_and_decides(sign_in, administrator, anna, told, program, now):  # noqa: F811
    doubtful = Told(
        1, now.date(), {"car_loan": "yes"}, name_key="орлова вера", phone="+79170004108", name="Орлова Вера"
    )
    bring(
        actor=program,
        now=now,
        told=[doubtful, Told(2, now.date(), {"car_loan": "yes"}, passport="4500111222")],
    )
    page = html(sign_in(administrator), "/group/")
    assert "Орлова Вера" in page
    assert "Такого клиента нет" in page
    waiting = Waiting.objects.get()
    sign_in(administrator).post(f"/group/waiting/{waiting.pk}/attachment/", {"client": told.pk})
    assert Fact.objects.get(kind__code="car_loan").client == told
    assert sign_in(anna).get("/group/").status_code == 403


def test_companies_kinds_and_texts_are_data(sign_in, administrator, program, kinds, now):  # noqa: F811
    browser = sign_in(administrator)
    company = {
        "name": "Брокер «Мыс»",
        "code": "mys",
        "kind": "broker",
        "trust": "40",
        "is_active": "on",
        "feeder": program.pk,
    }
    assert browser.post("/group/companies/new/", company).status_code == 302
    made = SisterCompany.objects.get(code="mys")
    assert browser.post(f"/group/companies/{made.pk}/", company | {"trust": "140"}).status_code == 422
    wording = {"version": "t1", "since": "2026-11-18", "title": "Т", "text": "…", "companies": [made.pk]}
    assert browser.post("/group/texts/new/", wording).status_code == 302
    assert list(ConsentDocument.objects.get().companies.all()) == [made]
    kind = {"title": "Дача", "code": "dacha", "value_type": "yes_no", "fresh_days": "90", "keep_days": "30"}
    assert browser.post("/group/kinds/new/", kind).status_code == 422
    assert browser.post("/group/kinds/new/", kind | {"keep_days": "90"}).status_code == 302


def call(token, path, body=None, key="k1"):
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    if body is None:
        return Browser().get(path, headers=headers)
    return Browser().post(path, json.dumps(body), content_type="application/json", headers=headers)


def test_a_program_brings_facts_and_learns_nothing(agreed, program, anna, boris_client, now):  # noqa: F811
    token = issue_token(actor=program, now=now, name="bank", scopes=[Permission.GROUP_FEED])[1]
    people = [
        {"reference": "a", "as_of": "2026-11-10", "values": {"mortgage": True}, "passport": PASSPORT},
        {"reference": "b", "as_of": "2026-11-10", "values": {"mortgage": True}, "passport": "4500111222"},
        {"reference": "c", "as_of": "2026-11-10", "values": {"mortgage": "?"}, "passport": PASSPORT},
        {"reference": "d", "as_of": "2026-12-10", "values": {"mortgage": True}},
    ]
    answer = call(token, "/api/v1/group-facts", {"people": people})
    assert answer.json() == {
        "received": 3,
        "faults": [{"reference": "d", "fields": ["as_of"]}, {"reference": "c", "fields": ["mortgage"]}],
    }
    assert Fact.objects.get().client == agreed
    assert call(token, f"/api/v1/clients/{agreed.pk}/group-facts").status_code == 403
    assert {one["code"] for one in call(token, "/api/v1/group-fact-kinds").json()} >= {"mortgage", "car_loan"}


def test_colleagues_read_and_withdraw_over_the_api(told, anna, now):
    token = issue_token(
        actor=anna, now=now, name="x", scopes=[Permission.GROUP_READ, Permission.CONTACTS_WRITE]
    )[1]
    facts = call(token, f"/api/v1/clients/{told.pk}/group-facts").json()
    assert [(one["kind"], one["value"], one["company_code"], one["consent_version"]) for one in facts] == [
        ("mortgage", "yes", "bank", "v1"), ("mortgage_debt", "3200000.00", "bank", "v1"),
    ]  # fmt: skip
    answer = call(token, f"/api/v1/clients/{told.pk}/group-consent-withdrawals", {"via": "api"})
    assert (answer.status_code, answer.json()) == (201, {"ended": 1})
    assert call(token, f"/api/v1/clients/{told.pk}/group-facts").json() == []
