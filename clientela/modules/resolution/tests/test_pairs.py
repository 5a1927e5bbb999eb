"""A run over the base, and what people decide about a pair."""

from datetime import date, timedelta

import polars as pl
import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.modules.clients.models import Client, IdentityDocument
from clientela.modules.resolution.models import Pair
from clientela.modules.resolution.operations import AlreadyDecided, accept, take_back, tell_apart

LEASE = timedelta(minutes=5)


@pytest.fixture
def again(make_client, anna, vera):
    """Vera once more: in Latin letters, married since, the same phone and day of birth."""
    return make_client(
        anna.agent, "Зорина", "Vera", "Nikolaevna", sex="f", birth_date=vera.birth_date,
        phone="+79170004108", email="vera.orlova@mail.example",
    )  # fmt: skip


@pytest.fixture
def sister(make_client, anna):
    """Vera's sister: surname, patronymic and phone are the family's."""
    return make_client(
        anna.agent, "Орлова", "Нина", "Николаевна", sex="f", birth_date=date(1986, 9, 2), phone="+79170004108"
    )


@pytest.fixture
def find(now):
    def run():
        job = enqueue(kind="resolution.find", title="x", now=now)
        run_next(worker="w", now=now, lease=LEASE, only=job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error
        return job.result

    return run


@pytest.fixture
def pair(vera, again, sister, boris_client, find):
    find()
    return Pair.objects.get()


def test_a_married_woman_is_found_and_her_sister_is_not(pair, vera, again):
    assert (pair.low_card, pair.high_card) == (vera.pk, again.pk)
    how = {name: level for name, level, bits in pair.terms}
    assert (how["last"], how["first"], how["birth"], how["phones"]) == ("maiden", "same", "same", "same")


def test_a_second_run_adds_nothing(pair, find):
    assert find()["pairs"] == 1
    assert Pair.objects.get().pk == pair.pk


def test_a_card_that_changed_is_no_question_any_more(pair, again, find):
    Client.objects.filter(pk=again.pk).update(birth_date=date(1961, 10, 27))
    find()
    assert not Pair.objects.exists()


def test_never_the_same_is_remembered(pair, administrator, find, now):
    tell_apart(actor=administrator, now=now, pair=pair)
    find()
    kept = Pair.objects.get()
    assert (kept.state, kept.decided_by) == (Pair.State.DIFFERENT, administrator)
    with pytest.raises(AlreadyDecided):
        accept(actor=administrator, now=now, pair=pair, kept=pair.low_card)


def test_made_one_and_two_again(pair, administrator, again, find, now):
    merge = accept(actor=administrator, now=now, pair=pair, kept=pair.low_card)
    assert not Client.objects.filter(pk=again.pk).exists()
    find()
    pair.refresh_from_db()
    assert (pair.state, pair.merge) == (Pair.State.MERGED, merge)
    take_back(actor=administrator, now=now, pair=pair)
    assert Client.objects.filter(pk=again.pk).exists()
    assert Pair.objects.open().get() == pair


def test_a_pair_is_seen_and_decided_only_with_both_cards_in_reach(pair, boris, anna, administrator, now):
    assert pair in Pair.objects.visible_to(administrator)
    assert not Pair.objects.visible_to(boris).exists()
    with pytest.raises(PermissionDenied):
        tell_apart(actor=boris, now=now, pair=pair)


def test_no_number_leaves_the_base_in_plain(vera, again, find, monkeypatch):
    from clientela.modules.resolution.operations import finding

    usual, told = finding._linking, []

    def linking(folder, subject, model):
        told.extend(one for file in folder.glob("*.parquet") for one in pl.read_parquet(file).to_dicts())
        return usual(folder, subject, model)

    monkeypatch.setattr(finding, "_linking", linking)
    IdentityDocument.objects.create(client=vera, kind="passport", number="9208123456")
    find()
    text = str(told)
    assert "орлова" in text
    for plain in ("9170004108", "vera.orlova", "9208123456"):
        assert plain not in text
    by_card = {one["unique_id"]: one for one in told}
    assert by_card[vera.pk]["phones"] == by_card[again.pk]["phones"] != []
    find()
    assert told[len(by_card)]["phones"] != told[0]["phones"]  # another run, another key
