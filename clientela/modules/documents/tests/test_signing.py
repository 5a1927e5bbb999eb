"""The signature by a one-time code: what it proves, and what does not sign."""

import hashlib
import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from pypdf import PdfReader

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.foundation.outbox.models import Event
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations.one_time_codes import AGAIN, CodeJustSent, NoSms, WrongCode
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.operations import prepare_project, withdraw_project
from clientela.modules.documents import evidence, handlers, operations
from clientela.modules.documents.models import Document, SignRequest
from clientela.modules.documents.operations import signing

LEASE = timedelta(minutes=5)


@pytest.fixture
def paper(issued, now):
    handlers.on_policy_issued(PolicyIssued(issued.pk, issued.client_id, issued.previous_id), now=now)
    return operations.make(document_id=Document.objects.get(policy=issued).pk, now=now)


@pytest.fixture
def asked(paper, anna, now):
    return operations.ask_signature(actor=anna, now=now, documents=[paper])


def signed(row, now, code):
    return operations.sign(now=now, request=row, typed=code, ip="203.0.113.7", user_agent="Mozilla/5.0")


def other(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def text_of(file):
    with file.open("rb") as stored:
        pages = PdfReader(BytesIO(stored.read())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\xa0", " ").split())


def test_the_client_gets_a_link_once(asked, paper, anna, now):
    (message,) = Message.objects.filter(origin="documents.sign")
    assert (message.channel, message.purpose, message.state) == ("sms", "service", "queued")
    assert f"/sign/{asked.token}/" in message.text
    again = operations.ask_signature(actor=anna, now=now, documents=[paper])
    assert (again.pk, Message.objects.filter(origin="documents.sign").count()) == (asked.pk, 1)
    assert asked.phone == "+79170004108"


def test_the_right_code_signs_and_the_evidence_tells_all(asked, paper, now):
    operations.note_opened(now=now, request=asked)
    asked.refresh_from_db()
    code = operations.send_sign_code(now=now, request=asked)
    later = now + timedelta(minutes=2)
    row = signed(asked, later, code.digits)
    told = row.evidence
    assert (row.state, row.signed_at) == ("signed", later)
    assert (told["phone"], told["ip"], told["user_agent"]) == (
        "+7 917 •••-••-08",
        "203.0.113.7",
        "Mozilla/5.0",
    )
    assert told["documents"][0]["sha256"] == paper.digest
    assert (told["code_digest"], told["message_id"]) == (code.row.digest, code.row.message_id)
    assert told["signed_at"].endswith("+00:00")
    assert told["signed_at_local"].endswith("+03:00")
    assert code.digits not in json.dumps(told, ensure_ascii=False)
    assert row.evidence_digest == hashlib.sha256(signing.canonical(told)).hexdigest()
    assert Event.objects.filter(name="documents.SignatureChanged").count() == 2
    assert Entry.objects.filter(action="signature.signed").count() == 1
    before = signed(asked, later, "000000")  # pressed twice: nothing new
    assert (before.evidence_digest, Job.objects.filter(kind=evidence.JOB).count()) == (row.evidence_digest, 1)


def test_the_job_makes_the_evidence_and_stamped_copies_and_leaves_the_file(asked, paper, now):
    code = operations.send_sign_code(now=now, request=asked)
    signed(asked, now, code.digits)
    while run_next(worker="w", now=now, lease=LEASE):
        pass
    asked.refresh_from_db()
    text = text_of(asked.file)
    for words in ("Орлова Вера Николаевна", "203.0.113.7", "+7 917 •••-••-08", "63-ФЗ"):
        assert words in text, (words, text)
    assert paper.digest in text.replace(" ", "")
    one = asked.papers.get()
    assert "Подписано простой электронной подписью" in text_of(one.stamped)
    assert signing.digest_now(paper) == paper.digest
    files = sorted(asked.file.storage.listdir("documents")[1])
    evidence.keep_evidence(request_id=asked.pk, now=now)
    assert sorted(asked.file.storage.listdir("documents")[1]) == files


def test_a_job_that_was_cut_writes_the_same_files(asked, now, monkeypatch):
    code = operations.send_sign_code(now=now, request=asked)
    signed(asked, now, code.digits)

    def cut(_row):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(evidence, "_paper", cut)
        with pytest.raises(KeyboardInterrupt):
            evidence.keep_evidence(request_id=asked.pk, now=now)
    row = evidence.keep_evidence(request_id=asked.pk, now=now)
    assert len(row.file.storage.listdir("documents")[1]) == 3


def test_a_cut_while_signing_leaves_nothing_signed_and_the_code_good(asked, now, monkeypatch):
    code = operations.send_sign_code(now=now, request=asked)

    def cut(*_args, **_values):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(signing, "publish", cut)
        with pytest.raises(KeyboardInterrupt):
            signed(asked, now, code.digits)
    asked.refresh_from_db()
    assert (asked.state, asked.evidence) == ("open", {})
    assert signed(asked, now, code.digits).state == "signed"


def test_guessing_is_refused_and_ends_the_request(asked, now):
    moment = now
    for _ in range(4):
        code = operations.send_sign_code(now=moment, request=asked)
        for _try in range(5):
            with pytest.raises(WrongCode):
                signed(asked, moment, other(code.digits))
        moment += AGAIN
    asked.refresh_from_db()
    assert (asked.state, asked.tries, asked.signed_at) == ("locked", 20, None)
    with pytest.raises(operations.SignatureOver):
        signed(asked, moment, code.digits)
    with pytest.raises(operations.SignatureOver):
        operations.send_sign_code(now=moment, request=asked)


def test_five_wrong_ones_use_a_code_up(asked, now):
    code = operations.send_sign_code(now=now, request=asked)
    for _ in range(5):
        with pytest.raises(WrongCode):
            signed(asked, now, other(code.digits))
    with pytest.raises(WrongCode):
        signed(asked, now, code.digits)
    with pytest.raises(CodeJustSent):
        operations.send_sign_code(now=now, request=asked)


def test_it_ends_after_three_days_and_when_it_is_withdrawn(asked, paper, anna, boris, now):
    code = operations.send_sign_code(now=now, request=asked)
    with pytest.raises(operations.SignatureOver):
        signed(asked, now + signing.LASTS, code.digits)
    with pytest.raises(PermissionDenied):
        operations.withdraw_signature(actor=boris, now=now, request=asked)
    operations.withdraw_signature(actor=anna, now=now, request=asked)
    with pytest.raises(operations.SignatureOver):
        signed(asked, now, code.digits)
    assert operations.ask_signature(actor=anna, now=now, documents=[paper]).pk != asked.pk


def test_a_file_that_was_changed_is_neither_asked_for_nor_signed(asked, paper, anna, now):
    code = operations.send_sign_code(now=now, request=asked)
    with open(paper.file.path, "ab") as stored:
        stored.write(b"%")
    with pytest.raises(operations.FileChanged):
        signed(asked, now, code.digits)
    with pytest.raises(operations.FileChanged):
        operations.ask_signature(actor=anna, now=now, documents=[paper])
    assert SignRequest.objects.get().state == "open"


def test_who_may_not_sell_asks_nobody(paper, boris, now):
    with pytest.raises(PermissionDenied):
        operations.ask_signature(actor=boris, now=now, documents=[paper])
    assert not SignRequest.objects.exists()


def test_no_phone_no_signature(paper, anna, vera, now):
    vera.contact_points.filter(kind="phone").update(do_not_use=True)
    with pytest.raises(NoSms):
        operations.ask_signature(actor=anna, now=now, documents=[paper])


def test_the_code_goes_to_the_phone_of_the_card_by_the_queue(asked, now):
    operations.send_sign_code(now=now, request=asked)
    message = Message.objects.get(origin="contacts.code")
    assert (message.address, message.client_id) == (asked.phone, asked.client_id)
    assert not re.search(r"\d{6}", message.text)


@pytest.fixture
def application(papers, anna, vera_policy, now):
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    asked = operations.ask_document(actor=anna, now=now, kind="application", project=project)
    assert operations.ask_document(actor=anna, now=now, kind="application", project=project).pk == asked.pk
    return operations.make(document_id=asked.pk, now=now)


def test_an_application_is_signed_before_there_is_a_policy(application, anna, now):
    asked = operations.ask_signature(actor=anna, now=now, documents=[application])
    assert (asked.policy_id, asked.project_id) == (None, application.project_id)
    row = signed(asked, now, operations.send_sign_code(now=now, request=asked).digits)
    assert row.evidence["documents"][0]["sha256"] == application.digest
    evidence.keep_evidence(request_id=row.pk, now=now)
    assert "Подписано простой электронной подписью" in text_of(row.papers.get().stamped)


def test_the_application_of_a_withdrawn_contract_is_not_signed(application, anna, now):
    asked = operations.ask_signature(actor=anna, now=now, documents=[application])
    code = operations.send_sign_code(now=now, request=asked)
    withdraw_project(actor=anna, now=now, project=application.project)
    with pytest.raises(operations.SignatureOver):
        signed(asked, now, code.digits)
    application.project.refresh_from_db()
    with pytest.raises(operations.ContractWithdrawn):
        operations.ask_signature(actor=anna, now=now, documents=[application])
    asked.refresh_from_db()
    assert asked.state == "open"


def test_an_application_is_sent_to_be_signed_over_the_api(call, application, anna, boris):
    path = f"/projects/{application.project_id}/signatures"
    body = {"document_ids": [application.pk]}
    assert call(boris, "post", path, body)[0] == 404
    assert call(anna, "post", path, {"document_ids": [application.pk + 1]})[1]["code"] == "nothing_to_sign"
    assert not SignRequest.objects.exists()
    status, row = call(anna, "post", path, body)
    assert (status, row["project_id"], row["state"]) == (201, application.project_id, "open")
    assert [one["id"] for one in call(anna, "get", path)[1]] == [row["id"]]
