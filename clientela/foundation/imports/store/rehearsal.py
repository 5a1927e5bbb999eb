"""A dry run: reads the base, keeps what would be written in memory, and finds it again afterwards."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import polars as pl
from django.db import models

from clientela.foundation.imports.store.base import Store, table_of


class Rehearsal:
    """See ``Store``. New rows have ids below zero; nothing reaches the base."""

    rehearsal = True

    def __init__(self, base: Store) -> None:
        self._base = base
        self._added: dict[type[models.Model], list[pl.DataFrame]] = {}
        self._changed: dict[type[models.Model], list[pl.DataFrame]] = {}
        self._next = 0

    @contextmanager
    def chunk(self) -> Iterator[None]:
        with self._base.reading():
            yield

    def reading(self) -> AbstractContextManager[None]:
        return self._base.reading()

    def find(
        self, model: type[models.Model], keys: pl.DataFrame, columns: Sequence[str], *, where: str = ""
    ) -> pl.DataFrame:
        names = list(dict.fromkeys([*keys.columns, *columns]))
        table = table_of(model)
        keys = keys.cast(table.schema(keys.columns))
        found = self._base.find(model, keys, [*names, "id"], where=where)
        for change in self._changed.get(model, []):
            shared = ["id", *(name for name in change.columns if name in names and name != "id")]
            if len(shared) > 1:
                found = found.update(change.select(shared), on="id", how="left", include_nulls=True)
        added = [
            frame.join(keys, on=keys.columns, how="semi").select(found.columns)
            for frame in self._added.get(model, [])
        ]
        return pl.concat([found, *added]).select(names)

    def reserve_ids(self, model: type[models.Model], count: int) -> pl.Series:
        first = self._next - 1
        self._next -= count
        return pl.int_range(first, first - count, -1, eager=True, dtype=pl.Int64).alias("id")

    def insert(self, model: type[models.Model], frame: pl.DataFrame) -> None:
        if frame.height:
            self._added.setdefault(model, []).append(table_of(model).complete(frame))

    def update(self, model: type[models.Model], frame: pl.DataFrame) -> None:
        table = table_of(model)
        frame = table.indexed(frame)
        frame = frame.cast(table.schema(frame.columns))
        known = frame.filter(pl.col("id") > 0)
        if known.height:
            self._changed.setdefault(model, []).append(known)
        made = frame.filter(pl.col("id") < 0)
        if made.height:
            self._added[model] = [
                rows.update(made, on="id", how="left", include_nulls=True) for rows in self._added[model]
            ]

    def delete(self, model: type[models.Model], ids: pl.Series) -> int:
        raise NotImplementedError("a rehearsal deletes nothing")

    def analyze(self, written: Iterable[type[models.Model]], rows: int) -> None:
        """Nothing was written."""

    def lock_rows(self, model: type[models.Model], ids: pl.Series) -> None:
        """Nothing to keep: nothing is written."""
