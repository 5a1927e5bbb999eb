"""When the robot tries again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clientela.modules.calls.ports import Ending
from clientela.modules.robot.rules.retries import Result, may_ring, next_attempt, result_of

SAMARA = ZoneInfo("Europe/Samara")
NOW = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)  # noon in Samara
TOMORROW = datetime(2026, 11, 19, 10, 0, tzinfo=SAMARA)


@pytest.mark.parametrize(
    ("result", "spread", "after"),
    [
        ("busy", 0.0, timedelta(minutes=15)),
        ("failed", 0.0, timedelta(minutes=30)),
        ("no_answer", 0.0, timedelta(hours=2)),
        ("no_answer", 0.5, timedelta(hours=3)),
        ("no_answer", 1.0, timedelta(hours=4)),
    ],
)
def test_the_pause_after_an_attempt(result: Result, spread: float, after: timedelta) -> None:
    assert next_attempt(result, now=NOW, zone=SAMARA, attempts=[NOW], spread=spread) == NOW + after


@pytest.mark.parametrize("result", ["talked", "machine"])
def test_after_a_conversation_or_a_machine_it_is_the_next_day(result: Result) -> None:
    assert next_attempt(result, now=NOW, zone=SAMARA, attempts=[NOW], spread=0) == TOMORROW


def test_three_attempts_a_day_whatever_they_met() -> None:
    made = [NOW - timedelta(hours=3), NOW - timedelta(hours=1), NOW]
    assert next_attempt("busy", now=NOW, zone=SAMARA, attempts=made, spread=0) == TOMORROW
    yesterday = [NOW - timedelta(days=1)] * 5
    assert next_attempt("busy", now=NOW, zone=SAMARA, attempts=[*yesterday, NOW], spread=0) > NOW


def test_the_day_is_the_clients_own() -> None:
    """21:30 UTC is the next day in Samara: yesterday's attempts no longer count."""
    late = datetime(2026, 11, 18, 21, 30, tzinfo=UTC)
    made = [late - timedelta(hours=6)] * 3
    assert may_ring(now=late, zone=SAMARA, attempts=made, talks=[]) == late
    assert may_ring(now=NOW, zone=SAMARA, attempts=[NOW] * 3, talks=[]) == TOMORROW
    assert may_ring(now=NOW, zone=SAMARA, attempts=[], talks=[NOW]) == TOMORROW
    assert may_ring(now=NOW, zone=SAMARA, attempts=[NOW], talks=[]) == NOW


@pytest.mark.parametrize(
    ("ending", "result"),
    [
        (Ending.BUSY, "busy"),
        (Ending.NO_ANSWER, "no_answer"),
        (Ending.REJECTED, "no_answer"),
        (Ending.CONGESTION, "failed"),
        (Ending.FAILED, "failed"),
    ],
)
def test_what_an_ending_counts_as(ending: Ending, result: Result) -> None:
    assert result_of(ending) == result
