"""The client's page of a signature, and the check of a file."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clientela.modules.contacts.models import Awaited, OneTimeCode
from clientela.modules.contacts.operations.awaited import filled
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.operations import issue_project, prepare_project
from clientela.modules.documents import evidence, handlers, operations
from clientela.modules.documents.models import Document, SignRequest


@pytest.fixture
def paper(anna, vera_policy, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    operations.load_shipped(now=now)
    project = prepare_project(
        actor=anna, now=now, policy=vera_policy, premium=vera_policy.premium, reason="", terms={}
    )
    policy = issue_project(actor=anna, now=now, project=project)
    handlers.on_policy_issued(PolicyIssued(policy.pk, policy.client_id, policy.previous_id), now=now)
    return operations.make(document_id=Document.objects.get(policy=policy).pk, now=now)


@pytest.fixture
def asked(paper, anna):
    return operations.ask_signature(actor=anna, now=timezone.now(), documents=[paper])


def digits():
    code = OneTimeCode.objects.order_by("-id")[0]
    text = filled(code.message.text, Awaited.objects.get(message=code.message_id).sealed)
    return re.search(r"\d{6}", text)[0]


def said(answer):
    return answer.content.decode().replace("\xa0", " ")


def test_a_client_reads_asks_for_the_code_and_signs(client, asked, paper):
    path = f"/sign/{asked.token}/"
    page = said(client.get(path))
    assert "+7 917 •••-••-08" in page
    assert asked.phone not in page
    assert "63-ФЗ" in page
    assert 'name="phone"' not in page
    file = client.get(f"{path}papers/{paper.pk}/")
    assert b"".join(file.streaming_content).startswith(b"%PDF-")
    assert client.post(path, {"ask": "1"}).status_code == 302
    again = client.post(path, {"ask": "1"})
    assert (again.status_code, OneTimeCode.objects.count()) == (422, 1)
    code = digits()
    wrong = client.post(path, {"code": f"{(int(code) + 1) % 1_000_000:06}"})
    assert (wrong.status_code, "Код не подходит" in said(wrong)) == (422, True)
    assert client.post(path, {"code": code}, headers={"user-agent": "Phone"}).status_code == 302
    assert "Документы подписаны" in said(client.get(path))
    row = SignRequest.objects.get()
    assert (row.state, row.evidence["ip"], row.evidence["user_agent"]) == ("signed", "127.0.0.1", "Phone")
    assert row.opened_at is not None


def test_a_closed_link_gives_nothing(client, asked, paper):
    SignRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    path = f"/sign/{asked.token}/"
    page = said(client.get(path))
    assert "уже не подписать" in page
    assert 'method="post"' not in page
    assert client.get(f"{path}papers/{paper.pk}/").status_code == 404
    assert client.post(path, {"ask": "1"}).status_code == 422
    assert client.get("/sign/nothing/").status_code == 404


def test_a_document_of_somebody_else_is_not_given(client, asked, paper):
    assert client.get(f"/sign/{asked.token}/papers/{paper.pk + 1}/").status_code == 404


def test_a_changed_pdf_is_told_from_ours(client, asked, paper):
    path = f"/p/{paper.token}/"
    with paper.file.open("rb") as stored:
        ours = stored.read()

    def compare(data):
        return said(client.post(path, {"file": SimpleUploadedFile("x.pdf", data)}))

    assert "Это наш файл, ничего не изменено" in compare(ours)
    assert "Это не тот файл" in compare(ours.replace(b"%%EOF", b"%%EOG"))
    assert "Выберите файл" in said(client.post(path))
    operations.send_sign_code(now=timezone.now(), request=asked)
    row = operations.sign(now=timezone.now(), request=asked, typed=digits(), ip="127.0.0.1", user_agent="")
    evidence.keep_evidence(request_id=row.pk, now=timezone.now())
    with row.papers.get().stamped.open("rb") as stored:
        copy = stored.read()
    assert "копия со штампом" in compare(copy)
    assert "Это не тот файл" in compare(copy + b" ")
    assert "простой электронной подписью" in said(client.get(path))
