"""What stands above the list: tabs with counts, bars by day, shares by state, chips of the conditions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.lists.models import SavedView
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.renewals.models import Renewal, TermLine
from clientela.workspace.renewals.filters import FIRST_DAY, LAST_DAY, REACHES, BoardFilter
from clientela.workspace.renewals.queries.board import Cell, in_range, total

State = Renewal.State
HEIGHT = 60
# From the foot of a bar upwards; what nothing was done for takes the colour of the term's temperature.
STACK = (
    (State.PAID, "good"),
    (State.QUOTED, "c1"),
    (State.PROJECT, "h3"),
    (State.NOTHING, ""),
    (State.LOST, "ink-4"),
)
LEAST_GAP = 6


def board_url(wanted: BoardFilter) -> str:
    """The address of the board with this filter."""
    query = wanted.query
    return f"{base_url()}?{query}" if query else base_url()


@cache
def base_url() -> str:
    """The address of the board without conditions."""
    return reverse("renewals:board")


# --- tabs ----------------------------------------------------------------------------------------------


def built_in_filters() -> list[BoardFilter]:
    """The filters behind the tabs that everybody has."""
    return [built for _label, built in _built_in()]


def _built_in() -> list[tuple[str, BoardFilter]]:
    usual = BoardFilter()
    return [
        (_("All expiring"), usual),
        (_("17 days, no project"), usual.but(first=17, state=(State.NOTHING.value,))),
        (_("Quoted, not paid"), usual.but(state=(State.QUOTED.value,))),
        (_("First-year OSAGO"), usual.but(line=(TermLine.OSAGO.value,), first_year=True)),
        (pgettext("many", "Paid"), usual.but(state=(State.PAID.value,))),
        (pgettext("many", "Lost"), usual.but(state=(State.LOST.value,))),
    ]


def tabs(wanted: BoardFilter, cells: Sequence[Cell], views: Iterable[SavedView]) -> list[dict[str, Any]]:
    """Saved views as links; ``cells`` are those of the whole scope without conditions."""
    plain = wanted.without("order")
    items = []
    for label, built in _built_in():
        if built.first_year:
            count = sum(cell.first_osago for cell in in_range(cells, built))
        else:
            count = total(cells, built).count
        items.append({"label": label, "url": board_url(built), "count": count, "current": plain == built})
    for view in views:
        url = f"{base_url()}?{view.query}" if view.query else base_url()
        items.append({"label": view.name, "url": url, "current": wanted.query == view.query, "id": view.pk})
    return items


# --- bars ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """One day: what ends on it by state, and the link to the list of it."""

    left: int
    count: int
    segments: list[dict[str, str]]
    chosen: bool
    label: str
    url: str


def bars(
    cells: Iterable[Cell], wanted: BoardFilter, *, limits: Sequence[int] = formats.STEPS, height: int = HEIGHT
) -> list[Bar]:
    """A bar for every day of the window, from 45 days left to the day of the end."""
    by_day: dict[int, dict[str, int]] = defaultdict(dict)
    for cell in cells:
        if LAST_DAY <= cell.left <= FIRST_DAY:
            by_day[cell.left][cell.state] = cell.count
    highest = max((sum(states.values()) for states in by_day.values()), default=0) or 1
    return [
        _bar(left, by_day.get(left, {}), wanted, height / highest, limits)
        for left in range(FIRST_DAY, LAST_DAY - 1, -1)
    ]


def _bar(
    left: int, states: Mapping[str, int], wanted: BoardFilter, scale: float, limits: Sequence[int]
) -> Bar:
    colours = {state: colour or f"t-{formats.temperature(left, limits)}" for state, colour in STACK}
    segments = [
        {"height": f"{states[state] * scale:.1f}", "colour": colours[state]}
        for state, _colour in reversed(STACK)
        if states.get(state)
    ]
    count = sum(states.values())
    words = ngettext("%(n)s contract", "%(n)s contracts", count) % {"n": count}
    return Bar(
        left=left,
        count=count,
        segments=segments,
        chosen=wanted.last <= left <= wanted.first,
        label=f"{formats.days(left, get_language() or 'ru')}: {words}",
        url=board_url(wanted.but(first=left, last=left)),
    )


@dataclass(frozen=True)
class Frame:
    """Where the asked range stands over the bars: percents from either side, written for CSS."""

    left: str
    right: str


def frame(wanted: BoardFilter) -> Frame | None:
    """The frame round the chosen bars; None when all of them or none are."""
    first, last = min(wanted.first, FIRST_DAY), max(wanted.last, LAST_DAY)
    if (first, last) == (FIRST_DAY, LAST_DAY) or first < last:
        return None
    days = FIRST_DAY - LAST_DAY + 1
    return Frame(f"{100 * (FIRST_DAY - first) / days:.2f}", f"{100 * (last - LAST_DAY) / days:.2f}")


def steps(wanted: BoardFilter, schedule: Sequence[tuple[int, list[str]]]) -> list[dict[str, Any]]:
    """The days of the schedule under the bars; each is a link to the range that begins there.

    A day too near to the one before it has no room for words and is left out.
    """
    marked: list[tuple[int, list[str]]] = []
    for day, channels in schedule:
        if LAST_DAY < day <= FIRST_DAY and (not marked or marked[-1][0] - day >= LEAST_GAP):
            marked.append((day, channels))
    ends = [*(day + 1 for day, _channels in marked[1:]), LAST_DAY][: len(marked)]
    days = FIRST_DAY - LAST_DAY + 1
    result = []
    for (first, channels), last in zip(marked, ends, strict=True):
        chosen = (wanted.first, wanted.last) == (first, last)
        names = ", ".join(_in_sentence(str(CHANNELS[code][1])) for code in channels)
        result.append(
            {
                "left": f"{100 * (FIRST_DAY - first) / days:.2f}",
                "day": first,
                "label": f"{first}{formats.NBSP}— {names}",
                "url": board_url(wanted.without("days") if chosen else wanted.but(first=first, last=last)),
                "current": chosen,
            }
        )
    return result


def _in_sentence(name: str) -> str:
    return name if name.isupper() or "-" in name else name.lower()


def shares(cells: Iterable[Cell], wanted: BoardFilter) -> list[dict[str, Any]]:
    """Count and share of each state in the asked range, as links."""
    counts: dict[str, int] = defaultdict(int)
    for cell in in_range(cells, wanted):
        counts[cell.state] += cell.count
    whole = sum(counts.values())
    order = (State.NOTHING, State.PROJECT, State.QUOTED, State.PAID, State.LOST)
    colours = dict(STACK)
    return [
        {
            "label": state.label,
            "colour": colours[state],
            "count": counts[state],
            "share": 100 * counts[state] / whole if whole else 0,
            "url": board_url(
                wanted.without("state")
                if wanted.state == (state.value,)
                else wanted.but(state=(state.value,))
            ),
            "current": wanted.state == (state.value,),
        }
        for state in order
    ]


def table(cells: Iterable[Cell], wanted: BoardFilter) -> list[dict[str, Any]]:
    """The bars as a table: a row a day that has terms, a link in every figure."""
    by_day: dict[int, dict[str, int]] = defaultdict(dict)
    for cell in cells:
        if LAST_DAY <= cell.left <= FIRST_DAY:
            by_day[cell.left][cell.state] = cell.count
    return [
        {
            "left": left,
            "url": board_url(wanted.but(first=left, last=left)),
            "count": sum(states.values()),
            "cells": [
                {
                    "count": states.get(state, 0),
                    "url": board_url(wanted.but(first=left, last=left, state=(state.value,))),
                }
                for state in State
            ],
        }
        for left, states in sorted(by_day.items(), reverse=True)
    ]


# --- chips ---------------------------------------------------------------------------------------------


def chips(wanted: BoardFilter, names: Mapping[str, Mapping[int, str]]) -> list[dict[str, str]]:
    """The conditions in force with links that take each away; ``names`` give branches, centres, agents, reasons."""
    known = BoardFilter()
    found: list[tuple[str, str, str]] = []
    if (wanted.first, wanted.last) != (known.first, known.last):
        text = f"{wanted.last}–{wanted.first}" if wanted.first != wanted.last else str(wanted.first)
        unit = formats.days_chip(2, get_language() or "ru")[1]
        found.append(("days", _("Days left"), f"{text.replace('-', formats.MINUS)} {unit}"))
    for name, title, labels in (
        ("line", _("Product"), dict(TermLine.choices)),
        ("state", _("State"), dict(State.choices)),
        ("reach", _("Reached by"), {code: bit.label for code, bit in REACHES.items()}),
        ("branch", _("Branch"), names.get("branch", {})),
        ("centre", _("Renewal centre"), names.get("centre", {})),
        ("agent", _("Agent"), names.get("agent", {})),
        ("reason", _("Why lost"), names.get("reason", {})),
    ):
        values = getattr(wanted, name)
        if values:
            found.append((name, title, ", ".join(str(labels.get(value, "?")) for value in values)))
    if wanted.first_year:
        found.append(("first_year", _("Renewal year"), pgettext("renewal year", "first")))
    return [
        {"name": title, "value": value, "remove": board_url(wanted.without(name))}
        for name, title, value in found
    ]
