"""Work from the offer to the end: who gets it, what it takes of them, and what was decided."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from clientela.foundation.outbox.models import Event
from clientela.modules.organisation.models import Absence, Placement
from clientela.modules.routing.models import Queue, Station, WorkItem
from clientela.modules.routing.operations import (
    accept,
    answered,
    decline,
    give,
    note_seen,
    offer,
    release,
    route_waiting,
    set_state,
    tend,
)
from clientela.modules.routing.operations.work import reasons_of
from clientela.modules.routing.rules import Reason, Why


def whys(item):
    return [one["why"] for one in item.decisions]


def load_of(user):
    station = Station.objects.get(user=user)
    held = WorkItem.objects.filter(assignee=user).aggregate(sum=Sum("load"))["sum"] or 0
    assert station.load == held
    return station.load


def test_a_call_goes_to_the_owner_at_the_screen(vera, anna, at_work, need, item, now):
    at_work(anna)
    (placed,) = offer([need(vera)], now=now)
    assert (placed.user_id, placed.reasons) == (anna.pk, [{"why": "owner", "agreement": "АГД-16/0101"}])
    assert (item().state, item().move_at, load_of(anna)) == ("offered", now + timedelta(seconds=20), 100)
    assert reasons_of(item()) == placed.reasons


def test_else_to_the_centre_and_else_it_waits(vera, anna, centre_operator, volga, at_work, need, item, now):
    at_work(anna, state="break")
    at_work(centre_operator)
    first, second = offer([need(vera, 1), need(vera, 2)], now=now)
    assert (first.user_id, second.user_id) == (centre_operator.pk, None)
    assert whys(item(1)) == ["owner_not_free", "by_skill"]
    assert whys(item(2)) == ["owner_not_free", "queue_of_centre"]
    assert (item(2).queue, item(2).move_at) == (f"centre:{volga.pk}", now + timedelta(seconds=30))
    assert load_of(centre_operator) == 100


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "busy"},
        {"state": "offline"},
        {"capacity": 99},
        {"load": 1},
        {"serves": False},
        {"skills": ["language:ru"]},
        {"long_ago": True},
        {"absent": True},
    ],
    ids=str,
)
def test_who_is_not_free_or_not_able_gets_nothing(
    vera, centre_operator, anna, at_work, need, now, fields, make_user
):
    if fields.pop("long_ago", False):
        fields["seen_at"] = now - timedelta(minutes=2)
    if fields.pop("absent", False):
        other = make_user("centre_operator", "Ия", "Попова")
        day = now.date()
        Absence.objects.create(
            person=centre_operator, substitute=other, first_day=day, last_day=day, created_at=now
        )
    at_work(centre_operator, **fields)
    (placed,) = offer([need(vera, skills=frozenset({"channel:call"}))], now=now)
    assert placed.user_id is None


def test_a_letter_at_night_waits_for_its_owner(vera, anna, at_work, centre_operator, need, item, now):
    night = now.replace(hour=23)
    at_work(centre_operator)
    (placed,) = offer([need(vera, media="letter", due_at=night + timedelta(hours=11))], now=night)
    assert (placed.user_id, item().load, item().move_at) == (anna.pk, 0, None)


def test_asked_again_it_stays_and_only_its_deadline_is_new(vera, anna, at_work, need, item, now):
    at_work(anna)
    offer([need(vera, media="chat")], now=now)
    later = now + timedelta(minutes=1)
    (placed,) = offer([need(vera, media="chat", due_at=later)], now=later)
    assert (placed.user_id, placed.stays, item().due_at) == (anna.pk, True, later)
    assert (load_of(anna), whys(item())) == (25, ["owner"])


def test_what_is_accepted_is_not_taken_back(vera, anna, at_work, need, item, now):
    at_work(anna)
    offer([need(vera, due_at=now + timedelta(seconds=20))], now=now)
    assert not accept("call", 1, user_id=anna.pk + 1, now=now)
    assert accept("call", 1, user_id=anna.pk, now=now)
    assert not accept("call", 1, user_id=anna.pk, now=now)
    assert tend(limit=10, now=now + timedelta(hours=1)) == 0
    assert (item().state, item().assignee) == ("held", anna)


def test_a_silent_assignee_loses_the_call_to_somebody_else(
    vera, anna, centre_operator, at_work, need, item, now
):
    at_work(anna)
    at_work(centre_operator)
    offer([need(vera)], now=now)
    later = now + timedelta(seconds=20)
    assert tend(limit=10, now=later - timedelta(seconds=1)) == 0
    assert tend(limit=10, now=later) == 1
    assert (item().assignee, item().passed) == (centre_operator, [anna.pk])
    assert (load_of(anna), load_of(centre_operator)) == (0, 100)
    assert item().decisions[1] == {
        "why": "taken_back", "name": "Анна Соколова", "at": later.isoformat(), "to": None,
    }  # fmt: skip
    assert Event.objects.filter(name="routing.WorkMoved").get().payload == {"kind": "call", "ref_ids": [1]}


def test_a_declined_call_goes_on_at_once(vera, anna, centre_operator, at_work, need, item, now):
    at_work(anna)
    at_work(centre_operator)
    offer([need(vera)], now=now)
    placed = decline("call", 1, user_id=anna.pk, now=now)
    assert placed is not None
    assert placed.user_id == centre_operator.pk
    assert whys(item()) == ["owner", "declined", "by_skill"]


def test_a_queue_overflows_to_the_branch_and_then_to_the_company(
    vera, branch_head, renewals_manager, kazan, at_work, need, item, now
):
    Queue.objects.create(key=f"branch:{kazan.pk}", live_overflow=60)
    at_work(renewals_manager, serves=True)
    offer([need(vera)], now=now)
    for seconds, queue in ((30, f"branch:{kazan.pk}"), (90, "company")):
        at_work(renewals_manager, seen_at=now + timedelta(seconds=seconds))
        assert tend(limit=10, now=now + timedelta(seconds=seconds)) == 1
        assert item().queue == queue
    assert item().assignee == renewals_manager
    assert whys(item())[-4:] == ["overflowed", "queue_of_branch", "overflowed", "by_skill"]


def test_nobody_answered_in_time_is_told_to_the_lead_once(vera, team_lead, anna, need, item, now):
    due = now + timedelta(hours=1)
    offer([need(vera, media="letter", due_at=due)], now=now)
    assert tend(limit=10, now=due) == 1
    assert tend(limit=10, now=due + timedelta(minutes=5)) == 0
    assert (item().escalated_to, item().assignee) == (team_lead, anna)
    assert Event.objects.filter(name="routing.WorkEscalated").get().payload["user_id"] == team_lead.pk


def test_an_answer_stops_the_timers(vera, anna, team_lead, need, item, now):
    due = now + timedelta(hours=1)
    offer([need(vera, media="letter", due_at=due)], now=now)
    assert answered("call", [1], now=now) == 1
    assert answered("call", [1], now=now) == 0
    assert tend(limit=10, now=due) == 0
    assert (item().state, item().escalated_at) == ("done", None)


def test_a_late_letter_is_taken_back_where_the_head_says_so(vera, anna, volga, need, item, now):
    Queue.objects.create(key=f"centre:{volga.pk}", takes_back_letters=True)
    due = now + timedelta(hours=1)
    offer([need(vera, media="letter", due_at=due)], now=now)
    tend(limit=10, now=due)
    assert (item().assignee, item().state, item().passed) == (None, "waiting", [anna.pk])
    assert whys(item())[-2:] == ["taken_back", "queue_of_centre"]


def test_freed_capacity_pulls_the_queue_in_order(vera, centre_operator, at_work, need, item, now):
    at_work(centre_operator)
    at = [now + timedelta(seconds=n) for n in range(4)]
    offer([need(vera, 1)], now=at[0])
    offer([need(vera, 2)], now=at[1])
    offer([need(vera, 3, priority=5)], now=at[2])
    assert release("call", [1], now=at[3]) == 1
    assert (item(1).state, item(3).assignee, item(2).assignee) == ("done", centre_operator, None)
    assert load_of(centre_operator) == 100
    release("call", [3], now=at[3])
    assert item(2).assignee == centre_operator


def test_who_comes_back_from_a_break_gets_what_waits(vera, centre_operator, at_work, need, item, now):
    at_work(centre_operator, state="break")
    offer([need(vera)], now=now)
    set_state(actor=centre_operator, now=now, state="available")
    assert item().assignee == centre_operator


def test_work_nobody_is_able_to_do_does_not_hold_up_the_rest(vera, centre_operator, at_work, need, item, now):
    offer([need(vera, ref, media="chat", skills=frozenset({"language:tt"})) for ref in range(1, 9)], now=now)
    offer([need(vera, ref, media="chat") for ref in (20, 21, 22)], now=now)
    at_work(centre_operator)
    assert route_waiting(limit=2, now=now) == 2
    assert [item(ref).assignee for ref in (1, 20, 21, 22)] == [None, centre_operator, centre_operator, None]
    assert load_of(centre_operator) == 50


def test_what_waits_is_spread_over_who_has_the_skill(
    vera, volga, centre_operator, make_user, at_work, need, item, now
):
    other, third = (make_user("centre_operator", name, "Попова") for name in ("Ия", "Юна"))
    Placement.objects.bulk_create(Placement(user=one, centre=volga) for one in (other, third))
    offer([need(vera, ref, media="chat", skills=frozenset({"language:ru"})) for ref in range(1, 5)], now=now)
    for person, fields in ((centre_operator, {}), (other, {"load": 40}), (third, {"skills": []})):
        at_work(person, **fields)
    assert route_waiting(limit=9, now=now) == 4
    assert [item(ref).assignee for ref in (1, 2, 3, 4)] == [
        centre_operator,
        centre_operator,
        other,
        centre_operator,
    ]
    assert item(3).decisions[-1] == {
        "why": "by_skill", "skills": ["language:ru"], "load": 40, "of": 100, "at": now.isoformat(), "to": other.pk,
    }  # fmt: skip


def test_given_by_hand_it_counts_and_back_in_the_queue_it_goes_to_somebody_else(
    vera, anna, centre_operator, at_work, need, item, now
):
    for person in (anna, centre_operator):
        at_work(person)
    one = need(vera, media="chat")
    offer([one], now=now)
    give(one, to=centre_operator.pk, by=anna.pk, reason=Reason(Why.GIVEN, {"name": str(anna)}), now=now)
    assert (load_of(anna), load_of(centre_operator), item().state) == (0, 25, "held")
    give(one, to=None, by=centre_operator.pk, reason=None, now=now)
    assert route_waiting(limit=5, now=now) == 0
    assert (load_of(centre_operator), item().state) == (0, "waiting")


def test_who_is_seen_for_the_first_time_has_a_place(anna, centre_operator, now):
    for _ in range(2):
        note_seen([anna.pk, centre_operator.pk], now=now)
    assert list(Station.objects.order_by("user").values_list("user", "state", "serves", "seen_at")) == [
        (anna.pk, "available", False, now), (centre_operator.pk, "available", True, now),
    ]  # fmt: skip
