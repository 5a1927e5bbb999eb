"""A person is forgotten everywhere, and the accounting stays (SE-2)."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Sum

from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import seal, verify
from clientela.foundation.imports.models import Change
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payment
from clientela.modules.clients.models import (
    Attachment,
    Client,
    ContactPoint,
    IdentityDocument,
    Merge,
    Note,
    Tombstone,
)
from clientela.modules.clients.operations import add_document, create_client, update_client
from clientela.modules.clients.operations.merge_log import relations_to
from clientela.modules.clients.operations.merging import merge_clients
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contracts.imports.tests.helpers import bring_in
from clientela.modules.contracts.models import Participant, Policy, PolicyVersion
from clientela.modules.privacy import queries, rules
from clientela.modules.privacy.models import DataFile, Erasure
from clientela.modules.privacy.operations import (
    AlreadyAsked,
    CannotErase,
    WrongRule,
    ask_data,
    ask_erasure,
    confirm_erasure,
    keep_no_longer,
    refuse_erasure,
    set_keeping,
)
from clientela.modules.products.models import Product
from clientela.modules.requests.models import Request
from tests.personal.looking import places_of

SURNAME, PASSPORT, PHONE, INN = "Ксенофонтова", "9208616161", "+79170616161", "760307073214"
PERSONAL = (
    SURNAME,
    SURNAME.lower(),
    PASSPORT,
    "616161",
    PHONE,
    "ksenia.f@mail.example",
    INN,
    "Тайная улица",
    "поговорить лично",
)


@pytest.fixture
def ksenia(
    make_client: Callable[..., Client],
    make_policy: Callable[..., Policy],
    anna: User,
    osago: Product,
    now: datetime,
) -> Client:
    """A client whose last contract is over, with a bit of everything."""
    client = make_client(
        anna.agent, SURNAME, "Ксения", "Фёдоровна", sex="f", birth_date=date(1979, 3, 8), phone=PHONE,
        email="ksenia.f@mail.example",
    )  # fmt: skip
    client = update_client(
        actor=anna, now=now, client=client, version=1, details={"inn": INN, "snils": "08765430300"}
    )
    add_document(actor=anna, now=now, client=client, kind="passport", number=PASSPORT)
    twin = make_client(anna.agent, SURNAME, "К", phone="+79170616162")
    merge_clients(actor=None, now=now, kept=client, gone=twin)
    policy = make_policy(client, osago, number="ХХХ 0400000001", end=date(2026, 3, 1))
    Participant.objects.create(
        policy=policy, client=client, role="driver", name=client.name, birth_date=client.birth_date
    )
    PolicyVersion.objects.create(
        policy=policy, number=1, kind="issue", valid_from=date(2025, 3, 2), premium=5000, charged=5000, at=now,
        participants=[{"role": "driver", "name": client.name, "client_id": client.pk, "licence": "9912616161"}],
        terms={"answers": {"insured": [{"client_id": client.pk, "name": client.name}], "power": 90}},
    )  # fmt: skip
    Payment.objects.create(
        client=client,
        policy=policy,
        amount=Decimal("5000.00"),
        method="cash",
        paid_at=now,
        registered_by=anna,
        created_at=now,
    )
    Note.objects.create(client=client, text=f"{SURNAME}: поговорить лично", author=anna, created_at=now)
    stored = default_storage.save("clients/2026/11/scan.pdf", ContentFile(b"scan"))
    Attachment.objects.create(
        client=client, file=stored, name="скан.pdf", size=4, sha256="0" * 64, uploaded_at=now
    )
    Request.objects.create(
        client=client, name=SURNAME, phone=PHONE, text="поговорить лично", source="web", created_at=now, came_at=now,
        branch=client.branch,
    )  # fmt: skip
    return client


@pytest.fixture
def head(branch_head: User) -> User:
    return branch_head


def forget(client: Client, asks: User, confirms: User, now: datetime) -> Erasure:
    row = ask_erasure(actor=asks, now=now, client=client, reason=Erasure.Reason.WISH)
    return confirm_erasure(actor=confirms, now=now, erasure=row)


def test_every_table_that_names_a_client_has_its_fate() -> None:
    named = {f"{one.related_model._meta.label}.{one.field.name}" for one in relations_to(Client)}
    assert named == set(rules.FATES)


def test_nothing_is_left_and_the_money_stays(
    ksenia: Client, vera: Client, vera_policy: Policy, head: User, administrator: User, now: datetime,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:  # fmt: skip
    """Also where another person's contract names the one who is forgotten."""
    Participant.objects.create(policy=vera_policy, client=ksenia, role="driver", name=ksenia.name)
    PolicyVersion.objects.create(
        policy=vera_policy, number=1, kind="issue", valid_from=date(2025, 12, 6), premium=1, charged=1, at=now,
        participants=[{"role": "driver", "name": vera.name, "client_id": vera.pk}, {"name": ksenia.name, "client_id": ksenia.pk}],
    )  # fmt: skip
    seal(now=now)
    scan = Attachment.objects.get().file.name
    before = (
        Payment.objects.aggregate(Sum("amount")),
        Policy.objects.count(),
        Consent.objects.filter(client=ksenia).count(),
    )
    with django_capture_on_commit_callbacks(execute=True):
        row = forget(ksenia, head, administrator, now)
    assert places_of(*PERSONAL) == set()
    assert not default_storage.exists(scan)
    after = (
        Payment.objects.aggregate(Sum("amount")),
        Policy.objects.count(),
        Consent.objects.filter(client=ksenia).count(),
    )
    assert before == after
    card = Client.objects.get(pk=ksenia.pk)
    assert (card.name, card.erased_at, card.do_not_contact, card.birth_date) == ("—", now, True, None)
    versions = {one.policy_id: one for one in PolicyVersion.objects.all()}
    own = versions[Policy.objects.get(client=ksenia).pk]
    assert own.participants == [{"role": "driver", "name": "—", "client_id": ksenia.pk, "licence": None}]
    assert own.terms["answers"]["power"] == 90
    assert [one["name"] for one in versions[vera_policy.pk].participants] == [vera.name, "—"]
    assert (row.state, row.counts["clients.Note.client"]) == (Erasure.State.DONE, [1, 0])
    assert ContactPoint.objects.filter(client=vera).exists()
    # The journal stays a chain, and says who did it.
    seal(now=now)
    assert verify().broken_at == ""
    last = Entry.objects.filter(action="client.erased").get()
    assert (last.actor, last.object_name, last.object_id) == (administrator, str(ksenia.pk), ksenia.pk)


