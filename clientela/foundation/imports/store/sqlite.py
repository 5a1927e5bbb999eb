"""SQLite: executemany both into temporary tables and into the base, one writer at a time by itself."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import polars as pl
from django.db import connection, models, transaction

from clientela.foundation.imports.store.base import RowsGone, Table, table_of


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class SqliteStore:
    """See ``Store``."""

    rehearsal = False

    @contextmanager
    def chunk(self) -> Iterator[None]:
        # ``lock_rows`` and undo look at what rows point at, all at once: no probe for every single row.
        probing = connection.disable_constraint_checking()
        try:
            with transaction.atomic():
                yield
        finally:
            if probing:
                connection.enable_constraint_checking()

    def reading(self) -> AbstractContextManager[None]:
        return nullcontext()

    def find(
        self, model: type[models.Model], keys: pl.DataFrame, columns: Sequence[str], *, where: str = ""
    ) -> pl.DataFrame:
        table = table_of(model)
        names = list(dict.fromkeys([*keys.columns, *columns]))
        if keys.is_empty():
            return pl.DataFrame(schema=table.schema(names))
        with connection.cursor() as cursor:
            stage = self._stage(cursor, table, keys)
            wanted = ", ".join(f"t.{_q(table.columns[name])}" for name in keys.columns)
            given = ", ".join(_q(name) for name in keys.columns)
            chosen = ", ".join(f"t.{_q(table.columns[name])}" for name in names)
            condition = f" AND {where}" if where else ""
            # Through the index, or one pass over the table; a join may pass over it once for every key.
            cursor.execute(
                f"SELECT {chosen} FROM {_q(table.name)} t "
                f"WHERE ({wanted}) IN (SELECT {given} FROM {stage}){condition}"
            )
            rows = cursor.fetchall()
        return table.opened(_frame(rows, table, names))

    @staticmethod
    def _stage(cursor: Any, table: Table, frame: pl.DataFrame) -> str:
        name = f"imports_{table.model._meta.model_name}_{'_'.join(frame.columns)}"[:60]
        columns = ", ".join(f"{_q(column)} {table.sql_types[column]}" for column in frame.columns)
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {_q(name)} ({columns})")
        cursor.execute(f"DELETE FROM temp.{_q(name)}")
        _insert(cursor, f"temp.{_q(name)}", frame.columns, frame.cast(table.schema(frame.columns)))
        return f"temp.{_q(name)}"

    def reserve_ids(self, model: type[models.Model], count: int) -> pl.Series:
        table = table_of(model)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT max(id) FROM {_q(table.name)}")
            highest = cursor.fetchone()[0] or 0
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            row = cursor.fetchone()
        first = max(highest, row[0] if row else 0) + 1
        return pl.int_range(first, first + count, eager=True, dtype=pl.Int64).alias("id")

    def insert(self, model: type[models.Model], frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        table = table_of(model)
        full = table.sealed(table.complete(frame))
        with connection.cursor() as cursor:
            _insert(cursor, _q(table.name), [table.columns[name] for name in full.columns], full)

    def update(self, model: type[models.Model], frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        table = table_of(model)
        frame = table.sealed(table.indexed(frame))
        names = [name for name in frame.columns if name != "id"]
        assigned = ", ".join(f"{_q(table.columns[name])} = %s" for name in names)
        rows = _plain(frame.select([*names, "id"]).cast(table.schema([*names, "id"]))).rows()
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {_q(table.name)} SET {assigned} WHERE id = %s", rows)

    def delete(self, model: type[models.Model], ids: pl.Series) -> int:
        if ids.is_empty():
            return 0
        table = table_of(model)
        with connection.cursor() as cursor:
            stage = self._stage(cursor, table, pl.DataFrame({"id": ids}))
            cursor.execute(f"DELETE FROM {_q(table.name)} WHERE id IN (SELECT id FROM {stage})")
            return int(cursor.rowcount)

    def analyze(self, written: Iterable[type[models.Model]], rows: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            for model in written:
                cursor.execute(f"ANALYZE {_q(table_of(model).name)}")

    def lock_rows(self, model: type[models.Model], ids: pl.Series) -> None:
        distinct = ids.drop_nulls().unique()
        if len(distinct) != self.find(model, pl.DataFrame({"id": distinct}), ["id"]).height:
            raise RowsGone(table_of(model).label)


def _insert(cursor: Any, table: str, columns: Sequence[str], frame: pl.DataFrame) -> None:
    names = ", ".join(_q(column) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", _plain(frame).rows())


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Values as Django stores them in SQLite: texts for days, moments and decimals, 0 and 1."""
    columns = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if kind == pl.Boolean:
            column = column.cast(pl.Int8)
        elif kind == pl.Date or isinstance(kind, pl.Decimal):
            column = column.cast(pl.String)
        elif isinstance(kind, pl.Datetime):
            column = column.dt.strftime("%Y-%m-%d %H:%M:%S%.6f").str.strip_suffix(".000000")
        columns.append(column)
    return frame.select(columns)


def _frame(rows: list[tuple[Any, ...]], table: Table, names: Sequence[str]) -> pl.DataFrame:
    """Rows as the driver gives them (texts for days and moments, floats for decimals) with the table's types."""
    series = []
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    for name, values in zip(names, cells, strict=True):
        kind = table.types[name]
        if kind == pl.Date:
            column = pl.Series(
                name, [str(value) if value is not None else None for value in values], pl.String
            )
            column = column.str.to_date("%Y-%m-%d")
        elif isinstance(kind, pl.Datetime):
            column = pl.Series(
                name, [str(value)[:26] if value is not None else None for value in values], pl.String
            )
            column = column.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us").dt.replace_time_zone(
                "UTC"
            )
        elif isinstance(kind, pl.Decimal):
            texts = [f"{value:.{kind.scale}f}" if value is not None else None for value in values]
            column = pl.Series(name, texts, pl.String).cast(kind)
        elif kind == pl.Boolean:
            column = pl.Series(name, [None if value is None else bool(value) for value in values], pl.Boolean)
        else:
            column = pl.Series(name, values, dtype=kind)
        series.append(column)
    return pl.DataFrame(series) if series else pl.DataFrame(schema=table.schema(names))
