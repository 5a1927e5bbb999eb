"""Companies beside people in one run: spellings of one come together, those of a holding do not."""

from datetime import timedelta

import pytest

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.modules.clients.models import Address, Client, ContactPoint
from clientela.modules.resolution.models import DueCard, LinkModel, Pair
from clientela.modules.resolution.operations import Comparer, accept, take_back, tell_apart

INN = "7827004526"


@pytest.fixture
def find(now):
    def run():
        job = enqueue(kind="resolution.find", title="x", now=now)
        run_next(worker="w", now=now, lease=timedelta(minutes=5), only=job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error
        return job.result

    return run


@pytest.fixture
def make_company(make_client, anna, now):
    def make(name, phone="", email="", street="", **fields):
        company = make_client(anna.agent, name, kind="company", company_name=name, city="Казань", **fields)
        for kind, value in (("phone", phone), ("email", email)):
            if value:
                ContactPoint.objects.create(client=company, kind=kind, value=value, created_at=now)
        if street:
            Address.objects.create(client=company, city="Казань", street=street, postal_code="420015")
        return company

    return make


@pytest.fixture
def camomile(make_company):
    return make_company(
        "ООО «Ромашка»", inn=INN, ogrn="1027812400868", phone="+78432000001", email="info@romashka.example",
        street="ул. Мира, д. 5, оф. 3",
    )  # fmt: skip


@pytest.fixture
def again(make_company):
    """The same company, as a partner's file wrote it."""
    return make_company(
        'Общество с ограниченной ответственностью "Romashka"', phone="+78432000001", street="улица Мира 5-3"
    )


@pytest.fixture
def sister(make_company):
    """Of the same holding: phone, address, domain and half of the name are shared, the numbers are not."""
    return make_company(
        "ООО «Ромашка Сервис»", inn="1655000001", phone="+78432000001", email="service@romashka.example",
        street="ул. Мира, д. 5, оф. 3",
    )  # fmt: skip


@pytest.fixture
def pair(camomile, again, sister, vera, boris_client, find):
    find()
    return Pair.objects.get()


def test_another_spelling_is_found_and_a_company_of_the_holding_is_not(pair, camomile, again):
    assert (pair.low_card, pair.high_card) == (camomile.pk, again.pk)
    assert pair.model.kind == Client.Kind.COMPANY
    how = {name: level for name, level, _bits in pair.terms}
    assert how == {"name": "same", "form": "same", "phones": "same", "address": "same", "place": "same"}


def test_one_inn_makes_one_company_whatever_it_is_called(make_company, camomile, find):
    renamed = make_company("АО «Василёк»", inn=INN)
    find()
    found = Pair.objects.get()
    assert (found.low_card, found.high_card) == (camomile.pk, renamed.pk)
    assert {name: how for name, how, _bits in found.terms}["inn"] == "same"


def test_two_companies_of_one_name_are_two(make_company, camomile, find):
    make_company("ООО «Ромашка»", inn="1655000001", phone="+78432000001", street="ул. Мира, д. 5, оф. 3")
    find()
    assert not Pair.objects.exists()


def test_each_kind_has_its_model_and_its_report(pair):
    models = {row.kind: row for row in LinkModel.objects.filter(is_active=True)}
    assert set(models) == {"person", "company"}
    first = models["company"].report["expected"][0]
    assert (first["from"], first["pairs"]) == (0.5, 1)
    assert first["precision"] > 0.9
    assert 0.5 <= models["company"].report["threshold"] <= 1


def test_made_one_with_all_it_has_and_two_again(pair, camomile, again, administrator, find, now):
    merge = accept(actor=administrator, now=now, pair=pair, kept=camomile.pk)
    kept = Client.objects.get(pk=camomile.pk)
    assert (kept.company_name, kept.inn, kept.ogrn) == ("ООО «Ромашка»", INN, "1027812400868")
    assert not Client.objects.filter(pk=again.pk).exists()
    assert kept.addresses.count() == 2
    find()
    pair.refresh_from_db()
    assert (pair.state, pair.merge) == (Pair.State.MERGED, merge)
    take_back(actor=administrator, now=now, pair=pair)
    back = Client.objects.get(pk=again.pk)
    assert (back.company_name, back.inn) == (again.company_name, "")
    assert Address.objects.get(client=back).street == "улица Мира 5-3"
    assert ContactPoint.objects.get(client=back).value == "+78432000001"
    assert Pair.objects.open().get() == pair


def test_the_card_without_numbers_may_stay_and_gets_them(pair, camomile, again, administrator, now):
    accept(actor=administrator, now=now, pair=pair, kept=again.pk)
    kept = Client.objects.get(pk=again.pk)
    assert (kept.inn, kept.ogrn) == (INN, "1027812400868")


def test_never_the_same_is_remembered(pair, administrator, find, now):
    tell_apart(actor=administrator, now=now, pair=pair)
    find()
    assert Pair.objects.get().state == Pair.State.DIFFERENT


def test_a_changed_company_waits_for_the_whole_run_and_keeps_its_pairs(pair, camomile, now):
    DueCard.objects.create(card=camomile.pk)
    comparer = Comparer()
    assert comparer.turn(now=now) == 1
    comparer.close()
    assert Pair.objects.open().get() == pair


def test_no_number_leaves_the_base_in_plain(camomile, again, find, monkeypatch):
    import polars as pl

    from clientela.modules.resolution.operations import finding

    usual, told = finding._linking, []

    def linking(folder, subject, model):
        told.extend(one for file in folder.glob("*.parquet") for one in pl.read_parquet(file).to_dicts())
        return usual(folder, subject, model)

    monkeypatch.setattr(finding, "_linking", linking)
    find()
    text = str(told)
    assert "ромашка" in text
    for plain in (INN, "1027812400868", "8432000001", "romashka.example", "мира"):
        assert plain not in text
