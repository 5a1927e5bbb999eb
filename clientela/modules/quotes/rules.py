"""Where a field came from, what two variants differ in, why a price moved. Pure calculation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from clientela.foundation.dates import term_end
from clientela.foundation.identifiers import InvalidIdentifier, normalize_driving_licence, policy_number_key
from clientela.foundation.money import kopecks

MOST_VARIANTS = 6
MOST_DRIVERS = 10
MOST_INSURED = 30
OFFER_DAYS = 30
IDENTITY = {"vehicle": ("vin", "plate", "body_number"), "flat": ("address",), "house": ("address",)}
FEWEST_DIGITS = 5  # of a foreign driving licence


class Origin(StrEnum):
    """Where the value of a field came from."""

    BASE = "base"
    REGISTRY = "registry"
    TALK = "talk"
    TYPED = "typed"


def number_of(serial: int, day: date) -> str:
    """Р-26-000001: the serial of the year."""
    return f"Р-{day.year % 100:02}-{serial:06}"


def number_key(number: str) -> str:
    """The number without marks and with Latin twins, as it is looked for."""
    return policy_number_key(number)


@dataclass(frozen=True)
class Count:
    """How many fields a person typed, and how many were known."""

    typed: int
    known: int


def count_origins(origins: Mapping[str, str]) -> Count:
    """Every field that is filled counts once."""
    typed = sum(1 for origin in origins.values() if origin == Origin.TYPED)
    return Count(typed, len(origins) - typed)


def offer_ends(today: date, starts_on: date) -> date:
    """An offer holds 30 days, at the longest until the cover would begin."""
    return max(today, min(today + timedelta(days=OFFER_DAYS), starts_on))


def names_thing(kind: str, subject: Mapping[str, Any]) -> bool:
    """Whether it is clear what a contract insures: a vehicle by its VIN, plate or body number, a home by its address."""
    wanted = IDENTITY.get(kind, ())
    return not wanted or any(subject.get(name) for name in wanted)


def licence(text: str) -> str:
    """A driving licence as it is stored. One of another country, known by its letters, stays as it was typed.

    Raises ``InvalidIdentifier``.
    """
    try:
        return str(normalize_driving_licence(text))
    except InvalidIdentifier:
        written = "".join(text.upper().split())
        if sum(sign.isdigit() for sign in written) < FEWEST_DIGITS or not any(map(str.isalpha, written)):
            raise
        return written


def loaded(premium: Decimal, loading: Decimal) -> Decimal:
    """The premium with an underwriter's factor, in kopecks."""
    return kopecks(premium * loading)


def last_day(start: date, months: int, answers: Mapping[str, Any]) -> date:
    """Last day of cover: of so many months, or of the journey where the answers count its ``days``."""
    days = str(answers.get("days") or "")
    return start + timedelta(days=int(days) - 1) if days.isdigit() and int(days) else term_end(start, months)


@dataclass(frozen=True)
class Moved:
    """A factor that is not what it was in the expiring term; ``effect`` is in roubles, in the order of the formula."""

    code: str
    title: str
    before: Decimal | None
    after: Decimal | None
    effect: Decimal
    part: str = ""


def what_moved(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[Moved]:
    """Factor by factor, why ``after`` costs what ``before`` did not; both are lines of stored explanations.

    Each line counts by what it made of the amount before it. The factors are swapped one by one in the order of the
    formula, so that the effects add up to the whole difference to the kopeck.
    """
    found: list[Moved] = []
    parts = dict.fromkeys(str(line.get("part", "")) for line in [*after, *before])
    for part in parts:
        moved = _moved_in([_of(line) for line in before if line.get("part", "") == part],
                          [_of(line) for line in after if line.get("part", "") == part])  # fmt: skip
        found += [replace(one, part=part) for one in moved]
    return found


@dataclass(frozen=True)
class _Line:
    code: str
    title: str
    value: Decimal
    running: Decimal


def _of(line: Mapping[str, Any]) -> _Line:
    return _Line(
        str(line["code"]), str(line["title"]), Decimal(str(line["value"])), Decimal(str(line["running"]))
    )


def _multipliers(lines: Sequence[_Line]) -> dict[str, Decimal]:
    """What each line makes of the amount before it; the first one stands for itself."""
    found, amount = {}, Decimal(0)
    for line in lines:
        found[line.code] = line.running / amount if amount else line.running
        amount = line.running
    return found


def multipliers(lines: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """What each line of a stored explanation makes of the amount before it; the first one stands for itself."""
    return _multipliers([_of(line) for line in lines])


def _moved_in(before: Sequence[_Line], after: Sequence[_Line]) -> list[Moved]:
    old, new = _multipliers(before), _multipliers(after)
    was = {line.code: line.value for line in before}
    lines = {line.code: line for line in [*before, *after]}
    now = {line.code: line.value for line in after}
    codes = [*new, *(code for code in old if code not in new)]
    values, found = dict(old), []
    amount = _product(values, codes)
    for code in codes:
        if was.get(code) == now.get(code):
            values[code] = new[code]
            continue
        values[code] = new.get(code, Decimal(1))
        swapped = _product(values, codes)
        effect = kopecks(swapped) - kopecks(amount)
        found.append(Moved(code, lines[code].title, was.get(code), now.get(code), effect))
        amount = swapped
    return found


def _product(values: Mapping[str, Decimal], codes: Sequence[str]) -> Decimal:
    amount = Decimal(1)
    for code in codes:
        amount *= values.get(code, Decimal(1))
    return amount


def differing(rows: Sequence[Sequence[str]]) -> list[list[bool]]:
    """Of each row of a comparison: which cells are not what the first one is."""
    return [[bool(index) and cell != row[0] for index, cell in enumerate(row)] for row in rows]
