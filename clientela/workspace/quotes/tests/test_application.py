"""The application in the window: made with the bill, sent to be signed, withdrawn, signed."""

import pytest
from django.utils import timezone

from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Project
from clientela.modules.contracts.operations import reprice_project
from clientela.modules.documents import operations
from clientela.modules.documents.models import Document, SignRequest
from clientela.workspace.quotes.papers import application_of
from clientela.workspace.quotes.tests.test_window import HTMX, text_of


@pytest.fixture
def billed(calculation, anna, sign_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    operations.load_shipped(now=timezone.now())
    browser = sign_in(anna)
    browser.post(f"/quotes/{calculation.pk}/invoice/", {"version": calculation.version}, **HTMX)
    return browser


def test_it_is_made_with_the_bill_and_signed_by_a_code(billed, calculation):
    path = f"/quotes/{calculation.pk}/"
    paper = Document.objects.get(kind="application")
    assert "делается" in text_of(billed.get(path))
    operations.make(document_id=paper.pk, now=timezone.now())
    assert "не подписано" in text_of(billed.get(path))
    assert 'name="channel"' in text_of(billed.get(f"{path}application/signature/", **HTMX))
    answer = text_of(billed.post(f"{path}application/signature/", {"channel": "sms"}, **HTMX))
    asked = SignRequest.objects.get()
    assert f"/sign/{asked.token}/" in answer
    assert "клиент ещё не открыл" in answer
    assert Message.objects.filter(origin="documents.sign").count() == 1
    code = operations.send_sign_code(now=timezone.now(), request=asked)
    operations.sign(now=timezone.now(), request=asked, typed=code.digits, ip="203.0.113.7", user_agent="x")
    page = text_of(billed.get(path))
    assert "подписано кодом" in page
    assert f"/signatures/{asked.pk}/evidence/" in page


def test_a_withdrawn_request_can_be_sent_anew_and_the_application_made_anew(billed, calculation):
    path = f"/quotes/{calculation.pk}/application/"
    operations.make(document_id=Document.objects.get().pk, now=timezone.now())
    billed.post(f"{path}signature/", {"channel": "sms"}, **HTMX)
    billed.post(f"{path}withdrawal/", **HTMX)
    assert SignRequest.objects.get().state == "withdrawn"
    billed.post(path, **HTMX)
    assert Document.objects.filter(kind="application").count() == 2
    assert application_of(Project.objects.get(), timezone.now()).state == "making"


def test_another_price_outdates_it(billed, calculation, anna):
    """The link that waits signs nothing, the window asks for a new paper."""
    paper, now = Document.objects.get(kind="application"), timezone.now()
    operations.make(document_id=paper.pk, now=now)
    billed.post(f"/quotes/{calculation.pk}/application/signature/", {"channel": "sms"}, **HTMX)
    asked = SignRequest.objects.get()
    code = operations.send_sign_code(now=now, request=asked)
    project = Project.objects.get()
    reprice_project(actor=anna, now=now, project=project, premium=project.premium - 100, reason="скидка")
    with pytest.raises(operations.PaperOutdated):
        operations.sign(now=now, request=asked, typed=code.digits, ip="203.0.113.7", user_agent="x")
    with pytest.raises(operations.PaperOutdated):
        operations.send_sign_code(now=now, request=asked)
    assert "цену изменили" in text_of(billed.get(f"/quotes/{calculation.pk}/"))
    billed.post(f"/quotes/{calculation.pk}/application/", **HTMX)
    newest = Document.objects.filter(kind="application").latest("pk")
    newest = operations.make(document_id=newest.pk, now=now)
    assert application_of(Project.objects.get(), now).state == "ready"
    assert operations.ask_signature(actor=anna, now=now, documents=[newest]).pk != asked.pk


def test_without_a_phone_the_form_says_why(billed, calculation):
    operations.make(document_id=Document.objects.get().pk, now=timezone.now())
    calculation.client.contact_points.filter(kind="phone").update(do_not_use=True)
    answer = billed.post(f"/quotes/{calculation.pk}/application/signature/", {"channel": "sms"}, **HTMX)
    assert answer.status_code == 422
    assert not SignRequest.objects.exists()


def test_a_stranger_neither_makes_nor_sends_it(billed, calculation, boris, sign_in):
    browser, path = sign_in(boris), f"/quotes/{calculation.pk}/application/"
    for step in ("", "signature/", "withdrawal/"):
        assert browser.post(f"{path}{step}", {"channel": "sms"}, **HTMX).status_code == 404
    assert (Document.objects.count(), SignRequest.objects.count()) == (1, 0)


def test_before_there_is_a_contract_nothing_is_made(calculation, anna, sign_in):
    browser, path = sign_in(anna), f"/quotes/{calculation.pk}/"
    browser.post(f"{path}application/", **HTMX)
    assert browser.post(f"{path}application/signature/", {"channel": "sms"}, **HTMX).status_code == 422
    assert not Document.objects.exists()
    assert "вместе со счётом" in text_of(browser.get(path))
