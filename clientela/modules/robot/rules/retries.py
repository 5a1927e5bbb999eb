"""When the robot tries again: as data, with the numbers that are shipped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from clientela.foundation.dates import local_moment
from clientela.modules.calls.ports import Ending

Result = Literal["talked", "machine", "busy", "no_answer", "failed"]


@dataclass(frozen=True, slots=True)
class Retries:
    """Of one client: attempts and conversations a day, the least gap, and the pause after each result.

    ``no_answer`` is a span: attempts of one day do not come at the same minute.
    """

    attempts_a_day: int = 3
    gap: timedelta = timedelta(hours=2)
    busy: timedelta = timedelta(minutes=15)
    no_answer: tuple[timedelta, timedelta] = (timedelta(hours=2), timedelta(hours=4))
    failed: timedelta = timedelta(minutes=30)
    morning: time = time(10)


SHIPPED = Retries()
# Numbers nobody can be reached at: trying again is of no use.
HOPELESS = frozenset({Ending.WRONG_NUMBER})


def result_of(ending: str) -> Result:
    """What an attempt that nobody talked in was."""
    if ending == Ending.BUSY:
        return "busy"
    return (
        "no_answer"
        if ending in (Ending.NO_ANSWER, Ending.REJECTED, Ending.UNREACHABLE, Ending.NORMAL)
        else "failed"
    )


def next_attempt(
    result: Result,
    *,
    now: datetime,
    zone: ZoneInfo,
    attempts: Sequence[datetime],
    spread: float,
    rules: Retries = SHIPPED,
) -> datetime:
    """When to ring again. ``attempts`` are the client's attempts with the one just made; ``spread`` is 0 … 1.

    A busy line is tried again at once within its pause, whatever the gap; after a conversation or a machine it is the
    next day. The quiet hours are the communication policy's.
    """
    today = now.astimezone(zone).date()
    tomorrow = local_moment(today + timedelta(days=1), rules.morning, zone)
    made = sum(one.astimezone(zone).date() == today for one in attempts)
    if result in ("talked", "machine") or made >= rules.attempts_a_day:
        return tomorrow
    if result == "busy":
        return now + rules.busy
    if result == "failed":
        return now + rules.failed
    least, most = rules.no_answer
    return now + max(rules.gap, least + (most - least) * spread)


def may_ring(
    *,
    now: datetime,
    zone: ZoneInfo,
    attempts: Sequence[datetime],
    talks: Sequence[datetime],
    rules: Retries = SHIPPED,
) -> datetime:
    """``now`` when a client may be rung, whatever call asks for it; else when it may be tried."""
    today = now.astimezone(zone).date()
    if _on(talks, today, zone) or _on(attempts, today, zone) >= rules.attempts_a_day:
        return local_moment(today + timedelta(days=1), rules.morning, zone)
    return now


def _on(moments: Sequence[datetime], day: date, zone: ZoneInfo) -> int:
    return sum(one.astimezone(zone).date() == day for one in moments)
