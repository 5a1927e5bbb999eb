"""Numbers as people and programs write them: ``1 234,56``, ``1,234.56``, ``12 500 ₽``, ``7.9E+10``."""

from typing import Any

import polars as pl

from clientela.foundation.imports.kinds.base import Hints, Reading, clean, refuse

_SIMPLE = r"^-?\d+(?:\.\d+)?$"
_UNITS = r"(?i)\s*(?:₽|руб(?:лей|\.)?|р\.|rub|€|eur|\$|usd|л\.?\s?с\.?|hp|км|%)\s*$"


def plain(given: pl.Series) -> pl.Series:
    """The numbers in the one writing that casts: no groups, a point before decimals."""
    simple = given.str.contains(_SIMPLE) | given.is_null()
    if simple.all():
        return given
    rest = given.filter(~simple)
    bare = rest.str.replace(_UNITS, "").str.replace_all(r"[\s\u00a0\u202f'’_]", "")
    bare = bare.str.replace(r"^−", "-")
    last_comma, last_point = (
        bare.str.count_matches(",", literal=True),
        bare.str.count_matches(".", literal=True),
    )
    comma_last = bare.str.contains(r",\d*$") & ~bare.str.contains(r"\.\d*$")
    table = pl.DataFrame({"b": bare, "commas": last_comma, "points": last_point, "comma_last": comma_last})
    written = table.select(
        pl.when((pl.col("commas") == 1) & pl.col("comma_last"))
        .then(pl.col("b").str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .when((pl.col("points") > 1) & (pl.col("commas") == 0))
        .then(pl.col("b").str.replace_all(".", "", literal=True))
        .otherwise(pl.col("b").str.replace_all(",", "", literal=True))
    ).to_series()
    return given.scatter((~simple).arg_true(), written)


class Integer:
    """A whole number."""

    code = "integer"
    telling = 0.1

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        written = plain(given).str.replace(r"\.0*$", "")
        return refuse(written.cast(pl.Int64, strict=False), given, "not_whole_number")


class Year:
    """A year of manufacture or building."""

    code = "year"
    telling = 0.4

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        year = given.str.extract(r"^(\d{4})(?:\s*г\.?|\.0*)?$", 1).cast(pl.Int64)
        year = year.set(((year < 1800) | (year > hints.today.year + 1)).fill_null(False), None)
        return refuse(year, given, "year")


class Amount:
    """Money (``amount``: kopecks, half up) or a measured figure (``measure``: one decimal)."""

    telling = 0.2

    def __init__(self, code: str, scale: int) -> None:
        self.code, self.scale = code, scale
        self.dtype: Any = pl.Decimal(16, scale)

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        exact = plain(given).cast(pl.Decimal(38, 8), strict=False)
        values = exact.round(self.scale, "half_away_from_zero").cast(self.dtype, strict=False)
        return refuse(values, given, "not_number")
