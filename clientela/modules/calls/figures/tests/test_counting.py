"""The figures of a day on a handful of calls whose every second is known."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Q

from clientela.modules.calls.figures.counting import (
    bounds,
    calls_at,
    count_day,
    forecast_of,
    of_people,
    offered_between,
    waiting,
)
from clientela.modules.calls.figures.forecast import forecast
from clientela.modules.calls.figures.rules import Totals, judged, occupancy
from clientela.modules.calls.models import Call
from clientela.modules.routing.models import Queue

MOSCOW = ZoneInfo("Europe/Moscow")
TODAY = date(2026, 11, 18)


@pytest.fixture
def made(now, kazan, volga):
    """``made(at, wait=…, talk=…, wrap=…)``: a call at ``at``; without talk the caller hung up after ``wait``."""

    def make(at=now, *, wait=10, talk=0, wrap=0, **fields):
        picked = at + timedelta(seconds=wait)
        over = picked + timedelta(seconds=talk)
        values = {
            "direction": "in", "number": "+79170000001", "branch": kazan, "centre": volga, "state": "ended",
            "started_at": at - timedelta(seconds=30), "queued_at": at, "answered_at": picked if talk else None,
            "ended_at": over, "outcome": "talked" if talk else "missed",
            "wrapped_at": over + timedelta(seconds=wrap) if wrap else None,
        } | fields  # fmt: skip
        return Call.objects.create(**values)

    return make


def test_every_figure_of_a_day(made, now, volga, ulyanovsk, anna):
    at = now.replace(minute=0)
    made(at, wait=20, talk=100, wrap=40, person=anna)  # in time to the second
    made(at, wait=21, talk=60, wrap=301)  # too late; said long afterwards: no wrap-up
    made(at, wait=5)  # short
    made(at, wait=6)  # abandoned
    made(at.replace(minute=30), wait=90, outcome="call_back")
    made(at.replace(minute=59), wait=10, talk=20, centre=None, branch=ulyanovsk)
    made(at, queued_at=None)  # hung up in the menu
    made(at, wait=40, state="waiting", outcome="", ended_at=None)  # still waits
    made(at - timedelta(days=1), wait=1, talk=5)
    day = count_day(Q(), TODAY, MOSCOW)
    sums = day.total
    assert (sums.offered, sums.answered, sums.in_time, sums.abandoned, sums.called_back, sums.short) == (
        5, 3, 2, 1, 1, 1,
    )  # fmt: skip
    assert (sums.level, sums.abandonment, sums.asa, sums.talk, sums.wrap_up) == (
        0.4, 0.2, 17.0, 60.0, pytest.approx(40 / 3),
    )  # fmt: skip
    assert sums.aht == pytest.approx(220 / 3)
    assert [(n, slot.offered) for n, slot in enumerate(day.slots) if slot.offered] == [(20, 3), (21, 2)]
    assert day.places[(volga.pk, None)].offered == 4
    assert day.places[(None, ulyanovsk.pk)] == Totals(answered=1, in_time=1, waited=10, talked=20)
    assert of_people(Q(), TODAY, MOSCOW) == {
        anna.pk: Totals(answered=1, in_time=1, waited=20, talked=100, wrapped=40)
    }
    assert [call.ended_at for call in waiting(Q())] == [None]


def test_a_queue_has_its_own_answer_time(made, volga):
    made(wait=25, talk=60)
    made(wait=25, talk=60, centre=None)
    slow = Queue(key=f"centre:{volga.pk}", answer_within=30)
    assert count_day(Q(), TODAY, MOSCOW).total.in_time == 0
    assert count_day(Q(), TODAY, MOSCOW, within=[slow]).total.in_time == 1


def test_only_what_the_person_may_see_is_counted(made, kazan, volga, ulyanovsk, team_lead, branch_head, anna):
    made(talk=9, agent=anna.agent)
    made(talk=9)
    made(talk=9, branch=ulyanovsk, centre=None)
    counts = [
        count_day(calls_at(queue, user), TODAY, MOSCOW).total.offered
        for queue, user in (("company", team_lead), ("company", branch_head), (f"centre:{volga.pk}", None),
                            (f"branch:{kazan.pk}", None), (f"branch:{ulyanovsk.pk}", branch_head))
    ]  # fmt: skip
    assert counts == [1, 2, 2, 2, 0]


def test_the_forecast_is_the_mean_of_such_days(made, now):
    # Two weeks ago was a public holiday, three weeks ago nobody called.
    for week, count in ((1, 3), (2, 9), (4, 2)):
        for _one in range(count):
            made(now - timedelta(weeks=week), talk=100, wrap=20)
    made(now - timedelta(days=1), talk=5)
    found = forecast_of(Q(), TODAY, MOSCOW, weeks=4)
    assert (found.volumes[21], sum(found.volumes), found.aht, len(found.days)) == (2.5, 2.5, 120, 2)
    assert not found.is_thin


def test_too_little_history_and_holidays_are_said():
    empty = forecast(date(2027, 1, 1), {}, holiday=True)
    assert (empty.is_thin, empty.holiday, empty.aht, sum(empty.volumes)) == (True, True, 180, 0)


def test_nothing_is_no_figure_and_colours_follow_the_aim():
    none = Totals()
    assert (none.level, none.abandonment, none.asa, none.aht) == (None, None, None, None)
    assert [judged(level, 0.8) for level in (None, 0.8, 0.73, 0.71)] == ["", "good", "near", "bad"]
    assert occupancy(timedelta(minutes=45), timedelta(hours=1)) == 0.75
    assert occupancy(timedelta(minutes=1), timedelta()) is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plan of PostgreSQL")
def test_a_day_is_read_through_its_index(made, now):
    like = made(talk=60)
    rows = [
        Call(direction="in", number="+79170000002", branch=like.branch, centre=like.centre, state="ended",
             started_at=at, queued_at=at, ended_at=at, outcome="missed")
        for n in range(20_000)
        for at in [now - timedelta(minutes=15 * n)]
    ]  # fmt: skip
    Call.objects.bulk_create(rows, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE calls_call")
    day = offered_between(calls_at(f"centre:{like.centre_id}"), *bounds(TODAY, MOSCOW))
    assert "calls_call_queued" in day.explain()
