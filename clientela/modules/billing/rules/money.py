"""Dividing a premium into instalments and money over them. Pure calculation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clientela.foundation.dates import add_months
from clientela.foundation.money import ZERO, allocate


@dataclass(frozen=True)
class Due:
    """One part of a premium and its day."""

    number: int
    due_on: date
    amount: Decimal


def instalments(premium: Decimal, count: int, start: date) -> list[Due]:
    """``count`` equal parts at equal distances over the year, the first on the first day of cover."""
    if premium <= 0:
        return []
    parts = allocate(premium, [1] * count)
    return [
        Due(number, add_months(start, (number - 1) * 12 // count), part)
        for number, part in enumerate(parts, 1)
    ]


def spread(amount: Decimal, left: Sequence[Decimal]) -> tuple[list[Decimal], Decimal]:
    """Pay the oldest first: what each open part gets of ``amount``, and what remains over."""
    shares = []
    for part in left:
        share = min(amount, max(part, ZERO))
        shares.append(share)
        amount -= share
    return shares, amount


@dataclass(frozen=True)
class Balance:
    """Money due for something and money that came in for it."""

    due: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        """Still to be paid; never negative."""
        return max(self.due - self.paid, ZERO)

    @property
    def over(self) -> Decimal:
        """Paid too much; it waits for a refund or another contract."""
        return max(self.paid - self.due, ZERO)

    @property
    def settled(self) -> bool:
        return self.paid >= self.due
