"""Geometry of the day track: where touches, robot periods and today stand between the first day and day zero."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

SPAN = 45

MarkState = Literal["plan", "sent", "open", "reply", "drop", "fail", "wait"]


class Mark(TypedDict):
    """One touch: ``day`` before the end, ``channel`` code, its state, and a label for the tooltip."""

    day: int
    channel: str
    state: MarkState
    label: str


class Run(TypedDict):
    """A period worked day by day (the robot's calls): from ``first`` days before the end to ``last``."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Dot:
    channel: str
    state: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Touches of one day; ``left`` is its place in percent, ``now`` when the day is today."""

    day: int
    left: float
    now: bool
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Period:
    left: float
    width: float
    done: bool


@dataclass(frozen=True, slots=True)
class Track:
    """Percentages from the left edge; ``gone`` is the walked part, None of ``today`` hides the pin."""

    gone: float
    today: float | None
    groups: tuple[Group, ...]
    periods: tuple[Period, ...]


def position(day: float, span: int = SPAN) -> float:
    """Percent from the left for ``day`` days before the end; days outside the span stick to its edges."""
    return round(100 * (span - min(max(day, 0), span)) / span, 2)


def layout(
    marks: Iterable[Mark | Mapping[str, Any]],
    today: int,
    span: int = SPAN,
    runs: Sequence[Run | Mapping[str, Any]] = (),
) -> Track:
    """The track of a term with ``today`` days left.

    Touches of one day join in one group in the given order, groups go from the first day to the last.
    A run that has begun is drawn as done up to today, its rest as planned. Negative ``today`` (the
    term has ended) walks the whole track and shows no pin.
    """
    by_day: dict[int, list[Dot]] = {}
    for mark in marks:
        by_day.setdefault(mark["day"], []).append(Dot(mark["channel"], mark["state"], mark["label"]))
    groups = tuple(
        Group(day, position(day, span), day == today, tuple(dots))
        for day, dots in sorted(by_day.items(), reverse=True)
    )
    pin = position(today, span) if today >= 0 else None
    return Track(position(today, span), pin, groups, tuple(_periods(runs, today, span)))


def _periods(runs: Sequence[Run | Mapping[str, Any]], today: int, span: int) -> Iterable[Period]:
    for run in runs:
        first, last = max(run["first"], run["last"]), min(run["first"], run["last"])
        border = min(max(today, last), first)
        for begin, end, done in ((first, border, True), (border, last, False)):
            if begin > end:
                left = position(begin, span)
                yield Period(left, round(position(end, span) - left, 2), done)
