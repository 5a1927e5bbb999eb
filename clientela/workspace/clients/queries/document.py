"""Several lists of one record in one statement: each list is aggregated to JSON by the database.

Works on PostgreSQL and SQLite. A round trip costs more than all the rows of a client's card.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from django.db import connection
from django.db.models import TextField
from django.db.models.expressions import RawSQL

Row = TypeVar("Row")


def rows_as_json(columns: Mapping[str, str], source: str, params: Sequence[Any] = ()) -> RawSQL:
    """An annotation: the rows of ``SELECT columns source`` as one JSON text.

    ``columns`` maps a name to an SQL expression, ``source`` goes on from FROM and may refer to the outer
    table by its full name. Neither may come from a request; values go into ``params``.
    """
    inner = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    pairs = ", ".join(f"'{name}', t.{name}" for name in columns)
    if connection.vendor == "postgresql":
        sql = f"COALESCE((SELECT json_agg(json_build_object({pairs}))::text FROM (SELECT {inner} {source}) t), '[]')"
    else:
        sql = f"(SELECT json_group_array(json_object({pairs})) FROM (SELECT {inner} {source}) t)"
    return RawSQL(sql, list(params), output_field=TextField())  # noqa: S611 (nothing in it is typed by people)


def decode(kind: Callable[..., Row], text: str) -> list[Row]:
    """Rows of a dataclass from such a text; its fields without a default are named like the columns."""
    readers = _readers(kind)
    return [
        kind(**{name: None if item[name] is None else read(item[name]) for name, read in readers.items()})
        for item in json.loads(text, parse_float=Decimal)
    ]


@cache
def _readers(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind) if field.default is MISSING}


def _reader(hint: Any) -> Any:
    if isinstance(hint, UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    return {date: date.fromisoformat, datetime: moment, Decimal: _decimal, bool: bool, int: int}.get(
        hint, str
    )


def _decimal(value: Any) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


def moment(text: str) -> datetime:
    """A moment as either database writes it into JSON; SQLite keeps UTC without saying so."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
