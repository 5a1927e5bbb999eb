"""PostgreSQL: COPY both ways, joins with temporary tables, one UPDATE … FROM."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import polars as pl
from django.db import connection, models, transaction

from clientela.foundation.imports.store.base import RowsGone, Table, table_of

log = logging.getLogger(__name__)

# One import at a time: two could each make a card of the same client.
_LOCK = 0x636C6965
# Keys come sorted and most pages are in memory: through the index, not by a pass over the whole table for each chunk.
_PLANS = "SET LOCAL random_page_cost = 1.1; SET LOCAL work_mem = '64MB'"
_Q = connection.ops.quote_name


class PostgresStore:
    """See ``Store``.

    Foreign keys: a role that may set ``session_replication_role`` (a superuser, or one GRANT SET ON PARAMETER)
    skips the probe of every single row, which halves the time; the rows pointed at are locked in one statement
    for each table instead (``lock_rows``). Other roles write with the ordinary probes.
    """

    rehearsal = False

    def __init__(self) -> None:
        self._sets_role: bool | None = None

    @contextmanager
    def chunk(self) -> Iterator[None]:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # A crash of the server may take back the last chunks, each with its checkpoint.
                cursor.execute("SET LOCAL synchronous_commit = off")
                cursor.execute(_PLANS)
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
                if self._may_set_role(cursor):
                    cursor.execute("SET LOCAL session_replication_role = replica")
            yield

    def reading(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def _may_set_role(self, cursor: Any) -> bool:
        if self._sets_role is None:
            cursor.execute(
                "SELECT CASE WHEN current_setting('server_version_num')::int >= 150000 "
                "THEN has_parameter_privilege('session_replication_role', 'SET') "
                "ELSE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) END"
            )
            self._sets_role = bool(cursor.fetchone()[0])
        return self._sets_role

    def find(
        self, model: type[models.Model], keys: pl.DataFrame, columns: Sequence[str], *, where: str = ""
    ) -> pl.DataFrame:
        table = table_of(model)
        names = list(dict.fromkeys([*keys.columns, *columns]))
        if keys.is_empty():
            return pl.DataFrame(schema=table.schema(names))
        with connection.cursor() as cursor:
            stage = self._stage(cursor, table, keys.sort(keys.columns))
            joined = " AND ".join(f"t.{_Q(table.columns[name])} = k.{_Q(name)}" for name in keys.columns)
            chosen = ", ".join(f"t.{_Q(table.columns[name])} AS {_Q(name)}" for name in names)
            condition = f" WHERE {where}" if where else ""
            query = f"SELECT {chosen} FROM {stage} k JOIN {_Q(table.name)} t ON {joined}{condition}"
            return table.opened(self._read(cursor, query, table, names))

    def _stage(self, cursor: Any, table: Table, frame: pl.DataFrame) -> str:
        """A temporary table with the rows of ``frame``; emptied at the end of the transaction."""
        name = f"imports_{table.model._meta.model_name}_{'_'.join(frame.columns)}"[:60]
        columns = ", ".join(f"{_Q(column)} {table.sql_types[column]}" for column in frame.columns)
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {_Q(name)} ({columns}) ON COMMIT DELETE ROWS;"
            f"TRUNCATE {_Q(name)}"
        )
        self._copy_in(cursor, name, list(frame.columns), frame.cast(table.schema(frame.columns)))
        return _Q(name)

    @staticmethod
    def _copy_in(cursor: Any, table: str, columns: Sequence[str], frame: pl.DataFrame) -> None:
        names = ", ".join(_Q(column) for column in columns)
        with (
            connection.wrap_database_errors,
            cursor.copy(f"COPY {_Q(table)} ({names}) FROM STDIN (FORMAT csv)") as copy,
        ):
            copy.write(
                frame.write_csv(include_header=False, datetime_format="%Y-%m-%dT%H:%M:%S%.6f%z").encode()
            )

    @staticmethod
    def _read(cursor: Any, query: str, table: Table, names: Sequence[str]) -> pl.DataFrame:
        """All rows of a query in one, an array for each column.

        Fetching row by row, or a COPY out, costs the client more than the query costs the server.
        """
        plain = (pl.Int64, pl.Boolean)
        arrays = ", ".join(
            f"array_agg({_Q(name)}{'' if table.types[name] in plain else '::text'})" for name in names
        )
        with connection.wrap_database_errors, cursor.connection.cursor(binary=True) as binary:
            columns = binary.execute(f"SELECT {arrays} FROM ({query}) found").fetchone()
        series = [
            pl.Series(
                name, column or [], dtype=table.types[name] if table.types[name] in plain else pl.String
            )
            for name, column in zip(names, columns, strict=True)
        ]
        return pl.DataFrame(series).select(_typed(name, table.types[name]) for name in names)

    def reserve_ids(self, model: type[models.Model], count: int) -> pl.Series:
        if not count:
            return pl.Series("id", [], pl.Int64)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table_of(model).name])
            taken = f"SELECT nextval('{cursor.fetchone()[0]}') AS id FROM generate_series(1, {int(count)})"
            cursor.execute(f"SELECT min(id), max(id), string_agg(id::text, ',') FROM ({taken}) taken")
            first, last, ids = cursor.fetchone()
        if last - first == count - 1:
            return pl.int_range(first, last + 1, eager=True, dtype=pl.Int64).alias("id")
        return pl.Series("id", ids.split(",")).cast(pl.Int64)

    def insert(self, model: type[models.Model], frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        table = table_of(model)
        full = table.sealed(table.complete(frame))
        with connection.cursor() as cursor:
            # What is empty in every row needs no place in the text.
            filled = full.select(column for column in full if column.null_count() < full.height)
            self._copy_in(cursor, table.name, [table.columns[name] for name in filled.columns], filled)

    def update(self, model: type[models.Model], frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        table = table_of(model)
        frame = table.sealed(table.indexed(frame))
        names = [name for name in frame.columns if name != "id"]
        with connection.cursor() as cursor:
            stage = self._stage(cursor, table, frame)
            assigned = ", ".join(f"{_Q(table.columns[name])} = s.{_Q(name)}" for name in names)
            cursor.execute(f"UPDATE {_Q(table.name)} t SET {assigned} FROM {stage} s WHERE t.id = s.id")

    def delete(self, model: type[models.Model], ids: pl.Series) -> int:
        if ids.is_empty():
            return 0
        table = table_of(model)
        with connection.cursor() as cursor:
            stage = self._stage(cursor, table, pl.DataFrame({"id": ids}))
            cursor.execute(f"DELETE FROM {_Q(table.name)} t USING {stage} s WHERE t.id = s.id")
            return int(cursor.rowcount)

    def analyze(self, written: Iterable[type[models.Model]], rows: int) -> None:
        names = [table_of(model).name for model in written]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE oid = ANY(%s::regclass[]) AND reltuples < %s",
                [names, rows],
            )
            if small := [_Q(name) for (name,) in cursor.fetchall()]:
                cursor.execute(f"ANALYZE {', '.join(small)}")

    def lock_rows(self, model: type[models.Model], ids: pl.Series) -> None:
        distinct = ids.drop_nulls().unique()
        if distinct.is_empty():
            return
        table = table_of(model)
        with connection.cursor() as cursor:
            stage = self._stage(cursor, table, pl.DataFrame({"id": distinct.sort()}))
            cursor.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {_Q(table.name)} t JOIN {stage} s ON t.id = s.id "
                "FOR KEY SHARE OF t) locked"
            )
            if cursor.fetchone()[0] != len(distinct):
                raise RowsGone(table.label)


def _typed(name: str, kind: Any) -> pl.Expr:
    if kind == pl.Date:
        return pl.col(name).str.to_date("%Y-%m-%d")
    if isinstance(kind, pl.Datetime):
        # PostgreSQL writes “+00” and leaves out empty fractions.
        text = pl.col(name).str.replace(r"([+-]\d\d)$", "${1}:00")
        return text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%:z", time_unit="us", time_zone="UTC")
    return pl.col(name) if kind == pl.String else pl.col(name).cast(kind)
