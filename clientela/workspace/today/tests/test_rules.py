"""What each fact weighs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from clientela.workspace.today.rules import Fact, Kind, TaskFacts, day_points, total, weigh

NOW = datetime(2026, 11, 18, 7, 42, tzinfo=UTC)
TODAY = date(2026, 11, 18)


def weights(**facts):
    return [(w.fact, w.points) for w in weigh(TaskFacts(**facts), today=TODAY, now=NOW)]


@pytest.mark.parametrize(
    ("left", "points"),
    [(0, 60), (1, 60), (2, 50), (5, 50), (6, 36), (17, 30), (18, 14), (30, 14), (45, 6), (46, 0)],
)
def test_fewer_days_weigh_more(left, points):
    assert day_points(left) == points


def test_a_call_of_the_seventeenth_day_whose_client_read_the_letter_yesterday():
    found = weights(kind=Kind.CALL, left=17, bare=True, opened_at=NOW - timedelta(days=1), due_on=TODAY)

    assert found == [(Fact.DAYS, 30), (Fact.CALL_DUE, 20), (Fact.OPENED, 12), (Fact.BARE, 8)]


def test_a_call_not_made_in_time_and_a_large_premium_weigh_more():
    found = weights(kind=Kind.CALL, left=10, premium=Decimal(50_000), due_on=TODAY - timedelta(days=1))

    assert found == [(Fact.DAYS, 36), (Fact.CALL_DUE, 20), (Fact.OVERDUE, 4), (Fact.DEAR, 3)]


@pytest.mark.parametrize(("hours", "points"), [(0, 62), (1, 62), (2, 68), (23, 68), (24, 75), (300, 75)])
def test_a_client_who_waits_weighs_more_with_the_hours(hours, points):
    assert weights(kind=Kind.ANSWER, waits_since=NOW - timedelta(hours=hours)) == [(Fact.WAITING, points)]


def test_what_was_read_long_ago_counts_no_more():
    assert weights(kind=Kind.OFFER, left=30, opened_at=NOW - timedelta(days=3)) == [
        (Fact.DAYS, 14),
        (Fact.READY, 6),
    ]


def test_the_weight_is_the_sum():
    assert total(weigh(TaskFacts(kind=Kind.PROJECT, left=5, bare=True), today=TODAY, now=NOW)) == 58
