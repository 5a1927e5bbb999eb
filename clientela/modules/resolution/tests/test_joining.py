"""Joining by rules: off until somebody looked, never against what people said, taken back as a whole."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.modules.clients.models import Client, ContactPoint, Merge
from clientela.modules.clients.operations import CannotMerge, merge_clients
from clientela.modules.resolution.models import JoinRules, JoinRun, LinkModel, Pair
from clientela.modules.resolution.operations import (
    NotLookedAt,
    WrongJoinRules,
    join_group,
    joining,
    plan,
    set_join_rules,
    take_back,
    tell_apart,
    told,
    undo_joins,
)
from clientela.modules.resolution.rules import connected

LEASE = timedelta(minutes=5)


@pytest.fixture
def card(make_client, anna):
    """Cards of one Vera, as a site wrote her."""

    def make(source="shop", phone="+79170004199"):
        made = make_client(anna.agent, "Зорина", "Вера")
        ContactPoint.objects.create(
            client=made, kind="phone", value=phone, source=source, created_at=made.created_at
        )
        return made

    return make


@pytest.fixture
def pair(now):
    model = LinkModel.objects.create(parameters={}, cards=2, made_at=now, is_active=True)

    def make(one, other, probability=0.9999, **values):
        low, high = sorted((one.pk, other.pk))
        return Pair.objects.create(
            low_card=low, high_card=high, probability=probability, weight=12, model=model, seen_by_job=1,
            certain=probability >= 0.99, **values,
        )  # fmt: skip

    return make


@pytest.fixture
def three(card, pair):
    cards = [card() for _ in range(3)]
    for one, other in ((0, 1), (1, 2), (0, 2)):
        pair(cards[one], cards[other])
    return cards


@pytest.fixture
def rules(administrator, now):
    def make(threshold=0.999, sources=("web",), **values):
        return set_join_rules(
            actor=administrator, now=now, on=True, threshold=threshold, sources=sources,
            seen=told(threshold, sources), **values,
        )  # fmt: skip

    return make


def work(now, kind="resolution.join"):
    job = Job.objects.filter(kind=kind).order_by("-pk").first() or enqueue(kind=kind, title="x", now=now)
    run_next(worker="w", now=now, lease=LEASE, only=job.pk)
    job.refresh_from_db()
    return job


def numbers(cards):
    return set(Client.objects.filter(pk__in=[one.pk for one in cards]).values_list("pk", flat=True))


def test_nothing_is_joined_before_somebody_says_so(three, now):
    assert work(now).result == {"joined": 0}
    assert len(numbers(three)) == 3


def test_rules_are_seen_at_work_before_they_are_in_force(three, administrator, now):
    values = {"actor": administrator, "now": now, "threshold": 0.999, "sources": ["web"]}
    with pytest.raises(NotLookedAt):
        set_join_rules(**values, on=True)
    with pytest.raises(NotLookedAt):
        set_join_rules(**values, on=True, seen=told(0.99, ["web"]))
    set_join_rules(**values, on=False)
    assert not Job.objects.filter(kind="resolution.join").exists()
    assert plan(threshold=0.999, sources=["web"]).gone == 2


@pytest.mark.parametrize(("threshold", "sources"), [(0.9, ["web"]), (1.0, ["web"]), (0.999, ["nonsense"])])
def test_rules_that_say_nothing_useful_are_refused(rules, threshold, sources):
    with pytest.raises(WrongJoinRules):
        rules(threshold, sources)


def test_who_may_not_manage_may_not_set_rules(branch_head, now):
    with pytest.raises(PermissionDenied):
        set_join_rules(actor=branch_head, now=now, on=False, threshold=0.999, sources=[])
    assert not JoinRules.objects.exists()


def test_three_cards_become_one_and_the_journal_says_that_a_rule_did_it(three, rules, now):
    version = rules()
    assert work(now).result["joined"] == 2
    kept = min(one.pk for one in three)
    assert numbers(three) == {kept}
    run = JoinRun.objects.get()
    assert (run.rules, run.finished_at is not None) == (version, True)
    decided = Pair.objects.values_list("state", "decided_by", "join_run").distinct()
    assert list(decided) == [("merged", None, run.pk)]
    entries = Entry.objects.filter(action="client.joined_by_rules")
    assert {(entry.actor_id, entry.object_id, entry.changes["rules"][1]) for entry in entries} == {
        (None, kept, version.pk)
    }
    assert entries.count() == 2


def test_a_run_is_taken_back_as_a_whole_and_not_done_again(three, rules, administrator, now):
    rules()
    work(now)
    asked = undo_joins(actor=administrator, now=now, join_run=JoinRun.objects.get().pk)
    assert work(now, "resolution.unjoin").result["left"] == 0
    asked.refresh_from_db()
    assert asked.undone_at is not None
    assert len(numbers(three)) == 3
    assert set(Pair.objects.values_list("state", "left_to_people")) == {("open", True)}
    Job.objects.filter(kind="resolution.join").delete()
    assert work(now).result == {"joined": 0, "left": {"people": 3}}
    assert Merge.objects.in_force().count() == 0


def test_one_of_a_run_is_taken_back_alone(card, pair, rules, administrator, now):
    first, second = pair(card(), card()), pair(card(phone="+79170004100"), card(phone="+79170004100"))
    rules()
    work(now)
    take_back(actor=administrator, now=now, pair=Pair.objects.get(pk=second.pk))
    states = dict(Pair.objects.values_list("pk", "state"))
    assert states == {first.pk: "merged", second.pk: "open"}


@pytest.mark.parametrize("when", ["before", "of a card that went in since"])
def test_what_people_said_is_different_stays_so(three, rules, pair, card, administrator, now, when):
    if when == "before":
        tell_apart(
            actor=administrator, now=now, pair=Pair.objects.get(low_card=three[0].pk, high_card=three[2].pk)
        )
    else:
        stranger = card()
        said = pair(three[0], stranger, 0.97)
        tell_apart(actor=administrator, now=now, pair=said)
        merge_clients(actor=administrator, now=now, kept=three[2], gone=stranger)
    rules()
    work(now)
    assert len(numbers(three)) == 3
    assert plan(threshold=0.999, sources=["web"]).left["apart"] == (2 if when == "before" else 3)


def test_a_group_of_which_two_were_told_apart_is_joined_by_nobody_at_once(three, administrator, now):
    tell_apart(
        actor=administrator, now=now, pair=Pair.objects.get(low_card=three[0].pk, high_card=three[2].pk)
    )
    with pytest.raises(CannotMerge):
        join_group(actor=administrator, now=now, cards=[one.pk for one in three], kept=three[0].pk)
    assert len(numbers(three)) == 3


def test_a_chain_is_left_to_people(card, pair, rules, now):
    cards = [card() for _ in range(3)]
    pair(cards[0], cards[1])
    pair(cards[1], cards[2])
    rules()
    assert work(now).result == {"joined": 0, "left": {"chain": 2}}
    assert len(numbers(cards)) == 3


def test_what_is_less_sure_or_from_elsewhere_stays(card, pair, rules, now):
    unsure, foreign = (card(), card()), (card(), card(source="incoming"))
    pair(*unsure, 0.998)
    pair(*foreign)
    rules()
    assert work(now).result == {"joined": 0, "left": {"source": 1}}
    assert len(numbers([*unsure, *foreign])) == 4


def test_a_run_that_dies_half_way_goes_on_and_ends_once(card, pair, rules, monkeypatch, now):
    couples = [(card(phone=f"+7917000420{n}"), card(phone=f"+7917000420{n}")) for n in range(3)]
    for couple in couples:
        pair(*couple)
    rules()
    usual, calls = joining.join_group, []

    def dying(**values):
        calls.append(values["cards"])
        if len(calls) == 2:
            usual(**values)
            raise KeyboardInterrupt  # after its writes, before its transaction ends
        return usual(**values)

    with monkeypatch.context() as patch:
        patch.setattr(joining, "join_group", dying)
        with pytest.raises(KeyboardInterrupt):
            work(now)
    assert Merge.objects.count() == 1
    Job.objects.filter(kind="resolution.join").update(lease_until=now - LEASE)
    assert work(now).result["joined"] == 3
    assert Merge.objects.count() == 3
    assert JoinRun.objects.count() == 1
    assert not Pair.objects.open().exists()


def test_connected_cards_are_one_group():
    assert connected([(5, 4), (1, 2), (2, 3), (8, 9), (9, 4)]) == [(1, 2, 3), (4, 5, 8, 9)]
