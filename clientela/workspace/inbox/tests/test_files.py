"""Files of an answer: kept beside it, sent with it, kept when it does not go."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from clientela.modules.contacts.models import DraftFile, Message, MessageFile
from clientela.modules.contacts.operations import deliver
from clientela.modules.contacts.operations.files import forget_drafts
from clientela.modules.contacts.tests.network import Network
from clientela.workspace.inbox.tests.test_api import call  # noqa: F401
from clientela.workspace.inbox.tests.test_pages import url

HTMX = {"HX-Request": "true"}
POLICY = b"%PDF-1.4 policy"


@pytest.fixture
def give(talk):
    def one(browser, name="полис.pdf", content=POLICY):
        return browser.post(url("files", talk), {"file": SimpleUploadedFile(name, content)}, headers=HTMX)

    return one


def test_a_file_goes_with_the_answer_and_is_read_from_the_thread(sign_in, anna, boris, talk, give):
    browser = sign_in(anna)
    assert "полис.pdf" in give(browser).content.decode()
    letter = {"channel": "email", "subject": "Полис", "text": "Во вложении"}
    assert browser.post(url("reply", talk), letter, headers=HTMX).status_code == 200
    kept = MessageFile.objects.get()
    assert (kept.name, kept.content_type, kept.size) == ("полис.pdf", "application/pdf", len(POLICY))
    assert not DraftFile.objects.exists()
    network = Network("email")
    deliver("email", network, worker="w", now=timezone.now())
    ((attachment,),) = [one.attachments for one in network.got]
    assert (attachment.name, attachment.content) == ("полис.pdf", POLICY)
    html = browser.get(url("conversation", talk)).content.decode()
    path = reverse("contacts:file", args=[kept.pk])
    assert path in html
    answer = browser.get(path)
    assert b"".join(answer.streaming_content) == POLICY
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert sign_in(boris).get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("скрипт.html", b"<script>", "Файлы этого вида"),
        ("рисунок.svg", b"<svg/>", "Файлы этого вида"),
        ("пустой.pdf", b"", "Файл пустой"),
        ("большой.pdf", b"x" * (20 * 1024 * 1024), "вместе больше 20"),
    ],
)
def test_what_is_not_sent_is_said_beside_what_is(sign_in, anna, give, name, content, said):
    browser = sign_in(anna)
    give(browser)
    answer = give(browser, name, content)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert "полис.pdf" in html
    assert DraftFile.objects.count() == 1


def test_sms_carries_no_files_and_nothing_is_lost(sign_in, anna, talk, give):
    browser = sign_in(anna)
    give(browser)
    html = browser.get(url("conversation", talk)).content.decode()
    assert "SMS не передаёт файлы" in html
    answer = browser.post(url("reply", talk), {"channel": "sms", "text": "Полис"}, headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Этим каналом файлы не отправить" in html
    assert "полис.pdf" in html
    assert "Полис</textarea>" in html
    assert not Message.objects.outgoing().exists()


def test_what_the_policy_stops_keeps_its_files(sign_in, anna, talk, give):
    browser = sign_in(anna)
    give(browser)
    talk.client.do_not_contact = True
    talk.client.save()
    letter = {"channel": "email", "subject": "Полис", "text": "Во вложении"}
    assert browser.post(url("reply", talk), letter, headers=HTMX).status_code == 422
    assert (DraftFile.objects.count(), MessageFile.objects.count()) == (1, 0)


def test_files_are_ones_own_and_taken_out_again(sign_in, anna, team_lead, talk, give):
    give(sign_in(anna))
    row = DraftFile.objects.get()
    removal = reverse("inbox:drop_file", args=[talk.pk, row.pk])
    lead = sign_in(team_lead)
    assert "полис.pdf" not in lead.get(url("conversation", talk)).content.decode()
    assert lead.post(removal, headers=HTMX).status_code == 404
    assert DraftFile.objects.exists()
    assert "полис.pdf" not in sign_in(anna).post(removal, headers=HTMX).content.decode()
    assert not DraftFile.objects.exists()


def test_what_nobody_sent_is_forgotten_after_a_day(
    sign_in, anna, give, talk, django_capture_on_commit_callbacks
):
    give(sign_in(anna))
    row = DraftFile.objects.get()
    assert forget_drafts(now=timezone.now()) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_drafts(now=timezone.now() + timedelta(days=2)) == 1
    assert not row.file.storage.exists(row.file.name)


def test_the_api_keeps_a_file_and_sends_it(sign_in, anna, team_lead, talk, call):  # noqa: F811
    browser = sign_in(anna)
    path = f"/api/v1/conversations/{talk.pk}"
    upload = {"file": SimpleUploadedFile("полис.pdf", POLICY)}
    made = browser.post(f"{path}/files", upload, headers={"Idempotency-Key": "one-file"})
    assert (made.status_code, made.json()["name"]) == (201, "полис.pdf")
    body = {"text": "Во вложении", "file_ids": [made.json()["id"]]}
    sms = call(anna, "post", f"/{talk.pk}/replies", body | {"channel": "sms"})
    assert (sms.status_code, sms.json()["code"]) == (422, "no_files_here")
    letter = body | {"channel": "email", "subject": "Полис"}
    assert call(team_lead, "post", f"/{talk.pk}/replies", letter).json()["code"] == "unknown_file"
    assert call(anna, "post", f"/{talk.pk}/replies", letter).status_code == 201
    assert MessageFile.objects.get().message.channel == "email"
    again = browser.post(
        f"{path}/files",
        {"file": SimpleUploadedFile("ещё.pdf", POLICY)},
        headers={"Idempotency-Key": "another-file"},
    ).json()
    assert browser.delete(f"{path}/files/{again['id']}").status_code == 204
    assert browser.delete(f"{path}/files/{again['id']}").status_code == 404
