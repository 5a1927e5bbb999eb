"""Statements over many rows at once. All values go as one parameter, so that their number costs nothing extra."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from django.db import connection, models
from django.db.models.expressions import RawSQL

from clientela.foundation.sealed_fields import blinds_of, sealed_of


def listed(values: Iterable[int | str]) -> RawSQL | list[Any]:
    """``values`` for an ``__in`` lookup: one parameter instead of one for each value, which a server limits."""
    some = list(values)
    if not some:
        return []
    document = orjson.dumps(some).decode()
    if connection.vendor != "postgresql":
        return RawSQL("SELECT value FROM json_each(%s)", [document])
    # Of an array the planner knows or guesses a length, and goes through the index also where the table is small yet.
    if isinstance(some[0], int):
        return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{document[1:-1]}}}"])
    return RawSQL("SELECT unnest(%s::text[])", [some])


def read_rows(
    model: type[models.Model], names: Sequence[str], key: str, values: Iterable[int | str], *,
    lock: bool = False, **same: str,
) -> list[tuple[Any, ...]]:  # fmt: skip
    """The columns ``names`` of the rows whose ``key`` is one of ``values`` and whose ``same`` fields are as given.

    In order of ids. ``lock`` holds the rows to the end of the transaction. For plain columns in the inner loops: the
    statement is written once, where a queryset writes it each time.
    """
    if connection.vendor != "postgresql":  # the queryset knows how SQLite keeps each type
        found = model._default_manager.filter(**{f"{key}__in": listed(values)}, **same)
        return list(found.order_by("pk").values_list(*names))
    given = listed(values)
    if isinstance(given, list):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _select(model, tuple(names), key, given.sql, tuple(same), lock), [*same.values(), *given.params]
        )
        rows = cursor.fetchall()
    documents, sealed = _documents(model, tuple(names)), _sealed(model, tuple(names))
    return [_opened(row, documents, sealed) for row in rows] if documents or sealed else rows


@cache
def _documents(model: type[models.Model], names: tuple[str, ...]) -> tuple[int, ...]:
    """The places of JSON columns, which the driver leaves as they are written."""
    return tuple(
        place for place, name in enumerate(names) if isinstance(_field(model, name), models.JSONField)
    )


@cache
def _sealed(model: type[models.Model], names: tuple[str, ...]) -> tuple[tuple[int, Any], ...]:
    known = {one.attname: one for one in sealed_of(model)}
    return tuple((place, known[name]) for place, name in enumerate(names) if name in known)


def _opened(
    row: tuple[Any, ...], documents: tuple[int, ...], sealed: tuple[tuple[int, Any], ...]
) -> tuple[Any, ...]:
    values = list(row)
    for place in documents:
        values[place] = None if row[place] is None else orjson.loads(row[place])
    for place, field in sealed:
        values[place] = field.opened(values[place])
    return tuple(values)


def update_rows(
    model: type[models.Model],
    rows: Mapping[int, Mapping[str, Any]],
    *,
    same: Mapping[str, Any] | None = None,
    unless_set: str = "",
    append: str = "",
) -> int:
    """Write ``{id: {field: value}}`` in one statement; every row names the same fields. Returns the row count.

    ``same``: fields that get one value in all rows. ``unless_set`` names a field: rows in which it is filled already
    stay as they are. ``append`` names a field that holds a JSON list: the given list of one is added to it.
    """
    if not rows:
        return 0
    names = tuple(next(iter(rows.values())))
    document = _document(model, names, [{**row, "id": row_id} for row_id, row in rows.items()])
    one = {
        name: _field(model, name).get_db_prep_save(value, connection) for name, value in (same or {}).items()
    }
    with connection.cursor() as cursor:
        cursor.execute(_update(model, names, tuple(one), unless_set, append), [*one.values(), document])
        return cursor.rowcount


def insert_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that all name the same fields, in one statement; returns their ids in order.

    Defaults of the model are not applied: name every field the database wants.
    """
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _insert(model, tuple(rows[0]), "RETURNING id"), [_document(model, tuple(rows[0]), rows)]
        )
        return [row[0] for row in cursor.fetchall()]


