"""What the base holds of a chunk's clients and policies: every row is asked for once, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from clientela.foundation.imports.store import Store
from clientela.foundation.imports.store.base import table_of


class Known:
    """Rows of a table by one key."""

    def __init__(self, store: Store, model: Any, key: str, columns: Sequence[str]) -> None:
        self._store, self._model, self._key, self._columns = store, model, key, columns
        types = table_of(model).schema([key, *columns])
        self._asked = pl.Series(key, [], dtype=types[key])
        self._rows = pl.DataFrame(schema=types)

    def of(self, keys: pl.Series) -> pl.DataFrame:
        """The rows with these keys."""
        wanted = keys.drop_nulls().unique().alias(self._key)
        new = wanted.filter(~wanted.is_in(self._asked.implode()))
        if len(new):
            found = self._store.find(self._model, new.to_frame(), self._columns)
            self._asked, self._rows = pl.concat([self._asked, new]), pl.concat([self._rows, found])
        return self._rows.join(wanted.to_frame(), on=self._key, how="semi")


@dataclass(frozen=True)
class Base:
    """The base before a chunk: ``cards`` by id, ``terms`` by the key of their number, the rest through ``store``."""

    store: Store
    cards: Known
    terms: Known
