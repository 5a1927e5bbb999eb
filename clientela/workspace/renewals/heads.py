"""The head of the list: its orders, its columns, the days over the day track."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from clientela.workspace.renewals.columns import COLUMNS
from clientela.workspace.renewals.filters import FIRST_DAY, LAST_DAY, BoardFilter
from clientela.workspace.renewals.panel import LEAST_GAP, board_url


def orders(wanted: BoardFilter) -> list[dict[str, Any]]:
    """Every order of the list as a link."""
    words = {
        "risk": _("By risk: days left, no project first"),
        "end": _("By end date"),
        "-price": _("Dearest first"),
        "price": _("Cheapest first"),
        "-change": _("Price grew most"),
        "change": _("Price fell most"),
        "name": _("By name"),
    }
    return [
        {"label": label, "url": board_url(wanted.but(order=code)), "current": wanted.order == code}
        for code, label in words.items()
    ]


SORTS = {"client": "name", "left": "end", "price": "price"}
WIDE = {"last", "next", "agent", "branch", "number", "year", "reach"}
RIGHT = {"price", "year"}


def heads(wanted: BoardFilter, columns: Iterable[str]) -> list[dict[str, Any]]:
    """Heads of the table; a head that orders the list is a link, pressed again it turns the order round."""
    labels = {"client": _("Client and contract"), **COLUMNS}
    result = []
    for code in ("client", *columns):
        head: dict[str, Any] = {
            "code": code, "label": labels[code], "right": code in RIGHT, "wide": code in WIDE, "url": "",
        }  # fmt: skip
        if key := SORTS.get(code):
            up, down = wanted.order == key, wanted.order == f"-{key}"
            head |= {
                "url": board_url(wanted.but(order=f"-{key}" if up else key)),
                "sort": "ascending" if up else "descending" if down else "none",
                "icon": "chevron-up" if up else "chevron-down" if down else "",
            }
        result.append(head)
    return result


def ticks(schedule: Sequence[tuple[int, list[str]]]) -> list[dict[str, Any]]:
    """The days of the schedule in the head of the day track; days too near to each other share one."""
    shown: list[int] = []
    for day, _channels in schedule:
        if LAST_DAY < day <= FIRST_DAY and (not shown or shown[-1] - day >= LEAST_GAP):
            shown.append(day)
    return [{"day": day, "left": f"{100 * (FIRST_DAY - day) / FIRST_DAY:.1f}"} for day in shown]
