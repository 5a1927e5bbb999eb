"""A decision table: its columns, its rows, and what a cell of it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from clientela.modules.rating.rules import cells


class Hit(StrEnum):
    """Which rows of a table answer."""

    FIRST = "first"
    UNIQUE = "unique"
    COLLECT = "collect"


class Kind(StrEnum):
    """What stands in a column: conditions (the first three), values, words."""

    EXACT = "exact"
    RANGE = "range"
    BOOL = "bool"
    NUMBER = "number"
    TEXT = "text"


CONDITIONS = frozenset({Kind.EXACT, Kind.RANGE, Kind.BOOL})


@dataclass(frozen=True)
class Column:
    """A column. A number column with ``across`` counts only where that fact lies in ``band``: 3–4 years.

    ``whole``: the facts of a range are whole numbers, so 16–21 and 22–24 leave no hole between them.
    """

    key: str
    title: str
    kind: Kind
    title_en: str = ""
    across: str = ""
    band: str = ""
    band_kind: Kind = Kind.RANGE
    whole: bool = True

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Column":
        kinds = {"kind": Kind(data["kind"]), "band_kind": Kind(data.get("band_kind", Kind.RANGE))}
        return cls(**(dict(data) | kinds))

    def check(self, text: str) -> None:
        """Raises `cells.BadCell` when ``text`` is nothing for this column."""
        if self.kind == Kind.RANGE:
            cells.span(text)
        elif self.kind == Kind.EXACT:
            cells.words(text)
        elif self.kind == Kind.BOOL:
            cells.flag(text)
        elif self.kind == Kind.NUMBER and text.strip() not in cells.NOTHING:
            cells.number(text)


@dataclass(frozen=True)
class Cell:
    """Where a table answered: its row and, of a table with bands, the column."""

    row: int
    column: str


@dataclass(frozen=True)
class Body:
    """Columns and rows of one version."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    hit: str = Hit.FIRST
    places: dict[str, int] = field(default_factory=dict, compare=False)

    @classmethod
    def from_json(
        cls, columns: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[str]], *, hit: str = Hit.FIRST
    ) -> "Body":
        parsed = tuple(Column.from_json(column) for column in columns)
        places = {column.key: place for place, column in enumerate(parsed)}
        return cls(parsed, tuple(tuple(row) for row in rows), hit, places)

    @cached_property
    def conditions(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.kind in CONDITIONS)

    @cached_property
    def values(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.kind == Kind.NUMBER)

    @cached_property
    def banded(self) -> tuple[Column, ...]:
        return tuple(column for column in self.values if column.across)

    @cached_property
    def inputs(self) -> dict[str, Kind]:
        """Facts the table asks for, with the kind of their condition."""
        own = {column.key: column.kind for column in self.conditions}
        return own | {column.across: column.band_kind for column in self.banded}

    def number(self, cell: Cell, column: str = "") -> Decimal | None:
        """The value that answers; ``None`` where the tariff has a dash."""
        text = self.rows[cell.row][self.places[column or cell.column]]
        return None if text.strip() in cells.NOTHING else cells.number(text)

    def texts(self, row: int) -> dict[str, str]:
        """The words of a row by column."""
        return {
            column.key: self.rows[row][self.places[column.key]]
            for column in self.columns
            if column.kind == "text"
        }

    def text(self, row: int, column: str) -> str:
        return self.rows[row][self.places[column]] if column in self.places else ""

    def rules(self) -> Iterator[tuple[Cell, dict[str, str]]]:
        """Every rule of the table: where it stands, and its condition on each fact."""
        for number, row in enumerate(self.rows):
            own = {column.key: row[self.places[column.key]] for column in self.conditions}
            for column in self.banded:
                if row[self.places[column.key]].strip() not in cells.NOTHING:
                    yield Cell(number, column.key), own | {column.across: column.band}
            if not self.banded:
                yield Cell(number, self.values[0].key if self.values else ""), own
