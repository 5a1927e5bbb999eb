"""Money: Decimal roubles with kopecks, never a float.

``Money`` names the type in signatures; ``kopecks`` is the only rounding (half up, as the tariff acts say).
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import floor
from typing import Any

from django.db import models

Money = Decimal

ZERO = Decimal("0.00")
KOPECK = Decimal("0.01")


def kopecks(amount: Decimal | int | str) -> Money:
    """``amount`` roubles rounded half up to whole kopecks.

    Raises ``TypeError`` for a float, whose binary value is not the number that was written, and
    ``decimal.InvalidOperation`` for text that is no number.
    """
    if isinstance(amount, float):
        raise TypeError("money must not be a float")
    return Decimal(amount).quantize(KOPECK, ROUND_HALF_UP)


def total(amounts: Iterable[Decimal | int | str]) -> Money:
    """Sum of roubles in kopecks; an empty sum is 0.00."""
    return kopecks(sum((Decimal(amount) for amount in amounts), ZERO))


def in_kopecks(amount: Decimal | int | str) -> int:
    """Whole number of kopecks, as payment formats want it."""
    return int(kopecks(amount) * 100)


def from_kopecks(count: int) -> Money:
    """Roubles from a whole number of kopecks."""
    return Decimal(count).scaleb(-2)


def allocate(amount: Decimal | int | str, weights: Sequence[Decimal | int]) -> list[Money]:
    """Split ``amount`` in proportion to ``weights`` so that the parts add up to it to the kopeck.

    Kopecks left by rounding go to the largest remainders, earlier parts first. Raises ``ValueError``
    unless the weights are non-negative and their sum positive.
    """
    whole = sum(Decimal(weight) for weight in weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative with a positive sum")
    count = in_kopecks(amount)
    exact = [count * Decimal(weight) / whole for weight in weights]
    parts = [floor(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: count - sum(parts)]:
        parts[index] += 1
    return [from_kopecks(part) for part in parts]


class MoneyField(models.DecimalField):
    """Roubles with kopecks in the database: ``DecimalField(14, 2)`` unless told otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)
