"""What a store can do, and the columns of a model's table."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Protocol

import orjson
import polars as pl
from django.db import connection, models

from clientela.foundation.sealed_fields import blinds_of, sealed_of

_TYPES: dict[str, Any] = {
    "BigAutoField": pl.Int64, "BigIntegerField": pl.Int64, "PositiveBigIntegerField": pl.Int64,
    "IntegerField": pl.Int64, "PositiveIntegerField": pl.Int64, "PositiveSmallIntegerField": pl.Int64,
    "SmallIntegerField": pl.Int64, "ForeignKey": pl.Int64, "OneToOneField": pl.Int64, "BooleanField": pl.Boolean,
    "DateField": pl.Date, "DateTimeField": pl.Datetime("us", "UTC"),
}  # fmt: skip


class Table:
    """Columns of a model as a frame holds them: attribute name → type, and what stands where nothing is given."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.name: str = model._meta.db_table
        self.label: str = model._meta.label_lower
        self.blinds = blinds_of(model)
        self._sealed = {field.attname: field for field in sealed_of(model)}
        self.columns: dict[str, str] = {}
        self.types: dict[str, Any] = {}
        self.sql_types: dict[str, str] = {}
        self.defaults: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            name = field.attname
            self.columns[name] = str(field.column)
            self.types[name] = _type_of(field)
            self.sql_types[name] = (
                str(field.rel_db_type(connection)) if field.is_relation else _sql_type(field)
            )
            if not field.primary_key:
                self.defaults[name] = _default_of(field)

    def complete(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``frame`` with every column of the table, in its order; nulls of columns that take none are defaults."""
        columns = []
        frame = self.indexed(frame)
        for name, kind in self.types.items():
            default = self.defaults.get(name)
            literal = pl.lit(default, dtype=kind)
            if name not in frame.columns:
                columns.append(literal.alias(name))
            elif default is not None:
                columns.append(pl.col(name).cast(kind).fill_null(literal))
            else:
                columns.append(pl.col(name).cast(kind))
        return frame.select(columns)

    def indexed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``frame`` with the indexes of the sealed values it has."""
        for one in self.blinds:
            if one.of in frame.columns:
                rows = frame.select(one.of, *one.by).iter_rows(named=True)
                frame = frame.with_columns(pl.Series(one.attname, map(one.of_row, rows), pl.String))
        return frame

    def sealed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """As the table keeps it; JSON columns hold JSON text on both sides."""
        return self._turned(frame, lambda field: lambda text: _closed(field, text))

    def opened(self, frame: pl.DataFrame) -> pl.DataFrame:
        """What ``sealed`` made, as it was."""
        return self._turned(frame, lambda field: lambda text: _opened(field, text))

    def _turned(self, frame: pl.DataFrame, way: Callable[[Any], Callable[[str], str]]) -> pl.DataFrame:
        columns = [
            pl.Series(name, [text and turn(text) for text in frame[name]], pl.String)
            for name, turn in ((name, way(field)) for name, field in self._sealed.items())
            if name in frame.columns
        ]
        return frame.with_columns(columns) if columns else frame

    def schema(self, names: Sequence[str]) -> Any:
        """Types of some columns."""
        return {name: self.types[name] for name in names}


def _closed(field: Any, text: str) -> str:
    if not field.holds_documents:
        return str(field.sealed(text))
    return str(field.sealed(orjson.loads(text)))


def _opened(field: Any, text: str) -> str:
    if not field.holds_documents:
        return str(field.opened(text))
    return orjson.dumps(field.opened(orjson.loads(text))).decode()


def _type_of(field: Any) -> Any:
    kind = field.get_internal_type()
    if kind == "DecimalField":
        return pl.Decimal(field.max_digits, field.decimal_places)
    return _TYPES.get(kind, pl.String)


def _sql_type(field: Any) -> str:
    parameters = field.db_parameters(connection)
    collation = parameters.get("collation")
    kind = str(field.rel_db_type(connection) if field.primary_key else parameters["type"])
    return f'{kind} COLLATE "{collation}"' if collation else kind


def _default_of(field: Any) -> Any:
    if field.null:
        return None
    if field.get_internal_type() == "JSONField":
        return "[]" if field.default is list else "{}"
    if field.has_default():
        value = field.get_default()
        return str(value) if isinstance(value, str) else value
    return "" if field.empty_strings_allowed else None


@cache
def table_of(model: type[models.Model]) -> Table:
    """The table of a model, looked at once."""
    return Table(model)


class Store(Protocol):
    """Rows in and out by columns. Frames use attribute names (``branch_id``); JSON columns hold JSON text.

    Sealed columns are sealed on the way in and opened on the way out; ``find_sealed`` finds by them.
    """

    rehearsal: bool

    def chunk(self) -> AbstractContextManager[None]:
        """One transaction; only one import writes at a time."""

    def reading(self) -> AbstractContextManager[None]:
        """What ``find`` needs around it where nothing is written."""

    def find(
        self, model: type[models.Model], keys: pl.DataFrame, columns: Sequence[str], *, where: str = ""
    ) -> pl.DataFrame:
        """Rows whose columns equal those of some row of ``keys`` (which holds no nulls and no row twice).

        ``where`` is a trusted condition on the table ``t``. The answer has the key columns and ``columns``.
        """

    def reserve_ids(self, model: type[models.Model], count: int) -> pl.Series:
        """Ids for new rows."""

    def insert(self, model: type[models.Model], frame: pl.DataFrame) -> None:
        """Add rows (with ``id``); columns not given get the model's defaults."""

    def update(self, model: type[models.Model], frame: pl.DataFrame) -> None:
        """Write all columns of ``frame`` but ``id`` to the rows with those ids."""

    def delete(self, model: type[models.Model], ids: pl.Series) -> int:
        """Remove rows; what points at them must be gone."""

    def analyze(self, written: Iterable[type[models.Model]], rows: int) -> None:
        """Let the planner look again at tables that it takes for smaller than the ``rows`` just written."""

    def lock_rows(self, model: type[models.Model], ids: pl.Series) -> None:
        """Keep these rows from being deleted until the end of the transaction. Raises ``RowsGone``."""


class RowsGone(Exception):
    """A row that new rows were to point at has just been deleted."""


class Concurrent(Exception):
    """Somebody wrote the same keys meanwhile; the chunk can be done again."""


def find_sealed(
    store: Store, model: type[models.Model], name: str, values: pl.Series, columns: Sequence[str], *by: str
) -> pl.DataFrame:
    """Like ``Store.find`` for a sealed column ``name`` and one value of each field its index is made with."""
    index = next(one for one in blinds_of(model) if one.of == name)
    known = {key: value for value in values for key in index.keys_of(value, *by)}
    keys = pl.DataFrame({index.attname: list(known)}, schema={index.attname: pl.String})
    found = store.find(model, keys, columns)
    named = pl.Series(name, [known[key] for key in found[index.attname]], pl.String)
    return found.drop(index.attname).with_columns(named)


def open_store() -> Store:
    """The store of the default database."""
    if connection.vendor == "postgresql":
        from clientela.foundation.imports.store.postgres import PostgresStore

        return PostgresStore()
    from clientela.foundation.imports.store.sqlite import SqliteStore

    return SqliteStore()


def batches(frame: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
    """Slices of a frame."""
    for start in range(0, frame.height, size):
        yield frame.slice(start, size)
