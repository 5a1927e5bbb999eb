"""A withdrawal takes everything away at once: every table and every kept file is searched for the value."""

import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files import File
from django.db import connection, transaction
from django.utils import timezone

from clientela.foundation.imports import operations as imports
from clientela.foundation.imports.models import ImportRun, RowError
from clientela.modules.clients.operations import merge_clients, separate_clients, set_do_not_contact
from clientela.modules.contacts.models import Consent
from clientela.modules.contracts.imports.tests.helpers import undo, work
from clientela.modules.group.models import Fact, Refused, Waiting
from clientela.modules.group.operations.consents import give_consent, take_back
from clientela.modules.group.operations.forgetting import expire
from clientela.modules.group.operations.taking import take_in
from clientela.modules.group.rules import Told, Why
from clientela.modules.group.tests.conftest import PASSPORT

SECRET = "7654321"
HEAD = "ФИО;Дата рождения;Паспорт;Телефон;На дату;Ипотека в банке группы;Остаток по ипотеке\n"
VERA = f"Орлова Вера Николаевна;12.04.1984;{PASSPORT};+79170004108;10.11.2026;да;{SECRET}\n"
STRANGER = f"Зимин Глеб Петрович;30.08.1979;4500111222;;10.11.2026;да;{SECRET}\n"
WRONG = f"Орлова Вера Николаевна;32.04.1984;{PASSPORT};;10.11.2026;да;{SECRET}\n"
TWIN = f"Орлова Вера Николаевна;;;+79170004108;10.11.2026;да;{SECRET}\n"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def taken(text, *, actor=None, now=None, state="run"):
    """A file of the bank with its columns as they are guessed, checked or brought in."""
    now = now or timezone.now()
    run = imports.start_run(
        actor=actor,
        now=now,
        target="group",
        file=File(io.BytesIO(text.encode()), name="bank.csv"),
        file_name="bank.csv",
    )
    run = imports.set_definition(
        actor=actor,
        now=now,
        run=run,
        definition=run.mapping["definition"],
        answers={"company": "bank"},
        source="bank",
    )
    if state == "open":
        return run
    ask = imports.request_check if state == "check" else imports.request_run
    work(ask(actor=actor, now=now, run=run))
    run.refresh_from_db()
    return run