def insert_missing(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Like ``insert_rows``; rows whose unique key is there already are left out, also of the ids."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        statement = _insert(model, tuple(rows[0]), "ON CONFLICT DO NOTHING RETURNING id")
        cursor.execute(statement, [_document(model, tuple(rows[0]), rows)])
        return [row[0] for row in cursor.fetchall()]


@cache
def _select(
    model: type[models.Model], names: tuple[str, ...], key: str, given: str, same: tuple[str, ...], lock: bool
) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_field(model, name).column) for name in names)
    where = [f"{quote(_field(model, name).column)} = %s" for name in same]
    where.append(f"{quote(_field(model, key).column)} IN ({given})")
    end = " FOR NO KEY UPDATE" if lock else ""
    return f"SELECT {columns} FROM {quote(model._meta.db_table)} WHERE {' AND '.join(where)} ORDER BY id{end}"


@cache
def _update(
    model: type[models.Model], names: tuple[str, ...], same: tuple[str, ...], unless_set: str, append: str
) -> str:
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    values = dict.fromkeys(same, "%s") | {name: f"given.{quote(name)}" for name in names}
    if append:
        column = f"{table}.{quote(_field(model, append).column)}"
        one = values[append]
        values[append] = (
            f"{column} || {one}"
            if connection.vendor == "postgresql"
            else f"json_insert({column}, '$[#]', json_extract({one}, '$[0]'))"
        )
    sets = ", ".join(f"{quote(_field(model, name).column)} = {value}" for name, value in values.items())
    condition = f"{table}.id = given.id"
    if unless_set:
        condition += f" AND {table}.{quote(_field(model, unless_set).column)} IS NULL"
    return f"UPDATE {table} SET {sets} FROM {_source(model, ('id', *names))} WHERE {condition}"


@cache
def _insert(model: type[models.Model], names: tuple[str, ...], end: str) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_field(model, name).column) for name in names)
    given = ", ".join(map(quote, names))
    # SQLite needs WHERE to tell the conflict clause from a join.
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns})"
        f" SELECT {given} FROM {_source(model, names)} WHERE true {end}"
    )


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _source(model: type[models.Model], names: Sequence[str]) -> str:
    """The document as a table ``given`` with a column for each field."""
    quote = connection.ops.quote_name
    if connection.vendor == "postgresql":
        columns = ", ".join(f"{quote(name)} {_type(_field(model, name))}" for name in names)
        return f"json_to_recordset(%s::json) AS given({columns})"
    columns = ", ".join(f"json_extract(value, '$.{name}') AS {quote(name)}" for name in names)
    return f"(SELECT {columns} FROM json_each(%s)) AS given"


def _type(field: Any) -> str:
    target = field.target_field if field.is_relation else field
    kind: str = target.rel_db_type(connection) if target.primary_key else target.db_type(connection)
    return kind


def _document(model: type[models.Model], names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    if any(one.of in names for one in blinds_of(model)):
        raise TypeError(f"{model._meta.label} has indexes of sealed fields: write it through the model")
    if sealed := [one for one in sealed_of(model) if one.attname in names]:
        rows = [{**row, **{one.attname: _closed(one, row[one.attname]) for one in sealed}} for row in rows]
    if connection.vendor != "postgresql":  # SQLite keeps moments as text in its own form
        moments = [name for name in names if isinstance(_field(model, name), models.DateTimeField)]
        adapt = connection.ops.adapt_datetimefield_value
        rows = [
            {**row, **{name: adapt(row[name]) for name in moments if row[name] is not None}} for row in rows
        ]
    return orjson.dumps(rows).decode()


def _closed(field: Any, value: Any) -> Any:
    """As it goes into a document: of a JSON column the document, of a text its sealed text."""
    stored = field.sealed(value)
    return orjson.loads(stored) if isinstance(field, models.JSONField) and stored is not None else stored
