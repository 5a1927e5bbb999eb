"""Where the steps of a version stand on the board: lanes are channels, columns are days, blocks are steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext

from clientela.foundation.ui import formats
from clientela.modules.contacts.models import Channel
from clientela.modules.renewals.models import Step
from clientela.workspace.schedules import words
from clientela.workspace.schedules.queries.day_plan import StepPlan

SPAN = 45
# Percent of the board's width: of a block (at least and at most), of the part left of its day, of a period's chip.
WIDTH, WIDEST, LEAD, CHIP = 13.5, 22.0, 1.1, 21.0
ROW, PADDING = 38, 8
# Days nearer to each other than this share one number over the board.
LEAST_GAP = 3


@dataclass(frozen=True)
class Block:
    """One step. ``left`` and ``width`` are percent, ``top`` pixels; ``turned`` blocks end at their day."""

    step: Step
    left: float
    width: float
    top: int
    turned: bool
    period: bool
    conditional: bool
    plan: StepPlan | None
    when: str
    conditions: str
    chip: str = ""

    @property
    def chip_right(self) -> float:
        """Percent from the right edge to the block, where its chip ends."""
        return round(100 - self.left, 3)


@dataclass(frozen=True)
class Lane:
    """One channel with its blocks; ``top`` and ``height`` are pixels."""

    channel: str
    name: str
    top: int
    height: int
    blocks: list[Block]


@dataclass(frozen=True)
class Board:
    """The whole drawing: lanes, numbers and lines of days, and the temperature of the days."""

    span: int
    lanes: list[Lane]
    height: int
    ticks: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    bands: list[dict[str, Any]]


def board(steps: Sequence[Step], plans: Mapping[str, StepPlan], names: words.Names) -> Board:
    """Lay out the steps; ``plans`` are the counts that are known already, by step key."""
    span = max([SPAN, *(-(-step.day // 5) * 5 for step in steps)])
    lanes: list[Lane] = []
    top = 0
    for channel in Channel:
        own = [step for step in steps if step.channel == channel]
        if own:
            blocks, rows = _blocks(own, plans, names, span=span, top=top)
            height = PADDING + rows * ROW
            lanes.append(Lane(channel.value, words.channel_name(channel), top, height, blocks))
            top += height
    days = sorted({step.day for step in steps}, reverse=True)
    return Board(span, lanes, top, _ticks(days, span), _lines(days, span), _bands(steps, span))


def position(day: float, span: int) -> float:
    """Percent from the left for ``day`` days before the end."""
    return round(100 * (span - day) / span, 3)


def _blocks(
    steps: Sequence[Step], plans: Mapping[str, StepPlan], names: words.Names, *, span: int, top: int
) -> tuple[list[Block], int]:
    ends: list[float] = []
    blocks = []
    days = sorted({position(step.day, span) for step in steps})
    for step in sorted(steps, key=lambda s: (-s.day, s.position, s.pk)):
        period = step.until_day is not None and step.until_day < step.day
        at = position(step.day, span)
        turned = not period and at - LEAD + WIDTH > 102
        if period:
            left, width = at, max(position(step.until_day or 0, span) - at, WIDTH / 2)
        elif turned:
            left, width = at + LEAD - WIDTH, WIDTH
        else:
            following = next((other for other in days if other > at), 100 + LEAD)
            left, width = at - LEAD, min(WIDEST, max(WIDTH, following - at - 1))
        chip = words.short_stops(step) if period and left > CHIP else ""
        begin = left - CHIP if chip else left
        row = next((number for number, end in enumerate(ends) if end <= begin), len(ends))
        if row == len(ends):
            ends.append(0)
        ends[row] = left + width
        blocks.append(
            Block(
                step=step, left=round(left, 3), width=round(width, 3), top=top + PADDING + row * ROW, turned=turned,
                period=period, conditional=words.is_conditional(step), plan=plans.get(step.key),
                when=words.when(step), chip=chip,
                conditions="; ".join(words.sentence(c, names) for c in step.conditions),
            )
        )  # fmt: skip
    return blocks, len(ends)


def _ticks(days: Sequence[int], span: int) -> list[dict[str, Any]]:
    strong = [day for number, day in enumerate(days) if number == 0 or days[number - 1] - day >= LEAST_GAP]
    ends = {span, 0}
    plain = [
        day
        for day in range(0, span + 1, 5)
        if day not in strong and (day in ends or all(abs(day - other) >= LEAST_GAP for other in strong))
    ]
    shown = [(day, True) for day in strong] + [(day, day in ends) for day in plain]
    return [
        {"day": day, "left": position(day, span), "strong": bold} for day, bold in sorted(shown, reverse=True)
    ]


def _lines(days: Sequence[int], span: int) -> list[dict[str, Any]]:
    marked = {*days, 0, span}
    return [
        {"left": position(day, span), "strong": day in marked}
        for day in sorted({*marked, *range(0, span + 1, 5)}, reverse=True)
    ]


def _bands(steps: Sequence[Step], span: int) -> list[dict[str, Any]]:
    """The temperature of the days, with its limits on the steps' own days, as the chips of days show it."""
    limits = limits_of(steps)
    people = any(step.channel in words.PERIODS and step.day > min(limits, default=0) for step in steps)
    labels = {
        "far": pgettext("days", "Calm"),
        "mid": pgettext("days", "Reminding"),
        "soon": pgettext("days", "People join in") if people else pgettext("days", "Urging"),
        "now": pgettext("days", "Last days"),
    }
    runs: list[tuple[str, int, int]] = []
    for day in range(span, -1, -1):
        name = formats.temperature(day, limits or formats.STEPS)
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1], day)
        else:
            runs.append((name, day, day))
    bands = []
    for name, first, last in runs:
        left, right = position(min(first + 0.5, span), span), position(max(last - 0.5, 0), span)
        bands.append({"name": name, "label": labels[name], "left": left, "width": round(right - left, 3)})
    return bands


def limits_of(steps: Sequence[Step]) -> list[int]:
    """Days on which steps stand; the robot's period is not a day of its own."""
    return sorted({step.day for step in steps if step.channel != Channel.ROBOT}, reverse=True)
