"""Weeks looked back at: shares by hours and weights, answers in time."""

from datetime import date, timedelta

import pytest

from clientela.modules.organisation.models import Absence
from clientela.modules.requests.models import Request
from clientela.modules.requests.reports import answers_of, sharing_report, weeks_between
from clientela.modules.routing.models import Dealt, Desk

TODAY = date(2026, 11, 18)  # a Wednesday
LAST, THIS = date(2026, 11, 9), date(2026, 11, 16)


@pytest.mark.parametrize(
    ("first", "last", "weeks"),
    [
        (date(2026, 11, 10), TODAY, [LAST, THIS]),
        (TODAY, date(2026, 11, 10), [LAST, THIS]),  # the other way round
        (TODAY, date(2027, 1, 1), [THIS]),  # what has not begun is left out
        (date(2027, 1, 1), date(2027, 2, 1), [THIS]),
    ],
)
def test_weeks(first, last, weeks):
    assert weeks_between(first, last, today=TODAY) == weeks
    assert len(weeks_between(date(2000, 1, 1), TODAY, today=TODAY)) == 26


@pytest.fixture
def shared(kazan, anna, branch_head, now):
    Desk.objects.create(user=anna, branch=kazan, idle_since=now, weight=100)
    Desk.objects.create(user=branch_head, branch=kazan, idle_since=now, weight=50)
    for user, day, count in (
        (anna, LAST, 5),
        (anna, LAST + timedelta(days=2), 3),
        (branch_head, LAST, 4),
        (anna, THIS, 1),
    ):
        Dealt.objects.create(user=user, day=day, count=count)
    return kazan


def test_what_came_and_what_was_due(shared, anna, branch_head, now):
    weeks = weeks_between(LAST, LAST, today=LAST)
    told = {one.user_id: one for one in sharing_report([shared], weeks, now=now + timedelta(days=60))}
    assert [(one.given, round(one.due, 1)) for one in (told[anna.pk], told[branch_head.pk])] == [
        (8, 8.0),
        (4, 4.0),
    ]


def test_days_of_absence_are_not_due(shared, anna, branch_head, now):
    Absence.objects.create(
        person=branch_head,
        first_day=LAST,
        last_day=LAST + timedelta(days=6),
        kind="leave",
        substitute=anna,
        created_at=now,
    )
    told = {one.user_id: one for one in sharing_report([shared], [LAST], now=now + timedelta(days=60))}
    assert told[branch_head.pk].due < 0.5 < 11 < told[anna.pk].due
    assert told[branch_head.pk].behind > 1


def test_answers(shared, anna, now):
    came = now - timedelta(days=7)
    for minutes in (5, 10, 40, None):
        Request.objects.create(
            source="web", branch=shared, assignee=anna, name="x", created_at=came, came_at=came,
            due_at=came + timedelta(minutes=15), taken_at=came + timedelta(minutes=minutes) if minutes else None,
            state="taken" if minutes else "new",
        )  # fmt: skip
    week = weeks_between(came.date(), came.date(), today=now.date())
    lines = sharing_report([shared], week, now=now)
    said = next(one.answers for one in lines if one.user_id == anna.pk)
    assert (said.came, said.answered, said.minutes, round(said.in_time), said.late) == (4, 3, 10.0, 67, 1)
    assert answers_of(lines, week, [shared], now=now) == said
