"""Whose rows are brought in, and what a chunk of them did."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from clientela.foundation.imports.models import ImportRun

FILL, UPDATE, KEEP = "fill", "update", "keep"


@dataclass(frozen=True)
class Owners:
    """Whose the rows are, and who brings them in."""

    run: ImportRun
    now: datetime
    today: date
    source: str
    existing: str
    branch_id: int
    time_zone: str
    agent_id: int | None
    product_id: int | None
    agents: pl.DataFrame  # agent_id, branch_id, centre_id
    scope: Any


@dataclass
class Effects:
    """What happened to rows and cells, collected by every step of a chunk."""

    created: list[pl.Series] = field(default_factory=list)
    changed: list[pl.Series] = field(default_factory=list)
    problems: list[pl.DataFrame] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    cells: list[pl.DataFrame] = field(default_factory=list)
    # Cards that can be reached or proved in more ways than before.
    filled: list[pl.Series] = field(default_factory=list)
    # Cards that were there before and whose facts may be other ones now.
    stale: list[pl.Series] = field(default_factory=list)
    # Ids of things that were not there before, so that nothing in the base can know them.
    things: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.Int64))

    def count(self, name: str, number: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + number