def found_in_base(secret):
    """Tables in which a value stands, whatever the column."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            if any(secret in str(value) for row in cursor.fetchall() for value in row):
                found.add(table)
    return found


def found_in_files(secret):
    """Files below the media folder that hold a value; Parquet is read, not searched as bytes."""
    import polars as pl

    found = []
    for path in settings.MEDIA_ROOT.rglob("*"):
        if path.suffix == ".parquet":
            text = str(pl.read_parquet(path).rows())
        else:
            text = path.read_bytes().decode(errors="ignore") if path.is_file() else ""
        if secret in text:
            found.append(path.name)
    return found


def test_columns_are_guessed_by_the_titles_of_kinds(bank, text):
    run = taken(HEAD + VERA, state="open")
    assert {code: how["from"] for code, how in run.mapping["definition"]["fields"].items()} == {
        "person.full_name": "ФИО", "person.birth_date": "Дата рождения", "person.passport": "Паспорт",
        "person.phone": "Телефон", "as_of": "На дату", "fact.mortgage": "Ипотека в банке группы",
        "fact.mortgage_debt": "Остаток по ипотеке",
    }  # fmt: skip


def test_a_rehearsal_writes_nothing_and_tells_what_would_be(agreed, bank):
    run = taken(HEAD + VERA + STRANGER, state="check")
    assert (run.check_result["created"], run.check_result["same"], run.check_result["facts_created"]) == (
        1,
        1,
        2,
    )
    assert not Fact.objects.exists()
    assert not Refused.objects.exists()


def test_a_file_is_brought_in_and_undone(agreed, bank):
    run = taken(HEAD + VERA + STRANGER + WRONG)
    assert run.state == ImportRun.State.DONE
    assert {name: run.counts[name] for name in ("created", "same", "refused")} == {
        "created": 1,
        "same": 1,
        "refused": 1,
    }
    assert sorted(Fact.objects.values_list("kind__code", "value")) == [
        ("mortgage", "yes"),
        ("mortgage_debt", f"{SECRET}.00"),
    ]
    assert {(one.kind, one.why, one.facts) for one in Refused.objects.all()} == {
        ("mortgage", Why.NOBODY.value, 1), ("mortgage_debt", Why.NOBODY.value, 1),
    }  # fmt: skip
    undone = undo(run)
    assert not Fact.objects.exists()
    assert undone.undo_result["deleted"]["group.fact"] == 2


def test_of_an_import_that_is_over_only_the_facts_are_kept(agreed, bank):
    taken(HEAD + VERA + STRANGER + WRONG)
    assert found_in_base(SECRET) == {"group_fact"}
    assert found_in_files(SECRET) == []


def sealed_of_imports() -> str:
    """What imports keep encrypted, where no search of the base finds it."""
    runs = ImportRun.objects.values_list("mapping", "check_result")
    return repr([*runs, *RowError.objects.values_list("value", "fixed")])


@pytest.mark.parametrize("how", ["withdrawal", "do not contact"])
def test_nothing_is_left_anywhere(agreed, bank, how):
    now = timezone.now()
    taken(HEAD + VERA)
    taken(HEAD + VERA + WRONG, state="check")
    with transaction.atomic():
        take_in(now=now, company=bank, via="api", told=[
            Told(1, now.date(), {"mortgage_debt": SECRET}, name_key="орлова вера", phone="+79170004108", name=SECRET)
        ])  # fmt: skip
    assert Waiting.objects.count() == 1
    assert found_in_base(SECRET) >= {"group_fact"}
    assert SECRET in sealed_of_imports()
    if how == "withdrawal":
        assert take_back(actor=None, now=now, client=agreed, via="own pages") == 1
    else:
        set_do_not_contact(actor=None, now=now, client=agreed, value=True)
    assert found_in_base(SECRET) == set()
    assert SECRET not in sealed_of_imports()
    assert not Fact.objects.exists()
    assert not Waiting.objects.exists()
    assert not Consent.objects.filter(purpose="group_data", withdrawn_at=None).exists()
    # The file that nobody brought in yet: read now it keeps nothing, left alone it goes within a day.
    expire(now=timezone.now() + timedelta(days=1, minutes=1))
    assert found_in_files(SECRET) == []


def test_a_withdrawal_that_fails_takes_nothing_away(agreed, bank):
    taken(HEAD + VERA)

    def fail():
        with transaction.atomic():
            take_back(actor=None, now=timezone.now(), client=agreed, via="own pages")
            assert not Fact.objects.exists()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert Fact.objects.count() == 2
    assert Consent.objects.filter(purpose="group_data", withdrawn_at=None).exists()


def test_an_open_file_read_after_the_withdrawal_brings_nothing(agreed, bank):
    run = taken(HEAD + VERA, state="check")
    take_back(actor=None, now=timezone.now(), client=agreed, via="own pages")
    run.refresh_from_db()
    assert run.state == ImportRun.State.MAPPING
    work(imports.request_run(actor=None, now=timezone.now(), run=run))
    assert not Fact.objects.exists()
    assert found_in_base(SECRET) == set()
    assert found_in_files(SECRET) == []


def test_a_merge_keeps_values_out_of_its_log_and_minds_the_other_cards_word(agreed, bank, make_client, anna):
    now = timezone.now()
    other = make_client(anna.agent, "Орлова", "Вера", "Н", phone="+79170009999")
    give_consent(actor=None, now=now, client=other, source="paper")
    taken(HEAD + VERA)
    merge = merge_clients(actor=None, now=now, kept=other, gone=agreed)
    assert set(Fact.objects.values_list("client", flat=True)) == {other.pk}
    assert found_in_base(SECRET) == {"group_fact"}
    separate_clients(actor=None, now=now, merge=merge)
    assert set(Fact.objects.values_list("client", flat=True)) == {agreed.pk}
    assert set(Fact.objects.values_list("consent__client", flat=True)) == {agreed.pk}
    take_back(actor=None, now=now + timedelta(minutes=1), client=other, via="paper")
    merge_clients(actor=None, now=now, kept=other, gone=agreed)
    assert not Fact.objects.exists()
    assert found_in_base(SECRET) == set()