def test_nothing_is_taken_from_a_namesake(
    ksenia: Client,
    make_client: Callable[..., Client],
    anna: User,
    head: User,
    administrator: User,
    now: datetime,
) -> None:
    other = make_client(anna.agent, SURNAME, "Ксения", "Фёдоровна", phone="+79170616163")
    update_client(actor=anna, now=now, client=other, version=1, details={"language": "en"})
    assert other.name == ksenia.name
    of_other = Entry.objects.filter(object_type="clients.client", object_id=other.pk)
    before = list(of_other.values_list("changes", "object_name", "redacted_by"))
    assert any(changes for changes, _name, _by in before)
    forget(ksenia, head, administrator, now)
    assert list(of_other.values_list("changes", "object_name", "redacted_by")) == before


def test_a_redaction_that_nobody_vouches_for_breaks_the_chain(
    ksenia: Client, vera: Client, anna: User, head: User, administrator: User, now: datetime
) -> None:
    update_client(
        actor=anna, now=now, client=vera, version=vera.version, details={"sex": "f", "city": "Самара"}
    )
    seal(now=now)
    forget(ksenia, head, administrator, now)
    voucher = Entry.objects.get(action="client.erased")
    other = Entry.objects.filter(object_id=vera.pk).latest("pk")
    Entry.objects.filter(pk=other.pk).update(changes={}, redacted_by=voucher.pk)
    assert verify().broken_at.startswith("entry ")


def test_two_people_are_needed(
    ksenia: Client, anna: User, head: User, administrator: User, now: datetime
) -> None:
    with pytest.raises(PermissionDenied):
        ask_erasure(actor=anna, now=now, client=ksenia, reason=Erasure.Reason.WISH)
    row = ask_erasure(actor=head, now=now, client=ksenia, reason=Erasure.Reason.WISH)
    with pytest.raises(CannotErase):
        ask_erasure(actor=administrator, now=now, client=ksenia, reason=Erasure.Reason.WISH)
    with pytest.raises(CannotErase):
        confirm_erasure(actor=head, now=now, erasure=row)
    assert Client.objects.get(pk=ksenia.pk).last_name == SURNAME
    refuse_erasure(actor=administrator, now=now, erasure=row)
    with pytest.raises(CannotErase):
        confirm_erasure(actor=administrator, now=now, erasure=row)
    assert Client.objects.get(pk=ksenia.pk).last_name == SURNAME


def test_what_still_runs_is_in_the_way(
    vera_policy: Policy, head: User, boris_client: Client, now: datetime
) -> None:
    with pytest.raises(CannotErase, match="1"):
        ask_erasure(actor=head, now=now, client=vera_policy.client, reason=Erasure.Reason.WISH)
    with pytest.raises(PermissionDenied):
        ask_erasure(actor=head, now=now, client=boris_client, reason=Erasure.Reason.WISH)
    assert not Erasure.objects.exists()


def test_the_dry_run_says_what_goes_and_what_stays(ksenia: Client) -> None:
    plan = {one.label: (one.count, one.fate.deletes) for one in queries.plan_of(ksenia.pk)}
    assert plan["billing.Payment"] == (1, False)
    assert plan["contracts.Policy"] == (1, False)
    assert plan["clients.ContactPoint"] == (3, True)
    assert plan["clients.IdentityDocument"] == (1, True)
    assert Client.objects.get(pk=ksenia.pk).last_name == SURNAME


