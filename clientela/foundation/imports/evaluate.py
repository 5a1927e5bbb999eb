"""From the text columns of a chunk to typed columns of a target's fields, and the problems met on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clientela.foundation.imports.definition import Definition, Expression, columns_of, split_template
from clientela.foundation.imports.kinds import KINDS, Hints, clean
from clientela.foundation.imports.kinds.base import fold, fold_series
from clientela.foundation.imports.reading.prepare import DEFECT, ROW
from clientela.foundation.imports.targets import Field, Session, Target, field_of

PROBLEM_SCHEMA = {
    "row": pl.Int64, "field": pl.String, "column": pl.String, "code": pl.String, "value": pl.String,
    "subject": pl.String, "fatal": pl.Boolean,
}  # fmt: skip


@dataclass
class Chunk:
    """``frame``: ``_row`` and typed columns of the rows that can be taken. ``later``: rows put off to the end.

    ``ready``: what the target's session made of the frame ahead of time.
    """

    frame: pl.DataFrame
    problems: pl.DataFrame
    rows: int
    later: int = 0
    ready: Any = None


class Reader:
    """Reads chunks of one file by one definition; looks into the base for codes only once."""

    def __init__(self, target: Target, definition: Definition, *, today: date) -> None:
        self.target, self.definition, self.today = target, definition, today
        self._fields: dict[str, Field] = {}
        self._lookups: dict[str, Mapping[str, int]] = {}
        for code in definition.fields:
            known = field_of(target, code)
            assert known is not None, code
            self._fields[code] = known
            if known.lookup:
                self._lookups[code] = known.lookup()
        # Expressions that look at other fields come after those.
        self._order = sorted(definition.fields, key=lambda code: _needs_fields(definition.fields[code]))

    def read(self, raw: pl.DataFrame, session: Session | None = None) -> Chunk:
        """Typed columns of ``raw``; rows with a fatal problem are left out."""
        rows = raw[ROW].cast(pl.Int64)
        columns: dict[str, pl.Series] = {}
        found: list[pl.DataFrame] = []
        subject = self._subject(raw)
        for code in self._order:
            series, codes, texts, column = self._field(code, raw, columns)
            known = self._fields[code]
            columns[code] = series.alias(code)
            found.append(_problems(rows, codes, code, column, texts, subject, fatal=not known.tolerant))
            if known.required:
                lacking = series.is_null() & codes.is_null()
                found.append(_mark(rows, lacking, code, column, "required", subject))
        if DEFECT in raw.columns:
            found.append(_problems(rows, raw[DEFECT], "", "", raw[DEFECT], subject, fatal=True))
        frame = pl.DataFrame([rows.alias(ROW), *columns.values()])
        if session is not None:
            told = _all(found)
            for mask, code, problem in session.check(frame):
                column = next(iter(sorted(columns_of(self.definition.fields.get(code, {})))), "")
                marked = _mark(rows, mask.fill_null(False), code, column, problem, subject)
                # A value that could not be read is told once.
                found.append(marked.join(told, on=["row", "field"], how="anti") if marked.height else marked)
        problems = _all(found)
        refused = problems.filter(pl.col("fatal"))["row"].unique()
        if len(refused):
            frame = frame.filter(~pl.col(ROW).is_in(refused.implode()))
        return Chunk(frame, problems, raw.height)

    def _field(
        self, code: str, raw: pl.DataFrame, done: Mapping[str, pl.Series]
    ) -> tuple[pl.Series, pl.Series, pl.Series, str]:
        expression, known = self.definition.fields[code], self._fields[code]
        if "years_from" in expression:
            return self._years(expression, raw, done)
        texts = self._texts(expression, raw)
        hints = Hints(
            today=self.today,
            order=expression.get("dates", self.definition.dates),
            choices=known.choices,
            lookup=self._lookups.get(code, {}),
            max_length=known.max_length,
            keep_words=known.keep_words,
        )
        reading = KINDS[expression.get("kind", known.kind)].read(texts, hints)
        values = reading.values
        if "add_days" in expression:
            values = values.dt.offset_by(f"{int(expression['add_days'])}d")
        if "between" in expression:
            first, last = (done[name] for name in expression["between"])
            values = values.set(~((values >= first) & (values <= last)).fill_null(False), None)
        return values, reading.problems, texts, ", ".join(sorted(columns_of(expression)))[:120]

    def _years(
        self, expression: Expression, raw: pl.DataFrame, done: Mapping[str, pl.Series]
    ) -> tuple[pl.Series, pl.Series, pl.Series, str]:
        texts = raw[expression["years_from"]]
        hints = Hints(today=self.today, order=expression.get("dates", self.definition.dates))
        reading = KINDS["date"].read(texts, hints)
        pair = pl.DataFrame({"since": reading.values, "on": done[expression["to"]]})
        since, on = pl.col("since").dt, pl.col("on").dt
        early = (on.month() < since.month()) | ((on.month() == since.month()) & (on.day() < since.day()))
        years = (on.year() - since.year() - early.cast(pl.Int32)).clip(lower_bound=0)
        return (
            pair.select(years.cast(pl.Int64)).to_series(),
            reading.problems,
            texts,
            expression["years_from"],
        )

    def _texts(self, expression: Expression, raw: pl.DataFrame) -> pl.Series:
        if "constant" in expression:
            texts = pl.repeat(str(expression["constant"]), raw.height, eager=True)
        elif "from" in expression:
            texts = self._without_missing(raw[expression["from"]])
        elif "first" in expression:
            options = [clean(self._texts(nested, raw), keep_words=True) for nested in expression["first"]]
            texts = pl.select(pl.coalesce(options)).to_series()
        else:
            texts = self._template(expression, raw)
        if "extract" in expression:
            texts = texts.str.extract(expression["extract"], 1)
        if "values" in expression:
            table = {fold(str(key)): str(value) for key, value in expression["values"].items()}
            keys = fold_series(clean(texts, keep_words=True))
            default = (
                texts
                if "otherwise" not in expression
                else keys.set(keys.is_not_null(), expression["otherwise"])
            )
            mapped = keys.replace_strict(table, default=None, return_dtype=pl.String)
            texts = pl.select(pl.coalesce(mapped, default)).to_series()
        if "when" in expression:
            texts = texts.set(~self._holds(expression["when"], raw), None)
        return texts

    def _without_missing(self, texts: pl.Series) -> pl.Series:
        if not self.definition.missing:
            return texts
        gone = texts.str.strip_chars().is_in(list(self.definition.missing)).fill_null(False)
        return texts.set(gone, None) if gone.any() else texts

    def _template(self, expression: Expression, raw: pl.DataFrame) -> pl.Series:
        parts = expression.get("parts", {})
        pieces: list[Any] = []
        for is_name, text in split_template(expression["template"]):
            if not is_name:
                pieces.append(pl.lit(text))
            else:
                series = self._texts(parts[text], raw) if text in parts else self._without_missing(raw[text])
                pieces.append(clean(series, keep_words=True))
        joined = pl.select(pl.concat_str(pieces, ignore_nulls=False)).to_series()
        return joined if len(joined) == raw.height else pl.repeat(joined.item(), raw.height, eager=True)

    def _holds(self, when: Mapping[str, Any], raw: pl.DataFrame) -> pl.Series:
        texts = clean(self._without_missing(raw[when["from"]]), keep_words=True)
        if "in" in when:
            return texts.is_in([str(word) for word in when["in"]]).fill_null(False)
        return ~texts.is_in([str(word) for word in when["not_in"]]).fill_null(True)

    def _subject(self, raw: pl.DataFrame) -> pl.Series:
        texts = [
            clean(self._texts(self.definition.fields[code], raw))
            for code in self.target.subject
            if code in self.definition.fields
        ]
        if not texts:
            return pl.repeat("", raw.height, eager=True)
        joined = pl.select(pl.concat_str(texts, separator=" ", ignore_nulls=True)).to_series()
        joined = joined if len(joined) == raw.height else pl.repeat(joined.item(), raw.height, eager=True)
        return joined.str.slice(0, 200)


def _all(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([part for part in parts if part.height] or [pl.DataFrame(schema=PROBLEM_SCHEMA)])


def _needs_fields(expression: Expression) -> bool:
    return "between" in expression or "years_from" in expression


def _problems(
    rows: pl.Series,
    codes: pl.Series,
    field: str,
    column: str,
    texts: pl.Series,
    subject: pl.Series,
    *,
    fatal: bool,
) -> pl.DataFrame:
    if codes.null_count() == len(codes):
        return pl.DataFrame(schema=PROBLEM_SCHEMA)
    table = pl.DataFrame({"row": rows, "code": codes, "value": texts.str.slice(0, 200), "subject": subject})
    return (
        table.filter(pl.col("code").is_not_null())
        .with_columns(
            field=pl.lit(field),
            column=pl.lit(column),
            fatal=pl.lit(fatal),
            value=pl.col("value").fill_null(""),
        )
        .select(list(PROBLEM_SCHEMA))
    )


def _mark(
    rows: pl.Series, mask: pl.Series, field: str, column: str, code: str, subject: pl.Series
) -> pl.DataFrame:
    if not mask.any():
        return pl.DataFrame(schema=PROBLEM_SCHEMA)
    codes = pl.select(pl.when(mask).then(pl.lit(code))).to_series()
    return _problems(rows, codes, field, column, pl.repeat("", len(rows), eager=True), subject, fatal=True)


def problem_rows(
    rows: pl.Series, code: str, *, field: str = "", fatal: bool = False, value: Any = ""
) -> pl.DataFrame:
    """A table of problems that a target found itself."""
    return pl.DataFrame({"row": rows.cast(pl.Int64)}).with_columns(
        field=pl.lit(field), column=pl.lit(""), code=pl.lit(code), value=pl.lit(value), subject=pl.lit(""),
        fatal=pl.lit(fatal),
    ).select(list(PROBLEM_SCHEMA))  # fmt: skip
