from datetime import UTC, datetime, time

import pytest

from clientela.foundation.push.rules import is_quiet


@pytest.mark.parametrize(
    ("clock", "start", "end", "quiet"),
    [
        ("20:59", time(21), time(8), False),
        ("21:00", time(21), time(8), True),
        ("07:59", time(21), time(8), True),
        ("08:00", time(21), time(8), False),
        ("13:30", time(13), time(14), True),
        ("14:00", time(13), time(14), False),
        ("12:00", None, time(14), False),
        ("12:00", time(12), time(12), False),
    ],
)
def test_quiet_hours(clock, start, end, quiet):
    local = datetime.fromisoformat(f"2026-11-18T{clock}:00+03:00")

    assert is_quiet(local, start=start, end=end) is quiet


def test_quiet_until_a_moment():
    until = datetime(2026, 11, 18, 9, tzinfo=UTC)

    assert is_quiet(datetime.fromisoformat("2026-11-18T11:59:00+03:00"), start=None, end=None, until=until)
    assert not is_quiet(
        datetime.fromisoformat("2026-11-18T12:00:00+03:00"), start=None, end=None, until=until
    )
