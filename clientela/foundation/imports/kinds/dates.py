"""Dates of any usual writing: day first, year first, month names, spreadsheet numbers, with or without time."""

import polars as pl

from clientela.foundation.imports.kinds.base import Hints, Reading, clean, fine

_MONTHS = {
    "янв": 1, "фев": 2, "мар": 3, "апр": 4, "май": 5, "мая": 5, "июн": 6, "июл": 7, "авг": 8, "сен": 9, "окт": 10,
    "ноя": 11, "дек": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12,
}  # fmt: skip
_WORDS = r"^(\d{1,2})[\s.\-/]*(?:de\s+)?([a-zа-я]{3})[a-zа-я]*\.?[\s.\-/]*(?:de\s+)?(\d{4})"
_EPOCH = pl.lit("1899-12-30").str.to_date()
_SHAPE = r"^\d{1,4}\.\d{1,2}\.\d{1,4}$"
EARLIEST, LATEST = 1900, 2100


def parse(texts: pl.Series, order: str = "dmy") -> pl.Series:
    """Dates of cleaned texts; null where there is none. ``order`` is ``dmy`` or ``mdy`` for numbers only."""
    plain = texts
    if plain.str.contains(":", literal=True).any():
        plain = plain.str.replace(r"[T\s]+\d{1,2}:\d{2}.*$", "")
    plain = plain.str.replace_all(r"[/\-\s]", ".").str.strip_chars(".")
    first = "%d.%m.%Y" if order == "dmy" else "%m.%d.%Y"
    result = _long_year(plain.str.to_date(first, strict=False))
    for step in (_year_first, _short_year(first[:6]), _serial):
        rest = result.is_null() & plain.is_not_null()
        if not rest.any():
            return result
        result = result.scatter(rest.arg_true(), step(plain.filter(rest)))
    rest = result.is_null() & plain.is_not_null()
    if rest.any():
        result = result.scatter(rest.arg_true(), _with_month_name(texts.filter(rest)))
    return result


def _long_year(dates: pl.Series) -> pl.Series:
    """Without those where two digits were taken for a year of the first century."""
    short = (dates.dt.year() < 1000).fill_null(False)
    return dates.set(short, None) if short.any() else dates


def _year_first(texts: pl.Series) -> pl.Series:
    return _long_year(texts.str.to_date("%Y.%m.%d", strict=False))


def _short_year(day_and_month: str):  # type: ignore[no-untyped-def]
    def read(texts: pl.Series) -> pl.Series:
        short = texts.str.contains(r"^\d{1,2}\.\d{1,2}\.\d{2}$").fill_null(False)
        dates = texts.str.to_date(day_and_month + "%y", strict=False)
        return dates.set(~short, None)

    return read


def _serial(texts: pl.Series) -> pl.Series:
    days = texts.str.extract(r"^(\d{5})(?:\.\d+)?$", 1).cast(pl.Int64)
    frame = pl.DataFrame({"days": days})
    return frame.select(_EPOCH + pl.duration(days=pl.col("days"))).to_series().cast(pl.Date)


def _with_month_name(texts: pl.Series) -> pl.Series:
    lower = texts.str.to_lowercase()
    month = lower.str.extract(_WORDS, 2).replace_strict(_MONTHS, default=None, return_dtype=pl.Int64)
    parts = pl.DataFrame({"d": lower.str.extract(_WORDS, 1), "m": month, "y": lower.str.extract(_WORDS, 3)})
    written = parts.select(pl.format("{}.{}.{}", "d", "m", "y")).to_series()
    return written.str.to_date("%d.%m.%Y", strict=False)


class Date:
    """A day."""

    code = "date"
    telling = 0.3

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        values = parse(given, hints.order)
        if values.null_count() == given.null_count():
            problems = fine(len(values))
        else:
            shape = given.str.replace_all(r"[/\-]", ".").str.contains(_SHAPE)
            wrong = given.is_not_null() & values.is_null()
            problems = pl.select(
                pl.when(wrong & shape).then(pl.lit("date_none")).when(wrong).then(pl.lit("date_format"))
            ).to_series()
        return self._bounded(values, problems, hints)

    def _bounded(self, values: pl.Series, problems: pl.Series, hints: Hints) -> Reading:
        year = values.dt.year()
        outside = ((year < EARLIEST) | (year > LATEST)).fill_null(False)
        return _without(values, problems, outside, "date_range")


class BirthDate(Date):
    """A day in the past; of a two-digit year the last one that is past."""

    code = "birth_date"
    telling = 0.35

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        reading = super().read(texts, hints)
        late = (reading.values > hints.today).fill_null(False)
        if not late.any():
            return reading
        # 35 of a two-digit year is 1935.
        short = late & texts.str.contains(r"^\s*\d{1,2}[./\-]\d{1,2}[./\-]\d{2}\s*$").fill_null(False)
        values = reading.values.scatter(short.arg_true(), reading.values.filter(short).dt.offset_by("-100y"))
        late = (values > hints.today).fill_null(False)
        return _without(values, reading.problems, late, "date_future")


def _without(values: pl.Series, problems: pl.Series, wrong: pl.Series, code: str) -> Reading:
    if not wrong.any():
        return Reading(values, problems)
    marked = pl.select(pl.when(wrong).then(pl.lit(code)).otherwise(problems)).to_series()
    return Reading(values.set(wrong, None), marked)
