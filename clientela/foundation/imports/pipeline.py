"""One file, chunk by chunk: read ahead in a thread, merge in a transaction, keep what was refused."""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from clientela.foundation.dates import local_today
from clientela.foundation.imports.definition import parse
from clientela.foundation.imports.evaluate import PROBLEM_SCHEMA, Chunk, Reader
from clientela.foundation.imports.models import ImportRun, RowError
from clientela.foundation.imports.reading import read_rows
from clientela.foundation.imports.reading.prepare import ROW, ROW_GROUP
from clientela.foundation.imports.targets import Outcome, Session, get_target

CHUNK = 50_000
# Problems kept in the base to be looked at and mended; all of them are in the file of refused rows.
KEPT_ERRORS = 2000
TURN = "_turn"
OUTCOMES = ("created", "changed", "same", "refused")


@dataclass
class Tally:
    """Where a run is and what it did so far: its checkpoint."""

    offset: int = 0
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    counts: dict[str, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    kept_errors: int = 0

    @classmethod
    def of(cls, checkpoint: dict[str, Any]) -> "Tally":
        return cls(**checkpoint["tally"]) if "tally" in checkpoint else cls()

    def checkpoint(self) -> dict[str, Any]:
        return {"tally": json.loads(json.dumps(self.__dict__))}

    @property
    def done(self) -> int:
        """Rows that are taken or refused."""
        return sum(self.rows.values())

    def as_counts(self) -> dict[str, Any]:
        """What ``ImportRun.counts`` keeps."""
        return {**self.rows, **self.counts, "problems": self.problems}

    def add(self, chunk: Chunk, outcome: Outcome, problems: pl.DataFrame) -> None:
        taken = dict(outcome.rows["outcome"].value_counts().iter_rows())
        for name, number in taken.items():
            self.rows[name] += number
        self.rows["refused"] += chunk.rows - outcome.rows.height
        for name, number in outcome.counts.items():
            self.counts[name] = self.counts.get(name, 0) + number
        for code, column, fatal, number in problems.group_by("code", "field", "fatal").len().iter_rows():
            key = f"{code}|{column}|{int(fatal)}"
            self.problems[key] = self.problems.get(key, 0) + number
        self.offset += chunk.rows + chunk.later


class Pipeline:
    """The chunks of one run, prepared ahead of time."""

    def __init__(self, run: ImportRun, *, now: datetime, size: int | None = None) -> None:
        self.run, self.size = run, size or CHUNK
        self.target = get_target(run.target)
        self.definition = parse(run.mapping["definition"], self.target, tuple(run.options.get("columns", ())))
        self.reader = Reader(self.target, self.definition, today=local_today(settings.TIME_ZONE, now))
        self.session: Session = self.target.open(run, now=now)

    def _prepare(self, offset: int) -> tuple[pl.DataFrame, Chunk]:
        raw, chunk = self._read(offset)
        return raw, replace(chunk, ready=self.session.ready(chunk.frame))

    def _read(self, offset: int) -> tuple[pl.DataFrame, Chunk]:
        total = self.run.rows or 0
        if offset >= total:
            raw = self._put_off(offset - total)
            return raw, self.reader.read(raw, self.session)
        raw = read_rows(self.run.prepared, offset, self.size)
        chunk = self.reader.read(raw, self.session)
        turns = chunk.frame.select(ROW).with_columns(self.session.turns(chunk.frame).alias(TURN))
        late = turns.filter(pl.col(TURN) > 0)
        if late.is_empty():
            return raw, chunk
        numbered = raw.with_columns(pl.col(ROW).cast(pl.Int64))
        path = self.run.folder / "later" / f"{offset:012}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        numbered.join(late, on=ROW).write_parquet(path)
        now = numbered.join(late, on=ROW, how="anti", maintain_order="left")
        return now, replace(self.reader.read(now, self.session), later=late.height)

    def _put_off(self, offset: int) -> pl.DataFrame:
        """The rows put off to the end, in the order of their turns."""
        folder = self.run.folder / "later"
        merged = folder / "all.parquet"
        if not offset and (parts := sorted(folder.glob("[0-9]*.parquet"))):
            rows = pl.concat([pl.read_parquet(part) for part in parts])
            rows.sort(TURN, ROW).drop(TURN).write_parquet(merged, row_group_size=ROW_GROUP)
        if not merged.exists():
            return read_rows(self.run.prepared, 0, 0)
        return read_rows(merged, offset, self.size)

    def chunks(self, offset: int) -> Iterator[tuple[pl.DataFrame, Chunk]]:
        """``(raw rows, typed rows)`` from ``offset`` on; the next chunk is read while this one is written."""
        with ThreadPoolExecutor(1, thread_name_prefix="imports-read") as ahead:
            following: Future[tuple[pl.DataFrame, Chunk]] = ahead.submit(self._prepare, offset)
            while True:
                raw, chunk = following.result()
                if not chunk.rows + chunk.later:
                    return
                offset += chunk.rows + chunk.later
                following = ahead.submit(self._prepare, offset)
                yield raw, chunk

    def forget(self) -> None:
        """Before a new check or run: what the last one left."""
        for name in ("refused", "touched", "later"):
            shutil.rmtree(self.run.folder / name, ignore_errors=True)
        RowError.objects.filter(run=self.run).delete()

    def keep_refused(self, raw: pl.DataFrame, problems: pl.DataFrame, tally: Tally) -> None:
        """The chunk's refused rows beside the file; doing a chunk again overwrites what it left."""
        path = refused_path(self.run, tally.offset)
        fatal = problems.filter(pl.col("fatal"))
        if fatal.is_empty():
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        reasons = fatal.group_by("row").agg(
            _reasons=pl.concat_str("code", "field", "column", separator="|", ignore_nulls=True).str.join("\n")
        )
        rows = raw.with_columns(pl.col(ROW).cast(pl.Int64)).join(
            reasons, left_on=ROW, right_on="row", how="inner"
        )
        rows.sort(ROW).write_parquet(path)

    def keep_touched(self, touched: pl.Series, tally: Tally) -> None:
        """What the end of the import has to look at again."""
        path = self.run.folder / "touched" / f"{tally.offset:012}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame({"id": touched.cast(pl.Int64)}).write_parquet(path)

    def touched(self) -> list[int]:
        """Everything kept by ``keep_touched``, each id once and in order."""
        parts = [
            pl.read_parquet(path) for path in sorted((self.run.folder / "touched").glob("[0-9]*.parquet"))
        ]
        return pl.concat(parts)["id"].unique().sort().to_list() if parts else []

    def keep_errors(self, problems: pl.DataFrame, tally: Tally) -> None:
        """The first problems in the base: refused rows before warnings."""
        room = KEPT_ERRORS - tally.kept_errors
        if room <= 0 or problems.is_empty():
            return
        first = problems.sort("fatal", "row", descending=[True, False]).head(room)
        RowError.objects.bulk_create(
            [
                RowError(
                    run=self.run, row_number=row["row"], column=row["column"] or "", field=row["field"],
                    code=row["code"], value=(row["value"] or "")[:200], subject=row["subject"] or "", fatal=row["fatal"],
                )
                for row in first.iter_rows(named=True)
            ]
        )  # fmt: skip
        tally.kept_errors += first.height


def refused_path(run: ImportRun, offset: int) -> Path:
    """Where the refused rows of the chunk at ``offset`` are kept."""
    return run.folder / "refused" / f"{offset:012}.parquet"


def refused_rows(run: ImportRun) -> Iterator[pl.DataFrame]:
    """Refused rows of a run as they stood in the file, with ``_row`` and ``_reasons``."""
    folder = run.folder / "refused"
    for path in sorted(folder.glob("*.parquet")) if folder.is_dir() else ():
        yield pl.read_parquet(path)


def all_problems(chunk: Chunk, outcome: Outcome, raw: pl.DataFrame) -> pl.DataFrame:
    """What reading and merging found; rows that the merge refused get their subject and text."""
    if outcome.problems is None or outcome.problems.is_empty():
        return chunk.problems
    return pl.concat([chunk.problems, outcome.problems.select(list(PROBLEM_SCHEMA))])
