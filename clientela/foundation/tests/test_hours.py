from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.foundation.hours import Hours, is_rest_day, next_open, spans

KAZAN = ZoneInfo("Europe/Moscow")
HOURS = Hours()  # 9–21, weekend 10–19


def at(text: str, zone: ZoneInfo = KAZAN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-18T10:42", "2026-11-18T10:42"),  # Wednesday
        ("2026-11-18T08:59:59", "2026-11-18T09:00"),
        ("2026-11-18T09:00", "2026-11-18T09:00"),
        ("2026-11-18T20:59:59", "2026-11-18T20:59:59"),
        ("2026-11-18T21:00", "2026-11-19T09:00"),
        ("2026-11-20T22:10", "2026-11-21T10:00"),  # Friday night, Saturday opens later
        ("2026-11-21T18:59", "2026-11-21T18:59"),
        ("2026-11-22T19:00", "2026-11-23T09:00"),
        ("2026-11-04T09:30", "2026-11-04T10:00"),  # Wednesday, Unity Day
        ("2026-12-31T20:00", "2027-01-01T10:00"),  # a moved day off
    ],
)
def test_the_next_open_moment(moment: str, opens: str) -> None:
    assert next_open(at(moment), KAZAN, HOURS) == at(opens)


def test_the_clock_is_the_clients_own() -> None:
    noon_in_moscow = at("2026-11-18T12:00")

    assert next_open(noon_in_moscow, ZoneInfo("Asia/Kamchatka"), HOURS) == at(
        "2026-11-19T09:00", ZoneInfo("Asia/Kamchatka")
    )
    assert next_open(noon_in_moscow, ZoneInfo("Europe/Kaliningrad"), HOURS) == noon_in_moscow


@pytest.mark.parametrize(
    ("wish", "opened"),
    [
        ((time(12), time(14)), [(time(12), time(14))]),
        ((time(18), None), [(time(18), time(21))]),
        ((None, time(10)), [(time(9), time(10))]),
        ((time(19), time(10)), [(time(9), time(10)), (time(19), time(21))]),
        ((time(22), time(23)), []),
        ((None, None), [(time(9), time(21))]),
    ],
)
def test_the_clients_wish_narrows_the_hours(wish: tuple[time | None, time | None], opened: list) -> None:
    assert spans(date(2026, 11, 18), HOURS, wish) == opened


def test_a_wish_that_fits_working_days_only_waits_through_the_holidays() -> None:
    assert next_open(at("2026-12-30T22:00"), KAZAN, HOURS, (time(19, 30), time(20, 30))) == at(
        "2027-01-11T19:30"
    )


def test_a_wish_outside_all_hours_never_opens() -> None:
    assert next_open(at("2026-11-18T10:00"), KAZAN, HOURS, (time(22), time(23))) is None


def test_rest_days() -> None:
    assert [is_rest_day(date(2026, 11, day)) for day in (4, 18, 21, 22)] == [True, False, True, True]


ZONES = st.sampled_from(
    [
        "Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Kamchatka",
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
    ]
)  # fmt: skip
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))
CLOCK = st.integers(0, 47).map(lambda half: time(half // 2, 30 * (half % 2)))


@st.composite
def all_hours(draw: st.DrawFn) -> Hours:
    week, rest = sorted(draw(st.tuples(CLOCK, CLOCK))), sorted(draw(st.tuples(CLOCK, CLOCK)))
    if week[0] == week[1]:
        week = [time(9), time(21)]
    if rest[0] == rest[1]:
        rest = [time(10), time(19)]
    return Hours(week[0], week[1], rest[0], rest[1])


def is_open(moment: datetime, zone: ZoneInfo, hours: Hours) -> bool:
    local = moment.astimezone(zone)
    begin, end = hours.of(local.date())
    return begin <= local.time() < end


@given(moment=MOMENTS, name=ZONES, hours=all_hours())
def test_what_opens_is_open_and_nothing_opened_before(moment: datetime, name: str, hours: Hours) -> None:
    """Walked in steps of a quarter of an hour, through every change of the clocks of two years."""
    zone = ZoneInfo(name)
    opens = next_open(moment, zone, hours)

    assert opens is not None
    assert opens >= moment
    assert is_open(opens, zone, hours)
    step = moment
    while step < opens:
        twice = step.astimezone(zone).fold == 1  # in a repeated hour only its first pass counts as an opening
        assert twice or not is_open(step, zone, hours)
        step += timedelta(minutes=15)


@given(moment=MOMENTS, name=ZONES)
def test_an_open_moment_stays_as_it_is(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    opens = next_open(moment, zone, HOURS)

    assert (opens == moment) == is_open(moment, zone, HOURS)
