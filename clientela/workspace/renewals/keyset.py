"""Pages by key for lists that are ordered by expressions: a page costs the same at any depth."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Key:
    """One value of an order: a not-null field or annotation, which way round, and how to read it back."""

    name: str
    kind: type = int
    descending: bool = False


@dataclass(frozen=True)
class KeyPage(Generic[Item]):
    """Rows of a page; ``after`` and ``before`` are cursors of the neighbours, empty at the ends."""

    rows: list[Item]
    after: str = ""
    before: str = ""


def page_of(
    rows: "QuerySet[Row]",
    order: Sequence[Key],
    *,
    shown: "QuerySet[Row] | None" = None,
    after: str = "",
    before: str = "",
    size: int = 50,
) -> KeyPage[Row]:
    """The page after or before a cursor, else the first one. A cursor of another order gives the first page.

    ``order`` must end with the primary key. Two statements: the keys of the page among bare ``rows``, then these rows
    of ``shown`` with whatever a page of them needs besides, so that joins cost a page and not the list.
    """
    place = _read(after or before, order)
    back = bool(before and not after and place)
    if place is not None:
        rows = rows.filter(_beyond(order, place, back=back))
    names = [f"{'-' if key.descending != back else ''}{key.name}" for key in order]
    keys = list(rows.order_by(*names).values_list(*[key.name for key in order])[: size + 1])
    more, keys = len(keys) > size, keys[:size]
    if back:
        keys.reverse()
    if not keys:
        return KeyPage([])
    found = (rows.model._default_manager.all() if shown is None else shown).in_bulk([key[-1] for key in keys])
    has_next, has_previous = (True, more) if back else (more, place is not None)
    return KeyPage(
        [found[key[-1]] for key in keys if key[-1] in found],
        after=_write(keys[-1], order) if has_next else "",
        before=_write(keys[0], order) if has_previous else "",
    )


def reads(cursor: str, order: Sequence[Key]) -> bool:
    """Whether ``cursor`` was given out by a list in this order."""
    return _read(cursor, order) is not None


def _beyond(order: Sequence[Key], place: Sequence[Any], *, back: bool) -> Q:
    beyond, same = Q(pk__in=[]), Q()
    for key, value in zip(order, place, strict=True):
        beyond |= same & Q(**{f"{key.name}__{'lt' if key.descending != back else 'gt'}": value})
        same &= Q(**{key.name: value})
    first = order[0]
    jump = Q(**{f"{first.name}__{'lte' if first.descending != back else 'gte'}": place[0]})
    return jump & beyond


def _mark(order: Sequence[Key]) -> str:
    return ",".join(f"{'-' if key.descending else ''}{key.name}" for key in order)


def _write(values: Sequence[Any], order: Sequence[Key]) -> str:
    text = json.dumps([_mark(order), *map(str, values)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, order: Sequence[Key]) -> list[Any] | None:
    if not cursor or len(cursor) > 1000:
        return None
    try:
        mark, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if mark != _mark(order) or len(values) != len(order):
            return None
        return [_typed(key.kind, value) for key, value in zip(order, values, strict=True)]
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        return None


def _typed(kind: type, text: str) -> Any:
    if "\x00" in text:
        raise ValueError(text)
    if kind is date:
        return date.fromisoformat(text)
    if kind is datetime:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment
    if kind is int:
        number = int(text)
        if abs(number) >= 2**63:
            raise ValueError(text)
        return number
    if kind is Decimal:
        amount = Decimal(text)
        if not amount.is_finite() or abs(amount) > 10**12:
            raise ValueError(text)
        return amount
    return text
