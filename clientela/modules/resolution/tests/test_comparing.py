"""Each new or changed card against the base: found at once, as the whole run would, and never lost."""

from contextlib import closing
from datetime import timedelta

import pytest
from django.db import transaction

from clientela.foundation.bulk import listed
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument
from clientela.modules.clients.operations import (
    add_contact_point,
    add_note,
    create_client,
    separate_clients,
    update_client,
)
from clientela.modules.resolution.handlers import on_import
from clientela.modules.resolution.models import BaseShape, CardKeys, DueCard, Pair
from clientela.modules.resolution.near import KeyMaker
from clientela.modules.resolution.operations import Comparer, accept, comparing, keys, tell_apart
from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.rules import traits
from clientela.modules.resolution.tests.generated import base

LEASE = timedelta(minutes=5)
VERA = {"last_name": "Зорина", "first_name": "Vera", "middle_name": "Nikolaevna", "sex": "f"}


@pytest.fixture
def find(now):
    def run():
        job = enqueue(kind="resolution.find", title="x", now=now)
        run_next(worker="w", now=now, lease=LEASE, only=job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error

    return run


@pytest.fixture
def comparer():
    one = Comparer()
    yield one
    one.close()


@pytest.fixture
def turn(comparer, now):
    return lambda: comparer.turn(now=now)


@pytest.fixture
def again(vera, boris_client, find, anna, now):
    """Vera once more, in a base that a whole run has seen."""
    find()
    details = VERA | {"birth_date": vera.birth_date}
    return create_client(actor=anna, now=now, details=details, contacts=[("phone", "+79170004108")])


def test_a_new_card_is_found_without_a_whole_run(again, vera, turn):
    assert turn() > 0
    pair = Pair.objects.get()
    assert (pair.low_card, pair.high_card) == (vera.pk, again.pk)
    assert {name: how for name, how, _bits in pair.terms}["last"] == "maiden"
    assert not DueCard.objects.exists()
    assert turn() == 0


def test_the_note_stands_or_falls_with_the_change(again, turn, anna, now):
    turn()
    with transaction.atomic():
        add_contact_point(actor=anna, now=now, client=again, kind="phone", value="+79170009999")
        assert DueCard.objects.exists()
        transaction.set_rollback(True)
    assert not DueCard.objects.exists()


def test_a_change_that_parts_them_takes_the_question_away(again, turn, anna, now):
    turn()
    born = {"birth_date": again.birth_date.replace(year=1961, month=3, day=2)}
    update_client(actor=anna, now=now, client=again, version=again.version, details=born)
    turn()
    assert not Pair.objects.exists()


def test_what_is_not_compared_makes_nothing_anew(again, turn, anna, now):
    turn()
    Pair.objects.all().delete()
    add_note(actor=anna, now=now, client=again, text="Звонить вечером")
    assert turn() > 0
    assert not Pair.objects.exists()


def test_what_people_decided_stays(again, turn, administrator, anna, now):
    turn()
    tell_apart(actor=administrator, now=now, pair=Pair.objects.get())
    add_contact_point(actor=anna, now=now, client=again, kind="email", value="vera@mail.example")
    turn()
    assert Pair.objects.get().state == Pair.State.DIFFERENT


def test_a_merged_card_is_looked_at_no_more_and_again_when_it_is_back(
    again, vera, turn, administrator, anna, now
):
    turn()
    merge = accept(actor=administrator, now=now, pair=Pair.objects.get(), kept=vera.pk)
    turn()
    assert not CardKeys.objects.filter(pk=again.pk).exists()
    separate_clients(actor=administrator, now=now, merge=merge)
    turn()
    assert CardKeys.objects.filter(pk=again.pk).exists()


def test_a_worker_that_dies_leaves_the_card_due(again, turn, monkeypatch, now):
    def die(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Comparer, "_write", die)
        with pytest.raises(KeyboardInterrupt):
            turn()
    assert DueCard.objects.exists()
    assert not Pair.objects.exists()
    with closing(Comparer()) as other:
        assert other.turn(now=now) > 0
    assert Pair.objects.count() == 1


def test_two_workers_write_once_and_the_late_one_nothing(again, turn, comparer, monkeypatch, now):
    usual = Comparer._compare

    def late(self, fresh, rows):
        found = usual(self, fresh, rows)
        if self is not comparer:
            comparer.turn(now=now)
            Pair.objects.all().delete()  # seen if the late one wrote
        return found

    monkeypatch.setattr(Comparer, "_compare", late)
    with closing(Comparer()) as other:
        assert other.turn(now=now) > 0
    assert not Pair.objects.exists()
    assert not DueCard.objects.exists()


def test_before_the_first_run_over_the_base_one_is_queued_and_nothing_is_lost(vera, anna, turn, find, now):
    create_client(actor=anna, now=now, details=VERA)
    assert (turn(), turn()) == (0, 0)
    assert Job.objects.filter(kind="resolution.find").count() == 1
    Job.objects.all().delete()
    assert DueCard.objects.exists()
    find()
    assert not DueCard.objects.exists()


def test_of_very_many_due_cards_the_whole_run_is_told(again, turn):
    DueCard.objects.bulk_create(DueCard(card=again.pk) for _ in range(comparing.FEW + 1))
    assert turn() == 0
    job = Job.objects.get(kind="resolution.find", state=Job.State.QUEUED)
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    assert turn() > 0  # once an hour: until then one by one


def test_during_a_whole_run_single_cards_wait(again, turn):
    Job.objects.filter(kind="resolution.find").update(state=Job.State.RUNNING)
    assert turn() == 0
    Job.objects.filter(kind="resolution.find").update(state=Job.State.DONE)
    assert turn() > 0


def test_what_came_while_a_whole_run_looked_is_left_to_its_turn(
    vera, anna, find, make_client, monkeypatch, now
):
    from clientela.modules.resolution.operations import finding

    usual = finding._export

    def export(run, folder, subject):
        cards = usual(run, folder, subject)
        create_client(actor=anna, now=now, details=VERA)
        return cards

    monkeypatch.setattr(finding, "_export", export)
    find()
    assert DueCard.objects.count() == 2


def test_an_import_makes_its_cards_due(vera, boris_client, make_client, anna, find, now):
    find()
    run = ImportRun.objects.create(target="portfolio", file_name="x", file_size=1, created_at=now)
    made = make_client(anna.agent, "Зорина", "Вера")
    Client.objects.filter(pk=made.pk).update(import_run=run)
    ContactPoint.objects.create(
        client=boris_client, kind="phone", value="+79990000001", created_at=now, import_run=run
    )
    run.changes.create(table="clients_client", object_id=vera.pk)
    DueCard.objects.all().delete()
    event = type("Imported", (), {"import_run_id": run.pk})()
    on_import(event, now=now)
    assert sorted(DueCard.objects.values_list("card", flat=True)) == sorted(
        [made.pk, boris_client.pk, vera.pk]
    )


# --- as the whole run would --------------------------------------------------------------------------


@pytest.fixture
def many(anna, now):
    """A base with families, second cards and a telephone that sixty people share."""
    made = base(260, seed=3).cards
    owner = {"agent": anna.agent, "branch": anna.agent.branch, "created_at": now, "updated_at": now}
    people = Client.objects.bulk_create(
        Client(
            last_name=row["last"], first_name=row["first"], middle_name=row["middle"], birth_date=row["birth"],
            name_key=row["last"].lower(), **owner,
        )
        for row in made
    )  # fmt: skip
    points = [
        ("phone", card, value)
        for place, (card, row) in enumerate(zip(people, made, strict=True))
        for value in row["phones"] + (["+79000000000"] if place < 60 else [])
    ] + [("email", card, value) for card, row in zip(people, made, strict=True) for value in row["emails"]]
    ContactPoint.objects.bulk_create(
        ContactPoint(client=card, kind=kind, value=value, created_at=now) for kind, card, value in points
    )
    IdentityDocument.objects.bulk_create(
        IdentityDocument(client=card, kind="passport", number=number.partition(":")[2])
        for card, row in zip(people, made, strict=True)
        for number in row["documents"]
    )
    Address.objects.bulk_create(
        Address(client=card, city=row["city"], street=row["address"], postal_code=row["postal"])
        for card, row in zip(people, made, strict=True)
    )
    return people


def told():
    rows = Pair.objects.values_list("low_card", "high_card", "probability", "weight", "terms", "certain")
    return {(low, high): rest for low, high, *rest in rows}


def test_card_by_card_ends_with_the_pairs_and_weights_of_the_whole_run(many, find, turn):
    find()
    whole = told()
    assert len(whole) > 80
    assert BaseShape.objects.get().cards == len(many)
    Pair.objects.all().delete()
    # What only single cards write is not there yet.
    assert not CardKeys.objects.exclude(compared=None).exists()
    step = 15
    for start in range(0, len(many), step):
        DueCard.objects.bulk_create(DueCard(card=card.pk) for card in many[start : start + step])
        assert turn() == len(many[start : start + step])
    single = told()
    assert single.keys() == whole.keys()
    for pair, (probability, weight, terms, certain) in whole.items():
        assert single[pair][0] == pytest.approx(probability, abs=1e-9)
        assert single[pair][1:] == [weight, terms, certain]


def test_keys_are_those_of_the_whole_run():
    assert tuple(PEOPLE.keys) == keys.KEYS
    assert set(keys.KEYS) == {one.name for one in CardKeys._meta.fields} - {"card", "compared"}
    rows = [traits(**row) for row in base(120, seed=4).cards]
    maker = KeyMaker()
    made = maker.of(rows)
    maker.db.execute("SELECT 1")
    for place, one in enumerate(PEOPLE.keys.values()):
        plain = dict(maker.db.execute(f"SELECT unique_id, {one.sql} FROM raw").fetchall())
        numbers = {card: some[place] for card, some in made.items()}
        assert {card for card, text in plain.items() if text is None} == {
            card for card, number in numbers.items() if number is None
        }
        assert len(set(plain.values())) == len(set(numbers.values()))
        assert len({(plain[card], numbers[card]) for card in plain}) == len(set(plain.values()))
    maker.close()


def test_a_key_of_too_many_makes_no_pairs(many, find, turn):
    find()
    shared = listed([card.pk for card in many[:60]])
    before = Pair.objects.filter(low_card__in=shared, high_card__in=shared).count()
    DueCard.objects.bulk_create(DueCard(card=card.pk) for card in many[:10])
    turn()
    assert Pair.objects.filter(low_card__in=shared, high_card__in=shared).count() == before
