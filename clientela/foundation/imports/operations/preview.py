"""What a rehearsal shows: the first rows with their outcome, and what was brought to one form."""

from typing import Any

import polars as pl

from clientela.foundation.imports.definition import Definition, columns_of
from clientela.foundation.imports.evaluate import Chunk
from clientela.foundation.imports.kinds import clean
from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.targets import Outcome, Target, field_of

FIRST = 100
PER_OUTCOME = 60
TIDIED_KINDS = (
    "phone",
    "full_name",
    "name",
    "date",
    "birth_date",
    "email",
    "plate",
    "vin",
    "amount",
    "inn",
    "snils",
)


class Preview:
    """Collects rows to show: the first ones of the file and some of every outcome."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.rows: list[dict[str, Any]] = []
        self.tidied: list[dict[str, Any]] = []
        self._shown: dict[str, int] = {}
        self._tidied: dict[str, dict[str, Any]] = {}

    def wants(self, offset: int) -> int:
        """For how many rows of the next chunk the cells are asked for."""
        return FIRST * 5 if offset == 0 else PER_OUTCOME

    def look(
        self,
        raw: pl.DataFrame,
        chunk: Chunk,
        outcome: Outcome,
        problems: pl.DataFrame,
        definition: Definition,
    ) -> None:
        refused = problems.filter(pl.col("fatal"))
        outcomes = pl.concat([
            outcome.rows.select(ROW, "outcome"),
            refused.select(pl.col("row").alias(ROW)).unique().with_columns(outcome=pl.lit("refused")),
        ]).unique(ROW, keep="last").sort(ROW)  # fmt: skip
        first = outcomes.head(FIRST) if not self._shown else outcomes.head(0)
        some = [
            outcomes.filter(pl.col("outcome") == name).head(max(0, PER_OUTCOME - self._shown.get(name, 0)))
            for name in ("created", "changed", "same", "refused")
        ]
        chosen = pl.concat([first, *some]).unique(ROW).sort(ROW)
        if chosen.height:
            self._show(chosen, raw, chunk, outcome, refused, definition)
        self._tidy(raw, chunk, definition)

    def _show(
        self, chosen: pl.DataFrame, raw: pl.DataFrame, chunk: Chunk, outcome: Outcome, refused: pl.DataFrame,
        definition: Definition,
    ) -> None:  # fmt: skip
        wanted = chosen[ROW].implode()
        typed = {row[ROW]: row for row in chunk.frame.filter(pl.col(ROW).is_in(wanted)).iter_rows(named=True)}
        texts = {
            row[ROW]: row
            for row in raw.with_columns(pl.col(ROW).cast(pl.Int64))
            .filter(pl.col(ROW).is_in(wanted))
            .iter_rows(named=True)
        }
        wrong: dict[int, dict[str, str]] = {}
        for data in refused.filter(pl.col("row").is_in(wanted)).iter_rows(named=True):
            wrong.setdefault(data["row"], {})[data["field"]] = data["code"]
        for row, result in chosen.iter_rows():
            self._shown[result] = self._shown.get(result, 0) + 1
            values = {
                code: _text(typed[row][code]) if row in typed else _raw(texts[row], definition, code)
                for code in definition.fields
            }
            self.rows.append({
                "row": row, "outcome": result, "values": values, "wrong": wrong.get(row, {}),
                "cells": outcome.cells.get(row, {}),
            })  # fmt: skip

    def _tidy(self, raw: pl.DataFrame, chunk: Chunk, definition: Definition) -> None:
        """How many values were written another way than they will be kept, with one example of each column."""
        kept = raw.filter(pl.col(ROW).cast(pl.Int64).is_in(chunk.frame[ROW].implode()))
        for code, expression in definition.fields.items():
            known = field_of(self.target, code)
            if (
                known is None
                or known.kind not in TIDIED_KINDS
                or "from" not in expression
                or "values" in expression
            ):
                continue
            before, after = clean(kept[expression["from"]]), chunk.frame[code]
            shown = after.dt.strftime("%d.%m.%Y") if after.dtype == pl.Date else after.cast(pl.String)
            differs = (before.is_not_null() & shown.is_not_null() & (before != shown)).fill_null(False)
            number = int(differs.sum())
            if not number:
                continue
            example = pl.DataFrame({"b": before, "a": shown}).filter(differs).row(0)
            entry = self._tidied.setdefault(
                code, {"field": code, "before": example[0], "after": example[1], "count": 0}
            )
            entry["count"] += number
        self.tidied = sorted(self._tidied.values(), key=lambda entry: -entry["count"])


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.strftime("%d.%m.%Y") if hasattr(value, "strftime") else str(value)


def _raw(texts: dict[str, Any], definition: Definition, code: str) -> str:
    return " ".join(
        str(texts[name]) for name in sorted(columns_of(definition.fields[code])) if texts.get(name)
    )[:200]