def test_a_file_does_not_bring_the_person_back(
    ksenia: Client, anna: User, head: User, administrator: User, now: datetime
) -> None:
    forget(ksenia, head, administrator, now)
    cards = Client.objects.count()
    rows = [
        {"name": f"{SURNAME} Ксения Фёдоровна", "passport": PASSPORT, "inn": "", "born": ""},
        {"name": f"{SURNAME} Ксения Фёдоровна", "passport": "", "inn": "", "born": "08.03.1979"},
        {"name": "Другая Ольга Ильинична", "passport": "", "inn": INN, "born": ""},
        {"name": "Новая Ольга Ильинична", "passport": "9208616160", "inn": "", "born": "08.03.1979"},
    ]
    run = bring_in(rows, now=now)
    assert (run.counts["created"], run.counts["refused"]) == (1, 3)
    assert Client.objects.count() == cards + 1
    assert {key.split("|")[0] for key in run.counts["problems"]} == {"erased_person"}
    # Who comes back by their own will is a client again, and the journal says so.
    back = create_client(
        actor=anna, now=now, details={"last_name": SURNAME, "first_name": "Ксения"},
        documents=[{"kind": "passport", "number": PASSPORT}],
    )  # fmt: skip
    assert Entry.objects.filter(action="client.came_back", object_id=back.pk).exists()
    assert bring_in(rows[:1], now=now, file_name="b.csv").counts["refused"] == 0


def test_all_data_of_a_person(
    ksenia: Client,
    vera: Client,
    head: User,
    anna: User,
    now: datetime,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with pytest.raises(PermissionDenied):
        ask_data(actor=anna, now=now, client=ksenia)
    row = ask_data(actor=head, now=now, client=ksenia)
    with pytest.raises(AlreadyAsked):
        ask_data(actor=head, now=now, client=ksenia)
    job = Job.objects.get(kind="privacy.export")
    assert run_next(worker="w", now=now + timedelta(minutes=1), lease=timedelta(minutes=1), only=job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.DONE, "")
    row.refresh_from_db()
    with row.file.open() as stored_file, zipfile.ZipFile(io.BytesIO(stored_file.read())) as archive:
        data = json.loads(archive.read("data.json"))
        page = archive.read("data.html").decode()
        assert [name for name in archive.namelist() if name.startswith("files/attachment")]
    assert data["clients.IdentityDocument"][0]["number"] == PASSPORT
    assert {one["value"] for one in data["clients.ContactPoint"]} == {
        PHONE,
        "+79170616162",
        "ksenia.f@mail.example",
    }
    assert data["billing.Payment"][0]["amount"] == "5000.00"
    assert PASSPORT in page
    assert vera.name not in page
    assert "Удостоверения личности" in page
    stored = row.file.name
    with django_capture_on_commit_callbacks(execute=True):
        assert keep_no_longer(now=row.expires_at)["data_files"] == 1
    assert not default_storage.exists(stored)
    assert not DataFile.objects.exists()


def test_what_is_kept_too_long_is_proposed(
    ksenia: Client, vera: Client, administrator: User, head: User, now: datetime
) -> None:
    assert keep_no_longer(now=now).get("past_clients") is None
    with pytest.raises(PermissionDenied):
        set_keeping(actor=head, now=now, code="past_clients", days=100, acts=True)
    with pytest.raises(WrongRule):
        set_keeping(actor=administrator, now=now, code="past_clients", days=-1, acts=True)
    set_keeping(actor=administrator, now=now, code="past_clients", days=100, acts=True)
    set_keeping(actor=administrator, now=now, code="prospects", days=365, acts=True)
    later = now + timedelta(days=101)
    assert keep_no_longer(now=later)["past_clients"] == 1
    row = Erasure.objects.get(client_card=ksenia.pk)
    assert (row.reason, row.asked_by) == (Erasure.Reason.RETENTION, None)
    # Вера never bought anything here, and nobody touched her card for more than a year.
    assert {one.client_card for one in Erasure.objects.all()} == {ksenia.pk, vera.pk}
    assert keep_no_longer(now=later + timedelta(days=1))["past_clients"] == 0
    confirm_erasure(actor=head, now=later, erasure=row)
    assert Client.objects.get(pk=ksenia.pk).erased_at == later


@pytest.mark.usefixtures("osago")
def test_files_of_imports_go_when_they_cannot_be_undone(
    vera: Client, now: datetime, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    rows = [
        {"name": vera.name, "phone": "+79170004108", "inn": INN},
        {"name": "Х", "phone": "12", "inn": "1"},
    ]
    run = bring_in(rows, now=now)
    assert run.undo_until is not None
    assert Change.objects.filter(run=run).exists()
    stored, folder = run.file.name, run.folder
    assert keep_no_longer(now=run.undo_until + timedelta(days=13))["import_files"] == 0
    assert default_storage.exists(stored)
    with django_capture_on_commit_callbacks(execute=True):
        assert keep_no_longer(now=run.undo_until + timedelta(days=15))["import_files"] == 1
    assert not default_storage.exists(stored)
    assert not folder.exists()
    assert not Change.objects.filter(run=run).exists()
    run.refresh_from_db()
    assert (run.file.name, run.counts["changed"]) == ("", 1)
    assert Message.objects.count() == Tombstone.objects.count() == Merge.objects.count() == 0
    assert IdentityDocument.objects.count() == 0
