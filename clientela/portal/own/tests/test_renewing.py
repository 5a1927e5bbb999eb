"""From the own pages to the paid next term, without anybody of the company."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clientela.modules.bonus_malus.ports import RegistryDown
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import issue_project, prepare_project
from clientela.modules.contracts.operations.versions import first_version
from clientela.modules.documents.events import DocumentReady
from clientela.modules.documents.operations import ask_document
from clientela.modules.documents.operations.making import make
from clientela.modules.documents.operations.shipped import load_shipped as load_templates
from clientela.modules.renewals.models import SelfRenewal
from clientela.modules.requests.models import Request
from clientela.portal.own.handlers import on_document_ready, on_policy_issued
from clientela.portal.own.tests.test_entering import text_of


@pytest.fixture
def path(expiring):
    return f"/my/renew/{expiring.pk}/"


def test_she_renews_alone(enter, expiring, path, now):
    browser = enter()
    page = text_of(browser.get("/my/"))
    assert "17" in page
    assert "Узнать цену" in page
    assert browser.post(path, {"price": "1"}).headers["Location"] == path
    page = text_of(browser.get(path))
    assert "8 533,99 ₽" in page
    assert "Орлов Дмитрий Сергеевич" in page
    assert "Анна Соколова" in page
    answer = browser.post(path, {"pay": "1", "premium": "8533.99"})
    project = Project.objects.get()
    assert answer.headers["Location"] == f"/pay/{project.pay_token}/"
    assert "8 533,99 ₽" in text_of(browser.get(answer.headers["Location"]))
    kept = SelfRenewal.objects.get()
    assert (kept.phone, kept.confirmed_at, project.sales_channel) == ("+79170008055", now, "web")
    assert "8 533,99 ₽" in text_of(browser.get("/my/")), "the price stands on the first page now"


def test_a_price_that_moved_is_shown_anew(enter, expiring, path):
    browser = enter()
    browser.post(path, {"price": "1"})
    for typed in ("8533.98", "", "nothing", "1e999", "NaN", "9" * 40):
        answer = browser.post(path, {"pay": "1", "premium": typed})
        assert answer.status_code == 422
    assert "8 533,99 ₽" in text_of(answer)
    assert not SelfRenewal.objects.exists()


def test_a_class_that_is_awaited_is_waited_for(enter, expiring, path, settings):
    settings.BONUS_MALUS_REGISTRY = f"{__name__}.Away"
    browser = enter()
    answer = browser.post(path, {"price": "1"})
    assert answer.status_code == 422
    assert "every 5s" in answer.content.decode()
    assert browser.post(path, {"price": "1"}, headers={"HX-Request": "true"}).status_code == 204
    settings.BONUS_MALUS_REGISTRY = "clientela.modules.bonus_malus.registry.LocalRegistry"


class Away:
    """A registry out of reach."""

    name = "away"
    remote = False

    def ask(self, key, on):
        raise RegistryDown("timed out")


def test_what_cannot_be_priced_is_called_back_once_and_over_when_issued(enter, expiring, path, now):
    thing = expiring.insured_object
    thing.power, thing.details = None, {}
    thing.save()
    browser = enter()
    answer = browser.post(path, {"price": "1"})
    assert answer.status_code == 422
    assert "Позвоните мне" in text_of(answer)
    for _twice in range(2):
        assert browser.post(path, {"call": "1"}).headers["Location"] == f"{path}?asked=1"
    request = Request.objects.get()
    assert (request.client_id, request.product, expiring.number in request.text) == (
        expiring.client_id, expiring.product, True,
    )  # fmt: skip
    assert "мы вам позвоним" in text_of(browser.get(f"{path}?asked=1"))
    policy = Policy.objects.get(pk=expiring.pk)
    policy.pk, policy.number, policy.number_key, policy.previous = None, "X2", "X2", expiring
    policy.start_date, policy.end_date = (
        policy.end_date + timedelta(days=1),
        policy.end_date + timedelta(days=365),
    )
    policy.save()
    for _twice in range(2):
        on_policy_issued(PolicyIssued(policy.pk, policy.client_id, expiring.pk), now=now)
    request.refresh_from_db()
    assert (request.state, request.reason) == ("closed", "sold")


def test_what_has_changed_goes_to_the_agent(enter, expiring, path):
    browser = enter()
    browser.post(path, {"price": "1"})
    answer = browser.post(path, {"changed": "1", "text": ""})
    assert answer.status_code == 422
    for _twice in range(2):
        browser.post(path, {"changed": "1", "text": "Водит ещё сын, права с мая"})
    assert "Водит ещё сын, права с мая" in Request.objects.get().text


def test_the_issued_term_is_told(enter, expiring, path, now):
    browser = enter()
    browser.post(path, {"price": "1"})
    browser.post(path, {"pay": "1", "premium": "8533.99"})
    policy = issue_project(actor=None, now=now, project=Project.objects.get())
    page = text_of(browser.get(path))
    assert policy.number in page
    assert "Моё страхование" in text_of(browser.get(f"/pay/{Project.objects.get().pay_token}/"))
    assert browser.post(path, {"pay": "1", "premium": "8533.99"}).status_code == 422
    assert SelfRenewal.objects.count() == 1


def test_the_policy_comes_by_mail_once_and_only_to_its_client(enter, expiring, path, now, boris_policy):
    browser = enter()
    browser.post(path, {"price": "1"})
    browser.post(path, {"pay": "1", "premium": "8533.99"})
    policy = issue_project(actor=None, now=now, project=Project.objects.get())
    file = f"/my/policies/{policy.pk}/policy.pdf"
    assert browser.get(file).status_code == 404
    load_templates(now=now)
    papers = []
    for one in (policy, boris_policy):
        version = one.versions.get() if one == policy else first_version(one)
        asked = ask_document(actor=None, now=now, kind="policy", policy=one, version=version)
        papers.append(make(document_id=asked.pk, now=now))
    for paper in (*papers, papers[0]):
        assert paper.state == "ready", paper.fault
        on_document_ready(
            DocumentReady(paper.pk, paper.policy.client_id, paper.policy_id, paper.state), now=now
        )
    mail = Message.objects.get(channel="email")
    assert (mail.client_id, file in mail.text) == (expiring.client_id, True)
    assert b"".join(browser.get(file).streaming_content).startswith(b"%PDF")
    assert file in text_of(browser.get("/my/"))
    assert browser.get(f"/my/policies/{boris_policy.pk}/policy.pdf").status_code == 404
    browser.post("/my/leave/")
    assert browser.get(file).headers["Location"].startswith("/my/enter/?next=")


def test_nobody_sees_another_clients_term(enter, expiring, boris_policy, path):
    browser = enter()
    for method in (browser.get, browser.post):
        assert method(f"/my/renew/{boris_policy.pk}/").status_code == 404
        assert method("/my/renew/999999999999999999999999/").status_code == 404
    assert boris_policy.number not in text_of(browser.get("/my/"))
    browser.post("/my/leave/")
    assert browser.post(path, {"pay": "1", "premium": "8533.99"}).headers["Location"] == "/my/enter/"
    assert not Project.objects.exists()


def test_a_price_of_the_agent_is_shown_as_it_is(enter, expiring, path, anna, now):
    prepare_project(
        actor=anna, now=now, policy=expiring, premium=Decimal(8100), reason="скидка руководителя",
        calculation_number="Р-26-000009",
    )  # fmt: skip
    page = text_of(enter().get(path))
    assert "8 100,00 ₽" in page
    assert "скидка руководителя" in page
