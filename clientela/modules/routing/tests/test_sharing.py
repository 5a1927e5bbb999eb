"""Requests of a branch are shared out: by skill and room, then to who got the least of the own share."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.organisation.models import Absence
from clientela.modules.routing.desks import parts
from clientela.modules.routing.models import Dealt, Desk, Station, WorkItem
from clientela.modules.routing.operations import (
    Need,
    accept,
    answered,
    give,
    note_seen,
    offer,
    release,
    route_waiting,
    tend,
)
from clientela.modules.routing.operations.desks import change_desk, change_sharing
from clientela.modules.routing.queries import Place, place_of_branch, working_hours
from clientela.modules.routing.rules import Owner, Person, Pool, Wanted, choose, hours_so_far

MOSCOW = ZoneInfo("Europe/Moscow")
SALES = "sales:1"


@pytest.fixture
def seated(at_work, kazan, now):
    """``seated(anna, weight=50)``: at the screen, with a desk in Казань."""

    def sit(user, state="available", skills=None, **fields):
        given = {"state": state} | ({"skills": skills} if skills is not None else {})
        at_work(user, **given)
        return Desk.objects.create(user=user, branch=kazan, idle_since=now, **fields)

    return sit


@pytest.fixture
def asks(kazan):
    """``asks(7)``: a request of a stranger in Казань."""

    def make(ref_id=1, owner=None, **fields):
        known = place_of_branch(kazan)
        place = Place(
            None, known.branch_id, None, known.branch, "", known.time_zone, owner or Owner(None), sells=True
        )
        return Need("request", ref_id, "request", place, **{"skills": frozenset({"product:kasko"})} | fields)

    return make


def offered_to(refs):
    rows = WorkItem.objects.filter(kind="request", ref_id__in=refs).order_by("ref_id")
    return [row.assignee_id for row in rows]


def test_work_goes_by_weights_however_much_comes(now):
    people = [
        Person(1, SALES, 1000, 0, now, share=40.0), Person(2, SALES, 1000, 0, now, share=20.0),
        Person(3, SALES, 1000, 0, now, share=10.0),
    ]  # fmt: skip
    pool, wanted = Pool(people), Wanted(Owner(None), SALES, weight=1)
    given = [choose(wanted, pool, now=now).user_id for _ in range(70)]
    assert [given.count(user) for user in (1, 2, 3)] == [40, 20, 10]


def test_who_got_the_least_of_the_own_share_comes_first_while_there_is_room(seated, anna, lilia, asks, now):
    seated(anna, capacity=2)
    seated(lilia, weight=50)
    placed = [offer([asks(ref)], now=now)[0] for ref in range(1, 7)]
    assert [one.user_id for one in placed].count(anna.pk) == 2  # and no more: her desk is full
    assert [one.user_id for one in placed].count(lilia.pk) == 4
    assert placed[-1].reasons == [
        {"why": "by_share", "skills": ["product:kasko"], "load": 3, "of": 10, "given": 3}
    ]
    assert dict(Dealt.objects.values_list("user", "count")) == {anna.pk: 2, lilia.pk: 4}
    assert [(part.name, part.load, part.given, round(part.due, 2)) for part in parts([anna.desk.branch_id], now=now)] == [
        (str(lilia), 4, 4, 2.0), (str(anna), 2, 2, 4.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [{"state": "break"}, {"skills": ["product:osago"]}, {"capacity": 0}, {"takes": False}],
    ids=["on a break", "another product", "full", "takes none"],
)
def test_who_does_not_suit_gets_nothing(seated, anna, asks, now, fields):
    seated(anna, **fields)
    (placed,) = offer([asks()], now=now)
    assert (placed.user_id, placed.reasons[0]["why"], Dealt.objects.count()) == (None, "queue_of_branch", 0)


def test_a_desk_leaves_calls_alone_and_is_free_when_the_request_is_over(seated, anna, asks, now):
    desk = seated(anna, capacity=1)
    assert [one.user_id for one in offer([asks(1), asks(2)], now=now)] == [anna.pk, None]
    assert accept("request", 1, user_id=anna.pk, now=now)
    answered("request", [1], now=now)
    desk.refresh_from_db()
    assert (desk.load, Station.objects.get(user=anna).load) == (1, 0)
    release("request", [1], now=now + timedelta(minutes=1))
    assert offered_to([1, 2]) == [anna.pk, anna.pk]
    desk.refresh_from_db()
    assert desk.load == 1


def test_by_hand_it_counts_too_and_the_owner_keeps_the_own_client(seated, anna, lilia, asks, now):
    seated(anna), seated(lilia)
    give(asks(1), to=lilia.pk, by=anna.pk, reason=None, now=now)
    (placed,) = offer([asks(2, owner=Owner(lilia.pk, "АГД-1", "Лилия"))], now=now)
    assert (placed.user_id, placed.reasons[0]["why"]) == (lilia.pk, "owner")
    assert dict(Desk.objects.values_list("user", "load")) == {anna.pk: 0, lilia.pk: 1}
    assert not Dealt.objects.exists()


def test_a_head_stops_and_resumes_and_lets_late_ones_be_taken_back(
    seated, anna, lilia, branch_head, kazan, asks, now
):
    change_sharing(actor=branch_head, now=now, branch=kazan, is_paused=True, takes_back=True)
    seated(anna), seated(lilia, weight=50)
    due = now + timedelta(minutes=15)
    offer([asks(1, due_at=due)], now=now)
    assert (offered_to([1]), route_waiting(limit=10, now=now)) == ([None], 0)
    change_sharing(actor=branch_head, now=now, branch=kazan, is_paused=False, takes_back=True)
    assert (route_waiting(limit=10, now=now), offered_to([1])) == (1, [anna.pk])
    note_seen([anna.pk, lilia.pk], now=due)
    assert tend(limit=10, now=due) == 1
    assert offered_to([1]) == [lilia.pk]
    with pytest.raises(PermissionDenied):
        change_sharing(actor=anna, now=now, branch=kazan, is_paused=True, takes_back=False)


def test_a_head_gives_a_desk_and_the_waiting_request_with_it(
    at_work, anna, branch_head, kazan, asks, boris, now
):
    at_work(anna)
    offer([asks(1)], now=now)
    change_desk(actor=branch_head, now=now, person=anna, branch=kazan, takes=True, capacity=4, weight=100)
    assert offered_to([1]) == [anna.pk]
    with pytest.raises(PermissionDenied):
        change_desk(
            actor=branch_head, now=now, person=boris, branch=kazan, takes=True, capacity=4, weight=100
        )
    assert not Desk.objects.filter(user=boris).exists()


def test_shares_go_by_the_hours_worked_this_week(seated, anna, lilia, kazan, now):
    seated(anna), seated(lilia)
    Absence.objects.create(
        person=lilia,
        substitute=anna,
        first_day=date(2026, 11, 16),
        last_day=date(2026, 11, 17),
        created_at=now,
    )
    found = {part.user_id: part.share for part in parts([kazan.pk], now=now)}
    assert found == {anna.pk: pytest.approx(19.7), lilia.pk: pytest.approx(1.7)}  # Wednesday, 10:42
    night = now.replace(hour=3) - timedelta(days=2)
    assert hours_so_far(night, zone=MOSCOW, hours=working_hours()) == 1.0
