"""When recurring events take place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.modules.calendar.rules import BadRule, Span, checked_rule, first_after, last_end, occurrences


def span(start: str, rule: str, zone: str = "Europe/Moscow", hours: float = 1, left_out=()) -> Span:
    begins = datetime.fromisoformat(start)
    return Span(begins, begins + timedelta(hours=hours), zone, rule, left_out)


def starts(one: Span, since: str, until: str) -> list[str]:
    found = occurrences(one, datetime.fromisoformat(since), datetime.fromisoformat(until))
    return [f"{start:%m-%d %H:%M}" for start, _end in found]


def test_the_wall_clock_stays_when_clocks_change() -> None:
    """Ten in the morning in Berlin is nine o'clock UTC in winter and eight in summer."""
    weekly = span("2026-03-23T10:00+01:00", "FREQ=WEEKLY", "Europe/Berlin")
    assert starts(weekly, "2026-03-20T00:00+00:00", "2026-04-07T00:00+00:00") == [
        "03-23 09:00", "03-30 08:00", "04-06 08:00",
    ]  # fmt: skip


def test_a_day_with_a_change_of_clocks_is_still_a_day() -> None:
    daily = span("2026-03-28T00:00+01:00", "FREQ=DAILY", "Europe/Berlin", hours=24)
    day = occurrences(daily, datetime(2026, 3, 29, 6, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC))
    assert day == [(datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))]


def test_what_is_left_out_does_not_take_place_and_the_end_counts_all() -> None:
    three = span("2026-11-18T10:00+03:00", "FREQ=DAILY;COUNT=3", left_out=["2026-11-19T07:00:00+00:00"])
    assert starts(three, "2026-11-01T00:00+00:00", "2026-12-01T00:00+00:00") == ["11-18 07:00", "11-20 07:00"]
    assert last_end(three) == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert first_after(three, datetime(2026, 11, 18, 7, tzinfo=UTC)) == datetime(2026, 11, 20, 7, tzinfo=UTC)


def test_until_is_read_in_utc_and_includes_its_moment() -> None:
    one = span("2026-11-18T10:00+03:00", "FREQ=DAILY;UNTIL=20261119T070000Z")
    assert starts(one, "2026-11-01T00:00+00:00", "2026-12-01T00:00+00:00") == ["11-18 07:00", "11-19 07:00"]


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=DAILY;BYMONTHDAY=30", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;COUNT=0", "COUNT=3", "weekly",
     "FREQ=DAILY;UNTIL=never", "FREQ=DAILY;INTERVAL=²"],
)  # fmt: skip
def test_other_rules_are_refused(rule: str) -> None:
    with pytest.raises(BadRule):
        checked_rule(rule)


@given(
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY"]),
    st.integers(1, 5),
    st.integers(0, 400),
    st.integers(1, 60),
)
def test_a_window_shows_exactly_what_touches_it(rule: str, interval: int, after: int, days: int) -> None:
    """What is seen through a window is what the whole year shows of that time."""
    one = span("2026-01-05T09:00+03:00", f"{rule};INTERVAL={interval}")
    since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=after)
    until = since + timedelta(days=days)
    year = occurrences(one, datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
    assert occurrences(one, since, until) == [
        (start, end) for start, end in year if start < until and end > since
    ]
