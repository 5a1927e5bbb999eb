"""Documents: made once when a policy is issued or changed, kept with their digest, given to who may see the client."""

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from pypdf import PdfReader

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contracts.events import PolicyAmended, PolicyIssued
from clientela.modules.contracts.models import InsuredObject, Policy, Project
from clientela.modules.contracts.operations import cancel_policy, duplicate_policy, endorse, prepare_project
from clientela.modules.documents import handlers, operations
from clientela.modules.documents.models import Document, Template
from clientela.modules.documents.operations import making
from clientela.modules.documents.rules import TemplateFault, check_template, fill, typeset

LEASE = timedelta(minutes=5)


def text_of(document: Document) -> str:
    with document.file.open("rb") as stored:
        pages = PdfReader(BytesIO(stored.read())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\xa0", " ").split())


def handle(policy: Policy, now: datetime) -> Document:
    """The event of issue is delivered and the job runs."""
    handlers.on_policy_issued(PolicyIssued(policy.pk, policy.client_id, policy.previous_id), now=now)
    assert run_next(worker="w", now=now, lease=LEASE)
    return Document.objects.get(policy=policy)


def test_an_issued_policy_gets_its_document_once(issued: Policy, now: datetime) -> None:
    document = handle(issued, now)
    assert (document.kind, document.state, document.fault) == ("policy", "ready", "")
    with document.file.open("rb") as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == document.digest
    text = text_of(document)
    for words in (
        f"Полис № {issued.number}", "Орлова Вера Николаевна", "с 00:00 06.12.2026 по 24:00 05.12.2027", "8 067,41 ₽",
        "Hyundai Creta, 2021", "Р 418 ТО 116", "Водитель", "500 000,00 ₽", "Территория", "Проверка полиса", f"/p/{document.token}/",
    ):  # fmt: skip
        assert words in text, (words, text)
    handlers.on_policy_issued(PolicyIssued(issued.pk, issued.client_id, issued.previous_id), now=now)
    assert (Document.objects.count(), Job.objects.filter(kind="documents.make").count()) == (1, 1)
    before = document.digest
    assert operations.make(document_id=document.pk, now=now).digest == before


def test_a_car_without_vin_is_named_by_its_body_in_the_paper(issued: Policy, now: datetime) -> None:
    InsuredObject.objects.filter(pk=issued.insured_object_id).update(vin="", body_number="SXE100012345")
    text = text_of(handle(issued, now))
    assert "Номер кузова (шасси) SXE100012345" in text
    assert "VIN" not in text


def test_a_run_that_was_cut_writes_the_file_again(issued: Policy, now: datetime, monkeypatch: Any) -> None:
    handlers.on_policy_issued(PolicyIssued(issued.pk, issued.client_id, issued.previous_id), now=now)
    document = Document.objects.get()

    def cut(*_args: Any, **_values: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(making, "publish", cut)
        with pytest.raises(KeyboardInterrupt):
            operations.make(document_id=document.pk, now=now)
    document.refresh_from_db()
    assert (document.state, document.digest) == ("making", "")
    again = operations.make(document_id=document.pk, now=now)
    folder = again.file.storage.listdir("documents")[1]
    assert (again.state, folder) == ("ready", [f"{document.token}-{again.digest[:12]}.pdf"])
    assert Event.objects.filter(name="documents.DocumentReady").count() == 1


def test_two_runs_at_once_leave_one_file_that_matches_its_digest(
    issued: Policy, now: datetime, monkeypatch: Any
) -> None:
    handlers.on_policy_issued(PolicyIssued(issued.pk, issued.client_id, issued.previous_id), now=now)
    document = Document.objects.get()
    set_pages = making.pdf_of

    def meanwhile(*args: Any, **values: Any) -> bytes:
        monkeypatch.setattr(
            making, "pdf_of", lambda *_args, **_values: set_pages(*args, **values) + b"% the other run"
        )
        operations.make(document_id=document.pk, now=now)
        return set_pages(*args, **values)

    monkeypatch.setattr(making, "pdf_of", meanwhile)
    made = operations.make(document_id=document.pk, now=now)
    with made.file.open("rb") as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == made.digest
    assert len(made.file.storage.listdir("documents")[1]) == 1
    assert Event.objects.filter(name="documents.DocumentReady").count() == 1


def test_changes_get_their_papers(anna: User, issued: Policy, now: datetime) -> None:
    acts = [
        lambda: endorse(actor=anna, now=now, policy=issued, valid_from=date(2026, 12, 20), reason="новый водитель",
                        premium=Decimal(9067), participants=[{"role": "driver", "name": "Орлов Илья"}]),
        lambda: duplicate_policy(actor=anna, now=now, policy=issued, reason="утерян"),
        lambda: cancel_policy(actor=anna, now=now, policy=issued, on=date(2026, 12, 31), reason="продажа"),
    ]  # fmt: skip
    texts = []
    for act in acts:
        act()
        version = issued.versions.latest("number")
        handlers.on_policy_amended(
            PolicyAmended(issued.pk, issued.client_id, version.pk, version.kind), now=now
        )
        document = operations.make(document_id=Document.objects.latest("id").pk, now=now)
        assert document.state == "ready", document.fault
        texts.append(text_of(document))
    assert "Дополнительное соглашение № 1" in texts[0]
    assert "Орлов Илья" in texts[0]
    assert "961,25 ₽" in texts[0]  # (9067 − 8067,41) × 351 / 365
    assert "дубликат" in texts[1].lower()
    assert "Дополнительное" not in texts[1]
    assert "Соглашение о расторжении" in texts[2]
    assert "последний день действия — 31.12.2026" in texts[2]
    assert list(Document.objects.order_by("id").values_list("kind", "is_duplicate")) == [
        ("endorsement", False), ("policy", True), ("cancellation", False),
    ]  # fmt: skip


def test_papers_of_a_project(anna: User, papers: Any, vera_policy: Policy, now: datetime) -> None:
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    for kind, words in (
        ("application", "Заявление на страхование"),
        ("invoice", "Счёт № 26-"),
        ("offer", "Предложение"),
    ):
        document = operations.ask_document(actor=anna, now=now, kind=kind, project=project)
        assert words in text_of(operations.make(document_id=document.pk, now=now))
    with pytest.raises(operations.DocumentKindWrong):
        operations.ask_document(actor=anna, now=now, kind="policy", project=project)


def test_without_a_template_the_document_says_so_and_is_tried_again(
    issued: Policy, anna: User, now: datetime
) -> None:
    Template.objects.filter(kind="policy").update(state="retired")
    document = handle(issued, now)
    assert (document.state, document.file.name) == ("failed", "")
    assert document.fault != ""
    Template.objects.filter(kind="policy").update(state="active")
    asked = operations.ask_document(actor=anna, now=now, kind="policy", policy=issued)
    assert asked == document
    assert run_next(worker="w", now=now, lease=LEASE)
    document.refresh_from_db()
    assert document.state == "ready"


def test_the_products_own_template_comes_first(
    issued: Policy, product_manager: User, administrator: User, now: datetime
) -> None:
    draft = operations.edit_template(
        actor=product_manager, now=now, kind="policy", language="ru", product_code="osago", name="Полис ОСАГО",
        html="<h1>ОСАГО {{ number }}</h1>",
    )  # fmt: skip
    operations.propose_template(actor=product_manager, now=now, template=draft)
    with pytest.raises(operations.ApprovedByAuthor):
        operations.approve_template(actor=product_manager, now=now, template=draft)
    operations.approve_template(actor=administrator, now=now, template=draft)
    assert text_of(handle(issued, now)).startswith("Причал Страхование")
    assert "ОСАГО" in text_of(Document.objects.get())
    assert Document.objects.get().template == draft


def test_a_template_is_changed_by_two_people(
    papers: Any, product_manager: User, administrator: User, anna: User, now: datetime
) -> None:
    values = {"now": now, "kind": "policy", "language": "ru", "name": "Полис", "html": "<p>{{ number }}</p>"}
    with pytest.raises(PermissionDenied):
        operations.edit_template(actor=anna, **values)
    draft = operations.edit_template(actor=product_manager, **values)
    assert (draft.number, draft.state) == (2, "draft")
    with pytest.raises(operations.NotProposed):
        operations.approve_template(actor=administrator, now=now, template=draft)
    operations.propose_template(actor=product_manager, now=now, template=draft)
    with pytest.raises(operations.NotADraft):
        operations.edit_template(actor=administrator, **values)
    operations.return_template(actor=administrator, now=now, template=draft)
    draft = operations.edit_template(actor=administrator, **values)
    operations.propose_template(actor=administrator, now=now, template=draft)
    operations.approve_template(actor=product_manager, now=now, template=draft)
    states = Template.objects.filter(kind="policy", product_code="").values_list(
        "number", "state", "approved_by"
    )
    assert sorted(states) == [(1, "retired", None), (2, "active", product_manager.pk)]


@pytest.mark.parametrize("html", [
    "{{ nobody }}", "{{ #if bank }}x", "{{ /if }}", "<script>x</script>", '<img src="file:///etc/passwd">',
    '<p style="background:url(http://x)">',
])  # fmt: skip
def test_a_template_that_cannot_be(html: str) -> None:
    with pytest.raises(TemplateFault):
        check_template(html)


def test_filling() -> None:
    html = "<b>{{ client_name }}</b>{{ #if bank }} · {{ bank }}{{ #if agent }}!{{ /if }}{{ /if }}{{ qr }}"
    assert (
        fill(html, {"client_name": "ООО <Заря>", "agent": "x", "qr": "<svg/>"})
        == "<b>ООО &lt;Заря&gt;</b><svg/>"
    )
    assert fill(html, {"bank": "Б"}) == "<b></b> · Б"


def test_who_may_take_it(call: Call, issued: Policy, anna: User, boris: User, now: datetime) -> None:
    document = handle(issued, now)
    assert call(boris, "get", f"/papers/{document.pk}")[0] == 404
    assert call(boris, "post", f"/policies/{issued.pk}/documents", {"kind": "receipt"})[0] == 404
    assert Document.objects.count() == 1
    status, row = call(anna, "get", f"/papers/{document.pk}")
    assert (status, row["digest"], row["state"]) == (200, document.digest, "ready")
    assert [one["id"] for one in call(anna, "get", f"/policies/{issued.pk}/documents")[1]] == [document.pk]
    browser = Browser()
    browser.force_login(anna)
    answer = browser.get(f"/api/v1/papers/{document.pk}/file")
    assert b"".join(answer.streaming_content)[:5] == b"%PDF-"
    assert Entry.objects.filter(action="document.downloaded", actor=anna).count() == 1
    browser.force_login(boris)
    assert browser.get(f"/api/v1/papers/{document.pk}/file").status_code == 404


def test_papers_and_templates_over_the_api(
    call: Call,
    papers: Any,
    anna: User,
    product_manager: User,
    administrator: User,
    vera_policy: Policy,
    now: datetime,
) -> None:
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    assert call(anna, "post", f"/projects/{project.pk}/documents", {"kind": "offer"})[0] == 202
    assert [row["kind"] for row in call(anna, "get", f"/projects/{project.pk}/documents")[1]] == ["offer"]
    assert call(anna, "get", "/document-templates")[0] == 403
    body = {"kind": "offer", "name": "Предложение", "html": "<p>{{ oops }}</p>"}
    assert call(product_manager, "post", "/document-templates", body)[1]["code"] == "template_fault"
    draft = call(product_manager, "post", "/document-templates", body | {"html": "<p>{{ product }}</p>"})[1]
    base = f"/document-templates/{draft['id']}"
    assert call(product_manager, "post", f"{base}/proposal")[1]["state"] == "proposed"
    assert call(administrator, "post", f"{base}/return")[1]["state"] == "draft"
    assert call(product_manager, "post", f"{base}/proposal")[0] == 200
    assert call(product_manager, "post", f"{base}/approval")[1]["code"] == "approved_by_author"
    assert call(administrator, "post", f"{base}/approval")[1]["state"] == "active"


def test_anybody_may_check_a_policy_and_learns_no_name(
    issued: Policy, anna: User, client: Browser, now: datetime
) -> None:
    document = handle(issued, now)
    address = f"/p/{document.token}/"
    page = client.get(address).content.decode().replace("\xa0", " ")
    assert issued.number in page
    assert document.digest in page
    page = page.replace(document.digest, "").replace(
        document.token, ""
    )  # any three figures may stand in these
    for secret in ("Орлова", "Вера", "Creta", "418", "8 067", "Соколова"):
        assert secret not in page
    assert client.get("/p/nothing/").status_code == 404
    cancel_policy(actor=anna, now=now, policy=issued, on=date(2026, 12, 31), reason="продажа")
    assert "расторгнут" in client.get(address).content.decode()
    assert Project.objects.count() == 1


def test_a_preview_keeps_nothing(issued: Policy, now: datetime) -> None:
    template = Template.objects.get(kind="policy", product_code="")
    assert operations.preview(template, issued, now=now)[:5] == b"%PDF-"
    assert Document.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("<p>с которыми и по адресу</p>", "<p>с\xa0которыми и\xa0по\xa0адресу</p>"),
        ("звоните нам — *0999 — сразу", "звоните нам\xa0— *0999\xa0— сразу"),
        ('<td class="по ней">не тронут</td>', '<td class="по ней">не\xa0тронут</td>'),
    ],
)
def test_short_words_keep_to_the_next(typed: str, set_: str) -> None:
    assert typeset(typed) == set_


def test_a_product_has_its_own_shipped_template(papers: Any, now: datetime) -> None:
    shipped = Template.objects.filter(state="active")
    assert set(shipped.filter(kind="policy", language="ru").values_list("product_code", flat=True)) == {
        "", "osago", "kasko", "305", "354", "555", "travel", "accident",
    }  # fmt: skip
    english = set(shipped.filter(language="en", product_code="travel").values_list("kind", flat=True))
    assert english == {"policy", "application", "endorsement", "cancellation", "invoice", "receipt", "offer"}
    operations.load_shipped(now=now)
    assert Template.objects.count() == shipped.count()
    for one in shipped:
        check_template(one.html)
