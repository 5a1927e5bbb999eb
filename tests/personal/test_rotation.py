"""Keys of personal data change while people work, and what was kept before sealing is sealed (SE-2)."""

import base64
from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from clientela.foundation import keyring, rotation
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import resume
from clientela.foundation.sealed_fields import sealed_of
from clientela.modules.accounts.models import User
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.clients.models import Client, IdentityDocument, Merge
from clientela.modules.clients.operations import add_document, update_client
from clientela.modules.clients.operations.cards import DocumentTaken
from clientela.modules.clients.queries import documents_by_number, inn_is
from tests.personal.looking import places_of

NEW = "n1:" + base64.b64encode(b"n" * 32).decode()
OTHER = "n2:" + base64.b64encode(b"o" * 32).decode()
NUMBERS = [f"92081041{n:02}" for n in range(7)]
INN = "760307073214"


@pytest.fixture
def papers(vera: Client, anna: User, now: datetime) -> Client:
    for number in NUMBERS:
        add_document(actor=anna, now=now, client=vera, kind="passport", number=number)
    update_client(
        actor=anna, now=now, client=vera, version=vera.version, details={"inn": INN, "snils": "08765430300"}
    )
    Merge.objects.create(
        kept_card=vera.pk, gone_card=999, gone_name="", steps=[{"row": NUMBERS[0]}], made_at=now
    )
    Lookup.objects.create(
        driver_key="k", on=date(2026, 12, 1), last_name="О", first_name="В", birth_date=date(1984, 4, 12),
        licence="9912345678", created_at=now,
    )  # fmt: skip
    return vera


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)


def marks() -> set[str]:
    """The names of all keys that are in use."""
    found = set()
    for model in rotation.models_with_secrets():
        for field in sealed_of(model):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT CAST({field.column} AS text) FROM {model._meta.db_table}")
                texts = [text.strip('"') for (text,) in cursor.fetchall() if text]
            found |= {text.split(":")[1] for text in texts if keyring.is_sealed(text)}
    return found


def whole(vera: Client) -> None:
    row = Client.objects.get(inn_is(INN))
    assert (row.pk, row.inn, row.snils) == (vera.pk, INN, "08765430300")
    assert sorted(one.number for one in IdentityDocument.objects.all()) == NUMBERS
    assert [documents_by_number(number).count() for number in NUMBERS] == [1] * 7
    assert Merge.objects.get().steps == [{"row": NUMBERS[0]}]
    assert Lookup.objects.get().licence == "9912345678"


@pytest.mark.usefixtures("small")
def test_a_new_key_and_the_old_one_dropped(papers: Client, anna: User, now: datetime) -> None:
    assert marks() == {"secret"}
    with override_settings(DATA_KEYS=f"{NEW},secret"):
        whole(papers)
        with pytest.raises(DocumentTaken):
            add_document(actor=anna, now=now, client=papers, kind="passport", number=NUMBERS[0])
        with pytest.raises(CommandError, match="keep every key"):
            call_command("rotate_keys", "--check", stdout=StringIO())
        said = StringIO()
        call_command("rotate_keys", stdout=said)
        assert "drop secret" in said.getvalue()
        whole(papers)
    assert marks() == {"n1"}
    with override_settings(DATA_KEYS=NEW):
        whole(papers)
    with override_settings(DATA_KEYS=OTHER), pytest.raises(keyring.Unreadable):
        Client.objects.get(pk=papers.pk)


@pytest.mark.usefixtures("small")
def test_cut_in_the_middle_it_goes_on(papers: Client, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    with override_settings(DATA_KEYS=f"{NEW},secret"):
        real, batches = rotation.reseal, []

        def dies(model: Any, after: int = 0) -> rotation.Batch:
            if len([one for one in batches if one[0] == IdentityDocument]) == 2:
                raise KeyboardInterrupt
            batches.append((model, after))
            return real(model, after)

        monkeypatch.setattr(rotation, "reseal", dies)
        with pytest.raises(KeyboardInterrupt):
            call_command("rotate_keys", stdout=StringIO())
        job = Job.objects.get(kind=rotation.KIND)
        assert job.checkpoint["table"] == "clients.IdentityDocument"
        assert rotation.waiting(IdentityDocument) == 1
        assert marks() == {"secret", "n1"}
        whole(papers)
        seen: list[Any] = []
        monkeypatch.setattr(
            rotation, "reseal", lambda model, after=0: seen.append(model) or real(model, after)
        )
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now(), state=Job.State.PAUSED)
        job.refresh_from_db()
        resume(job, now=timezone.now())
        call_command("rotate_keys", stdout=StringIO())
        # What was done before is not gone through again.
        assert Client not in seen
        whole(papers)
    assert marks() == {"n1"}


def test_what_somebody_writes_meanwhile_stays(papers: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    real = rotation._anew
    written = []

    def late(model: Any, row: dict[str, Any]) -> list[str | None]:
        if model is Client and not written:
            written.append(1)
            client = Client.objects.get(pk=papers.pk)
            client.snils = "11223344595"
            client.save(update_fields=["snils"])
        return real(model, row)

    monkeypatch.setattr(rotation, "_anew", late)
    with override_settings(DATA_KEYS=f"{NEW},secret"):
        rotation.seal_table(Client)
        assert Client.objects.get(pk=papers.pk).snils == "11223344595"


def test_rows_from_before_sealing(papers: Client) -> None:
    IdentityDocument.objects.exclude(pk=IdentityDocument.objects.latest("pk").pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clients_identitydocument SET number = '9208777777', number_index = ''")
        cursor.execute("UPDATE clients_client SET inn = '760307073214', inn_index = ''")
        cursor.execute("""UPDATE clients_merge SET steps = '[{"row": "9208777777"}]'""")
    assert {one.number for one in IdentityDocument.objects.all()} == {"9208777777"}
    assert Merge.objects.get().steps == [{"row": "9208777777"}]
    assert rotation.waiting(IdentityDocument) == 1
    assert [rotation.seal_table(one) for one in (IdentityDocument, Client, Merge)] == [1, 1, 1]
    assert rotation.seal_table(IdentityDocument) == 0
    assert documents_by_number("9208777777").get().number == "9208777777"
    assert Client.objects.get(inn_is(INN)).pk == papers.pk
    assert places_of("9208777777", INN) == set()


def test_a_value_that_was_changed_is_not_believed() -> None:
    sealed = keyring.seal("9208104141", "a")
    assert keyring.unseal(sealed, "a") == "9208104141"
    assert keyring.seal("9208104141", "a") != sealed
    broken = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    for text, purpose in ((broken, "a"), (sealed, "b"), ("v1:none:AAAA", "a")):
        with pytest.raises(keyring.Unreadable):
            keyring.unseal(text, purpose)


@pytest.mark.parametrize(
    "written", ["n1", "n1:short", f"{NEW},{NEW}", f"secret:{NEW[3:]}", f"Ключ:{NEW[3:]}", ","]
)
def test_a_ring_that_is_none(written: str) -> None:
    with override_settings(DATA_KEYS=written), pytest.raises(ImproperlyConfigured):
        keyring.ring()


def test_an_index_is_of_its_key_and_purpose() -> None:
    with override_settings(DATA_KEYS=f"{NEW},{OTHER}"):
        first, second = keyring.blinds("1", "a")
        assert keyring.blind("1", "a") == first != second
        assert keyring.blind("1", "b") not in (first, second)
        assert len(first) == 22
