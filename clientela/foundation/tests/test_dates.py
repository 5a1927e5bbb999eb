"""Month ends, 29 February, and clocks that jump."""

from datetime import UTC, date, datetime, time

import pytest

from clientela.foundation import dates


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)), (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)), (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)), (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
    ],
)  # fmt: skip
def test_add_months(day, months, expected):
    assert dates.add_months(day, months) == expected


def test_add_years():
    assert dates.add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert dates.add_years(date(2024, 2, 29), -4) == date(2020, 2, 29)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 3, 15), 12, date(2027, 3, 14)), (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)), (date(2025, 3, 1), 12, date(2026, 2, 28)),
        (date(2023, 3, 1), 12, date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_term_end(start, months, end):
    assert dates.term_end(start, months) == end


def test_days_until():
    assert dates.days_until(date(2026, 3, 15), date(2026, 1, 29)) == 45
    assert dates.days_until(date(2026, 3, 15), date(2026, 3, 16)) == -1


def test_full_years():
    assert dates.full_years(date(1990, 6, 15), date(2026, 6, 14)) == 35
    assert dates.full_years(date(1990, 6, 15), date(2026, 6, 15)) == 36
    assert dates.full_years(date(2000, 2, 29), date(2025, 2, 28)) == 24
    assert dates.full_years(date(2000, 2, 29), date(2025, 3, 1)) == 25
    assert dates.anniversary(date(2000, 2, 29), 2025) == date(2025, 2, 28)


def test_local_today_across_the_country():
    now = datetime(2026, 1, 29, 20, 30, tzinfo=UTC)
    assert dates.local_today("Europe/Kaliningrad", now) == date(2026, 1, 29)
    assert dates.local_today("Asia/Vladivostok", now) == date(2026, 1, 30)
    with pytest.raises(ValueError, match="aware"):
        dates.local_today("Europe/Moscow", datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 1, 29), time(10), "Europe/Moscow", datetime(2026, 1, 29, 7, tzinfo=UTC)),
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30, fold=1), "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2014, 10, 26), time(1, 30), "Europe/Moscow", datetime(2014, 10, 25, 21, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_local_moment(day, at, zone, expected):
    assert dates.local_moment(day, at, zone) == expected
