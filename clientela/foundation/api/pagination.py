"""Pages by key: the cursor holds the last row's order values, so a page costs the same at any depth."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Annotated, Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from clientela.foundation.api.problems import Problem

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=1000)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Page(Schema, Generic[T]):
    """``next`` goes into ``cursor`` of the next call; null at the end."""

    items: list[T]
    next: str | None = None


def page_of(
    rows: "QuerySet[Any]", *, order: tuple[str, ...], cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """One page of ``rows`` in ``order`` (not-null fields, ``-`` for descending, the last one unique).

    Raises Problem 422 for a cursor that was not given out by this list.
    """
    if cursor:
        rows = rows.filter(_after(rows, order, _decode(cursor, order)))
    items = list(rows.order_by(*order)[: limit + 1])
    more = len(items) > limit
    items = items[:limit]
    return {"items": items, "next": _encode(_values(items[-1], order), order) if more else None}


def page_of_sorted(
    items: Sequence[T],
    *,
    place: Callable[[T], tuple[int | str, ...]],
    order: tuple[str, ...],
    cursor: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """One page of a bounded list that was put in order in memory by ``place``, a unique key of each item.

    ``order`` names the parts of the place. Raises Problem 422 for a cursor that was not given out by this list.
    """
    if cursor:
        after = tuple(_decode(cursor, order))
        try:
            items = [item for item in items if place(item) > after]
        except TypeError:
            raise bad_cursor() from None
    shown = list(items[:limit])
    return {"items": shown, "next": _encode(place(shown[-1]), order) if len(items) > limit else None}


def _names(order: tuple[str, ...]) -> list[str]:
    return [name.removeprefix("-") for name in order]


def _values(row: Any, order: tuple[str, ...]) -> list[Any]:
    return [attrgetter(name.replace("__", "."))(row) for name in _names(order)]


def _encode(values: Sequence[Any], order: tuple[str, ...]) -> str:
    text = json.dumps([",".join(order), *values], default=_plain, ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value)} cannot be in a cursor")


def _decode(cursor: str, order: tuple[str, ...]) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        given, *values = json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise bad_cursor() from None
    scalars = all(isinstance(value, (str, int, float)) for value in values)
    if given != ",".join(order) or len(values) != len(order) or not scalars:
        raise bad_cursor()
    return values


def _after(rows: "QuerySet[Any]", order: tuple[str, ...], values: list[Any]) -> Q:
    """``a >= x AND (a > x OR (a = x AND b > y))``: the first half lets the index jump to the place."""
    cleaned = []
    for name, value in zip(_names(order), values, strict=True):
        field = _field(rows.model, name)
        try:
            clean = field.to_python(value)
            field.run_validators(clean)
        except (ValidationError, ValueError, TypeError, OverflowError, ArithmeticError):
            raise bad_cursor() from None
        cleaned.append(clean)
    beyond, same = Q(pk__in=[]), Q()
    for name, way, value in zip(_names(order), order, cleaned, strict=True):
        beyond |= same & Q(**{f"{name}__{'lt' if way.startswith('-') else 'gt'}": value})
        same &= Q(**{name: value})
    first = f"{_names(order)[0]}__{'lte' if order[0].startswith('-') else 'gte'}"
    return Q(**{first: cleaned[0]}) & beyond


def _field(model: Any, name: str) -> Any:
    *path, last = name.split("__")
    for step in path:
        model = model._meta.get_field(step).related_model
    field = model._meta.pk if last == "pk" else model._meta.get_field(last)
    if field.null:
        raise ValueError(f"{name} may be null: it cannot order pages")
    return field


def bad_cursor() -> Problem:
    """What a list answers to a cursor that it did not give out."""
    return Problem(422, "bad_cursor", _("This cursor does not belong to this list."))
