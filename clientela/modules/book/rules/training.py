"""How a test is marked, how long a pass holds, and when one may try again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from clientela.foundation.dates import add_months

SOON = 14
MOST_OPTIONS = 9
MOST_QUESTIONS = 60


class Reason(StrEnum):
    """Why a product may or may not be sold by somebody."""

    NOT_REQUIRED = "not_required"
    NOT_YET_REQUIRED = "not_yet_required"
    PASSED = "passed"
    NOT_TAKEN = "not_taken"
    NOT_PASSED = "not_passed"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Verdict:
    """Whether a product may be sold.

    ``test`` is the test to pass, ``until`` the last day of the pass (of the free days, if not yet required),
    ``sells_until`` the last day on which it may be sold without another pass; none if that is unbounded.
    """

    allowed: bool
    reason: Reason
    test: int | None = None
    until: date | None = None
    title: str = ""
    sells_until: date | None = None

    def days_left(self, day: date) -> int | None:
        """Days until the last day on which it may be sold; nothing where no day is set or it is over."""
        return (self.sells_until - day).days if self.allowed and self.sells_until else None

    def is_soon(self, day: date) -> bool:
        """Whether something has to be passed before long: a warning is due."""
        left = self.days_left(day)
        return left is not None and left <= SOON


def judge(
    *, test: int, title: str, required_from: date | None, taken: bool, passed_until: date | None, day: date
) -> Verdict:
    """What stands between a person and selling on ``day``; ``passed_until`` is the last day of the best pass."""
    free = sells_until(required_from, passed_until)
    if passed_until is not None and passed_until >= day:
        return Verdict(True, Reason.PASSED, test, passed_until, title, free)
    if required_from is None:
        return Verdict(True, Reason.NOT_REQUIRED, test, None, title)
    if day < required_from:
        return Verdict(True, Reason.NOT_YET_REQUIRED, test, required_from - timedelta(days=1), title, free)
    if passed_until is not None:
        return Verdict(False, Reason.EXPIRED, test, passed_until, title)
    return Verdict(False, Reason.NOT_PASSED if taken else Reason.NOT_TAKEN, test, None, title)


def sells_until(required_from: date | None, passed_until: date | None) -> date | None:
    """The last day on which somebody who may sell now may do so without another pass; none if unbounded.

    A pass that ends while the test is not required yet does not end anything.
    """
    if required_from is None:
        return None
    free = required_from - timedelta(days=1)
    return max(free, passed_until) if passed_until is not None else free


def is_right(right: Collection[int], chosen: Collection[int]) -> bool:
    """Whether all of the right answers and no other were chosen."""
    return set(chosen) == set(right)


def mark(paper: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The paper with every answer marked; what was not given is wrong."""
    return [{**one, "is_right": is_right(one["right"], one["chosen"] or ())} for one in paper]


def shuffled(options: Sequence[str], right: Collection[int], order: Sequence[int]) -> dict[str, Any]:
    """Options and the places of the right ones as they are shown in ``order``."""
    return {
        "options": [options[index] for index in order],
        "right": [place for place, index in enumerate(order) if index in set(right)],
    }


def valid_until(passed_on: date, months: int) -> date:
    """The last day on which a pass holds."""
    return add_months(passed_on, months) - timedelta(days=1)


def free_again(last_failed: datetime | None, pause: timedelta) -> datetime | None:
    """When the next attempt may be made after a failed one; nothing if there was none."""
    return None if last_failed is None else last_failed + pause


def topics_of(paper: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the wrong answers were about, each once."""
    return list(dict.fromkeys(one["topic"] for one in paper if not one.get("is_right") and one.get("topic")))
