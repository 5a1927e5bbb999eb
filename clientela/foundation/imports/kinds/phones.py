"""Whole columns of telephone numbers in E.164, at the speed an import needs."""

import re

import polars as pl

from clientela.foundation.phones import FILLER, LONGEST_COMPACT, LONGEST_RAW, RUSSIAN_TEXT, normalize


def normalize_series(raw: pl.Series, region: str = "RU") -> pl.Series:
    """``normalize`` of a whole text column; null and unusable entries become null."""
    if region != "RU":
        return _normalize_distinct(raw, region)
    compact = raw.str.replace_all("[" + re.escape(FILLER) + "]", "")
    national = compact.str.extract(rf"^{RUSSIAN_TEXT}$", 1)
    usual = national.is_not_null() & (compact.str.len_bytes() <= LONGEST_COMPACT)
    usual &= raw.str.len_bytes() <= LONGEST_RAW
    result = pl.select(pl.when(usual.fill_null(False)).then("+7" + national)).to_series()
    rest = raw.is_not_null() & result.is_null()
    if rest.any():
        result = result.scatter(rest.arg_true(), _normalize_distinct(raw.filter(rest), region))
    return result.alias(raw.name)


def _normalize_distinct(raw: pl.Series, region: str) -> pl.Series:
    distinct = raw.unique().drop_nulls()
    values = [normalize(text, region) for text in distinct]
    return raw.replace_strict(distinct, pl.Series(values, dtype=pl.String), default=None)
