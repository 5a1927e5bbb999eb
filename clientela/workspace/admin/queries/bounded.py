"""Counts that cannot make a page slow: they stop at a limit."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

MOST = 10_000


@dataclass(frozen=True)
class Count:
    """``number`` rows, or more when ``is_more``."""

    number: int
    is_more: bool = False


def bounded_count(rows: "QuerySet[Any]", most: int = MOST) -> Count:
    """Count at most ``most`` rows; one statement that stops there."""
    found = rows.order_by().values("pk")[: most + 1].count()
    return Count(most, True) if found > most else Count(found)
