"""Classes of drivers: what each is worth, and what a year makes of it."""

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

NEW_DRIVER = "3"
CLASSES = ("M", *(str(number) for number in range(14)))


@cache
def _table() -> dict[str, dict[str, str]]:
    with (Path(__file__).parent / "classes.csv").open() as lines:
        return {row["class"]: row for row in csv.DictReader(lines)}


def value_of(klass: str) -> Decimal:
    """The coefficient of a class."""
    return Decimal(_table()[klass]["kbm"])


def next_class(klass: str, claims: int) -> str:
    """The class after a year with so many claims paid for the driver's fault."""
    return _table()[klass][str(claims) if claims <= 3 else "more"]


def season_of(on: date) -> date:
    """The first of April from which the class of this day holds."""
    return date(on.year if (on.month, on.day) >= (4, 1) else on.year - 1, 4, 1)
