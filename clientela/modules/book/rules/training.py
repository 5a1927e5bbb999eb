"""How a test is marked, how long a pass holds, and when one may try again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from clientela.foundation.dates import add_months


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

    ``test`` is the test to pass, ``until`` the last day of the pass (of the free days, if not yet required).
    """

    allowed: bool
    reason: Reason
    test: int | None = None
    until: date | None = None


def is_right(right: Collection[int], chosen: Collection[int]) -> bool:
    """Whether all of the right answers and no other were chosen."""
    return set(chosen) == set(right)


def valid_until(passed_on: date, months: int) -> date:
    """The last day on which a pass holds."""
    return add_months(passed_on, months) - timedelta(days=1)


def free_again(last_failed: datetime | None, pause: timedelta) -> datetime | None:
    """When the next attempt may be made after a failed one; nothing if there was none."""
    return None if last_failed is None else last_failed + pause
