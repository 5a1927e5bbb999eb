"""Writing very many rows at once: executemany on SQLite, COPY on PostgreSQL.

Columns that are not given take the model's own defaults, so a new column with a default needs no change here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import orjson
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models.fields import NOT_PROVIDED

from clientela.foundation.sealed_fields import BlindField, blinds_of, sealed_of

BATCH = 20_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert ``rows`` whose values stand in the order of ``columns`` (attribute names, ``agent_id``).

    Values are ready for the database but for dates, naive UTC moments, truths and JSON, which are
    turned here. ``rows`` must not ask the database anything: it is busy taking them. Returns how many
    rows were written.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    if blinds := [one for one in blinds_of(model) if one.of in columns]:
        rows, columns = _indexed(rows, columns, blinds), [*columns, *(one.attname for one in blinds)]
    converters = [_converter(fields[column]) for column in columns]
    rest = [field for name, field in fields.items() if name not in columns and not field.primary_key]
    constants = [_constant(field) for field in rest]
    names = [str(field.column) for field in (*(fields[column] for column in columns), *rest)]
    turned = [(place, convert) for place, convert in enumerate(converters) if convert]
    ready = _turn(rows, turned)
    if connection.vendor == "postgresql":
        return _copy(model._meta.db_table, names, ready, constants)
    return _insert(model._meta.db_table, names, ready, len(columns), constants)


@contextmanager
def in_bulk() -> Iterator[None]:
    """One transaction with what makes writing in bulk quick; nothing is kept if it fails.

    On SQLite, unless a transaction is open already, references are not checked row by row and pages
    stay in memory until the end.
    """
    quick = connection.vendor == "sqlite" and not connection.in_atomic_block
    if quick:
        _pragma("cache_size", "-400000")
        connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            yield
    finally:
        if quick:
            connection.enable_constraint_checking()
            _pragma("cache_size", "-32000")


def _pragma(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name} = {value}")


def reset_sequences(used: Sequence[type[models.Model]]) -> None:
    """Let the database go on counting after the ids written here."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(used)):
            cursor.execute(statement)


def next_id(model: type[models.Model]) -> int:
    """The first free id."""
    newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return (newest or 0) + 1


def _turn(
    rows: Iterable[Sequence[Any]], turned: list[tuple[int, Callable[[Any], Any]]]
) -> Iterator[Sequence[Any]]:
    if not turned:
        yield from rows
        return
    for row in rows:
        values = list(row)
        for place, convert in turned:
            if values[place] is not None:
                values[place] = convert(values[place])
        yield values


def _indexed(
    rows: Iterable[Sequence[Any]], columns: Sequence[str], blinds: Sequence[BlindField]
) -> Iterator[Sequence[Any]]:
    """The rows with the indexes of what will be sealed."""
    for row in rows:
        named = dict(zip(columns, row, strict=True))
        yield [*row, *(one.of_row(named) for one in blinds)]


def _converter(field: models.Field) -> Callable[[Any], Any] | None:
    if field in sealed_of(field.model):
        return field.sealed  # type: ignore[attr-defined]
    if isinstance(field, models.DateTimeField):
        zone = "+00" if connection.vendor == "postgresql" else ""
        return lru_cache(1024)(lambda moment: moment.isoformat(" ") + zone)
    if isinstance(field, models.DateField):
        return lru_cache(100_000)(lambda day: day.isoformat())
    if isinstance(field, models.TimeField):
        return str
    if isinstance(field, models.JSONField):
        return lambda value: orjson.dumps(value).decode()
    if isinstance(field, models.BooleanField):
        return int if connection.vendor == "sqlite" else (lambda value: "t" if value else "f")
    return None


def _constant(field: models.Field) -> Any:
    value = field.get_default()
    if value is NOT_PROVIDED or (value is None and not field.null):
        raise ValueError(f"{field} has no default: give it a column")
    convert = _converter(field)
    return convert(value) if convert and value is not None else value


def _insert(
    table: str, names: list[str], rows: Iterator[Sequence[Any]], given: int, constants: list[Any]
) -> int:
    columns = ", ".join(connection.ops.quote_name(name) for name in names)
    values = ", ".join(["%s"] * given + [_literal(value) for value in constants])
    statement = f"INSERT INTO {connection.ops.quote_name(table)} ({columns}) VALUES ({values})"
    written = 0
    with connection.cursor() as wrapper, bare(table):
        cursor = wrapper.cursor  # below the query log, which would keep every row
        while batch := list(islice(rows, BATCH)):
            cursor.executemany(statement, batch)
            written += len(batch)
    return written


@contextmanager
def bare(table: str, *, always: bool = False) -> Iterator[None]:
    """The table without its secondary indexes and foreign keys while it is filled for the first time, or ``always``.

    Sorting a whole index and checking a whole key in one join is several times quicker than row by row.
    """
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {name})")
        if cursor.fetchone()[0] and not always:
            yield
            return
        away, back = _definitions(cursor, table)
        if connection.vendor == "postgresql":
            connection.check_constraints()  # keys cannot go while checks of earlier rows still wait
        for statement in away:
            cursor.execute(statement)
        yield
        for statement in back:
            cursor.execute(statement)


def _definitions(cursor: Any, table: str) -> tuple[list[str], list[str]]:
    """Statements that take indexes and foreign keys of ``table`` away, and those that bring them back."""
    quote = connection.ops.quote_name
    if connection.vendor == "sqlite":
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
            [table],
        )
        rows = cursor.fetchall()
        return [f"DROP INDEX {quote(name)}" for name, _ in rows], [sql for _, sql in rows]
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
        [table],
    )
    keys = cursor.fetchall()
    cursor.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)",
        [table],
    )
    indexes = cursor.fetchall()
    away = [f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}" for name, _ in keys]
    away += [f"DROP INDEX {quote(name)}" for name, _ in indexes]
    back = [definition for _, definition in indexes]
    back += [
        f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} {definition}" for name, definition in keys
    ]
    return away, back


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''").replace("%", "%%") + "'"


def _copy(table: str, names: list[str], rows: Iterator[Sequence[Any]], constants: list[Any]) -> int:
    columns = ", ".join(connection.ops.quote_name(name) for name in names)
    tail = "".join(f"\t{_copied(value)}" for value in constants)
    written = 0
    with (
        bare(table),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {connection.ops.quote_name(table)} ({columns}) FROM STDIN") as copy,
    ):
        while batch := list(islice(rows, BATCH)):
            lines = ("\t".join(map(_copied, row)) + tail for row in batch)
            copy.write("\n".join(chain(lines, ("",))))
            written += len(batch)
    return written


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)
