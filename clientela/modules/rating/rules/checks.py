"""What is wrong with a version of a table: cells nobody can read, holes, overlaps; and what only looks odd."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise, product
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from clientela.modules.rating.rules import cells
from clientela.modules.rating.rules.tables import Body, Hit, Kind

# A value that is so many times its neighbour is looked at again.
JUMP = Decimal("1.25")
MOST_COMBINATIONS = 20_000
MOST_PAIRS_OF_ROWS = 600


@dataclass(frozen=True)
class Problem:
    """``row`` counts from 0, -1 is the whole table. A warning does not hold a version back."""

    kind: str  # cell, hole, overlap, empty, jump
    text: Any
    row: int = -1
    column: str = ""
    is_warning: bool = False


def problems(body: Body) -> list[Problem]:
    """Everything that a person must mend, then everything that they should look at."""
    if not body.rows:
        return [Problem("empty", _("The table has no rows."))]
    bad = list(_cells(body))
    if bad:
        return bad
    return [*_overlaps(body), *_holes(body), *_jumps(body)]


def _cells(body: Body) -> Iterator[Problem]:
    for number, row in enumerate(body.rows):
        if len(row) != len(body.columns):
            yield Problem("cell", _("The row has %s cells.") % len(row), number)
            continue
        for column, text in zip(body.columns, row, strict=True):
            try:
                column.check(text)
            except cells.BadCell as bad:
                yield Problem("cell", bad.message, number, column.key)


def _overlaps(body: Body) -> Iterator[Problem]:
    if body.hit != Hit.UNIQUE or len(body.rows) > MOST_PAIRS_OF_ROWS:
        return
    for one, other in combinations(range(len(body.rows)), 2):
        both = (
            _meet(column.kind, body.text(one, column.key), body.text(other, column.key))
            for column in body.conditions
        )
        if all(both):
            told = {"one": one + 1, "other": other + 1}
            yield Problem("overlap", _("Rows %(one)s and %(other)s both fit.") % told, other)


def _meet(kind: Kind, one: str, other: str) -> bool:
    if kind == Kind.EXACT:
        a, b = set(cells.words(one)), set(cells.words(other))
        return not a or not b or bool(a & b)
    if kind == Kind.BOOL:
        return None in (cells.flag(one), cells.flag(other)) or cells.flag(one) == cells.flag(other)
    a_span, b_span = cells.span(one), cells.span(other)
    return _before(a_span, b_span) and _before(b_span, a_span)


def _before(one: cells.Range, other: cells.Range) -> bool:
    """Whether ``one`` begins no later than ``other`` ends."""
    if one.low is None or other.high is None:
        return True
    return one.low < other.high or (one.low == other.high and not (one.low_open or other.high_open))


def _holes(body: Body) -> Iterator[Problem]:
    """Numbers between the least and the largest of a range for which no row speaks, other conditions being equal.

    Tables that collect speak only of what stands out, so a hole in them is no fault.
    """
    ranges = [column for column in body.conditions if column.kind == Kind.RANGE]
    if body.hit == Hit.COLLECT or len(ranges) != 1:
        return
    column = ranges[0]
    others = [known.key for known in body.conditions if known.key != column.key]
    groups: dict[tuple[str, ...], list[cells.Range]] = {}
    for row in range(len(body.rows)):
        key = tuple(body.text(row, other) for other in others)
        groups.setdefault(key, []).append(cells.span(body.text(row, column.key)))
    for spans in groups.values():
        spans.sort(key=lambda span: (span.low is not None, span.low or 0))
        reach = spans[0]
        for span in spans[1:]:
            if reach.high is None or span.low is None:
                reach = reach if reach.high is None else span
                continue
            gap = span.low - reach.high
            if gap > (1 if column.whole else 0) or (
                not column.whole and not gap and span.low_open and reach.high_open
            ):
                told = {"column": column.title, "low": reach.high, "high": span.low}
                yield Problem(
                    "hole", _("%(column)s: nothing between %(low)s and %(high)s.") % told, column=column.key
                )
            reach = max(
                reach, span, key=lambda one: one.high if one.high is not None else Decimal("Infinity")
            )


def _jumps(body: Body) -> Iterator[Problem]:
    """Values of neighbouring bands of one row that differ much."""
    for row, (left, right) in product(range(len(body.rows)), list(pairwise(body.banded))):
        if left.band_kind != Kind.RANGE or left.across != right.across:
            continue
        texts = [body.text(row, column.key) for column in (left, right)]
        if any(text.strip() in cells.NOTHING for text in texts):
            continue
        low, high = sorted(cells.number(text) for text in texts)
        if low > 0 and high / low > JUMP:
            one, other = (number_format(cells.number(text)) for text in texts)
            told = {"row": row + 1, "one": one, "other": other, "band": right.title}
            yield Problem(
                "jump",
                _("Row %(row)s jumps from %(one)s to %(other)s at %(band)s.") % told,
                row,
                right.key,
                True,
            )
