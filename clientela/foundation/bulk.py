"""Statements over many rows at once. All values go as one JSON document, so that their number costs nothing extra."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection, models
from django.db.models.expressions import RawSQL


def listed(values: Iterable[int | str]) -> RawSQL | list[Any]:
    """``values`` for an ``__in`` lookup: one parameter instead of one for each value, which a server limits."""
    some = list(values)
    if not some:
        return []
    document = orjson.dumps(some).decode()
    if connection.vendor != "postgresql":
        return RawSQL("SELECT value FROM json_each(%s)", [document])
    cast = "bigint" if isinstance(some[0], int) else "text"
    return RawSQL(f"SELECT jsonb_array_elements_text(%s::jsonb)::{cast}", [document])  # noqa: S611


def update_rows(
    model: type[models.Model], rows: Mapping[int, Mapping[str, Any]], *, unless_set: str = ""
) -> int:
    """Write ``{id: {field: value}}`` in one statement; every row names the same fields. Returns the row count.

    ``unless_set`` names a field: rows in which it is filled already stay as they are.
    """
    if not rows:
        return 0
    fields = _fields(model, next(iter(rows.values())))
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    sets = ", ".join(f"{quote(field.column)} = given.{quote(field.column)}" for field in fields)
    source = _source([model._meta.pk, *fields])
    condition = f"{table}.id = given.id"
    if unless_set:
        condition += f" AND {table}.{quote(_fields(model, [unless_set])[0].column)} IS NULL"
    document = _document(fields, rows.values(), rows.keys())
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {sets} FROM {source} WHERE {condition}", [document])
        return cursor.rowcount


def insert_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that all name the same fields, in one statement; returns their ids in order.

    Defaults of the model are not applied: name every field the database wants.
    """
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*_insert(model, rows, "RETURNING id"))
        return [row[0] for row in cursor.fetchall()]


def insert_missing(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Like ``insert_rows``; rows whose unique key is there already are left out."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(*_insert(model, rows, "ON CONFLICT DO NOTHING"))


def _insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]], end: str) -> tuple[str, list[str]]:
    fields = _fields(model, rows[0])
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    # SQLite needs WHERE to tell the conflict clause from a join.
    sql = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_source(fields)} WHERE true {end}"
    return sql, [_document(fields, rows)]


def _fields(model: type[models.Model], names: Iterable[str]) -> list[Any]:
    return [model._meta.get_field(name) for name in names]


def _source(fields: Sequence[Any]) -> str:
    """The document as a table ``given`` with a column for each field."""
    quote = connection.ops.quote_name
    if connection.vendor == "postgresql":
        columns = ", ".join(f"{quote(field.column)} {_type(field)}" for field in fields)
        return f"jsonb_to_recordset(%s::jsonb) AS given({columns})"
    columns = ", ".join(
        f"json_extract(value, '$.{field.column}') AS {quote(field.column)}" for field in fields
    )
    return f"(SELECT {columns} FROM json_each(%s)) AS given"


def _type(field: Any) -> str:
    target = field.target_field if field.is_relation else field
    kind: str = target.rel_db_type(connection) if target.primary_key else target.db_type(connection)
    return kind


def _document(
    fields: Sequence[Any], rows: Iterable[Mapping[str, Any]], ids: Iterable[int] | None = None
) -> str:
    pairs = [(field.name, field.column) for field in fields]
    moments = [field.column for field in fields if isinstance(field, models.DateTimeField)]
    plain = [{column: row[name] for name, column in pairs} for row in rows]
    if ids is not None:
        for row, row_id in zip(plain, ids, strict=True):
            row["id"] = row_id
    if connection.vendor != "postgresql":  # SQLite keeps moments as text in its own form
        for row in plain:
            for column in moments:
                if row[column] is not None:
                    row[column] = connection.ops.adapt_datetimefield_value(row[column])
    return orjson.dumps(plain).decode()
