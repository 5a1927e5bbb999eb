"""Terms, prices and numbers of contracts. Pure calculation."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from clientela.foundation.dates import term_end

DEFAULT_NUMBER_FORMAT = "{code}-{serial:06}/{year:02}"


@dataclass(frozen=True)
class Term:
    """First and last day of cover."""

    start: date
    end: date


def next_term(end: date) -> Term:
    """The yearly term that follows without a gap: from the day after ``end``."""
    start = end + timedelta(days=1)
    return Term(start, term_end(start))


def price_change(before: Decimal, after: Decimal) -> Decimal | None:
    """Change of a price in percent with one decimal; ``None`` when there was no price before."""
    if not before:
        return None
    return ((after - before) * 100 / before).quantize(Decimal("0.1"))


def policy_number(number_format: str, *, code: str, serial: int, start: date) -> str:
    """The number of a new policy. A format may use ``code``, ``serial`` and the two digits of the ``year``."""
    return (number_format or DEFAULT_NUMBER_FORMAT).format(code=code, serial=serial, year=start.year % 100)


def share_passed(start: date, end: date, today: date) -> int:
    """How much of a term has passed, in percent 0…100."""
    length = (end - start).days + 1
    return max(0, min(100, ((today - start).days + 1) * 100 // length)) if today >= start else 0
