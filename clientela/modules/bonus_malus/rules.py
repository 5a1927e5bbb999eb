"""Classes of drivers: which is better, and what a year makes of one. Their coefficients are the tariff's."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

NEW_DRIVER = "3"
CLASSES = ("M", *(str(number) for number in range(14)))


@cache
def _table() -> dict[str, dict[str, str]]:
    with (Path(__file__).parent / "classes.csv").open() as lines:
        return {row["class"]: row for row in csv.DictReader(lines)}


def rank(klass: str) -> int:
    """Where a class stands between the dearest, 0, and the cheapest; what it is worth stands in the tariff."""
    return CLASSES.index(klass)


def next_class(klass: str, claims: int) -> str:
    """The class after a year with so many claims paid for the driver's fault."""
    return _table()[klass][str(claims) if claims <= 3 else "more"]


def season_of(on: date) -> date:
    """The first of April from which the class of this day holds."""
    return date(on.year if (on.month, on.day) >= (4, 1) else on.year - 1, 4, 1)
