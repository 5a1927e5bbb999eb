"""Words of a closed list, yes and no, and codes of records in the base."""

import polars as pl

from clientela.foundation.imports.kinds.base import (
    Hints,
    Reading,
    clean,
    fold_series,
    refuse,
    spellings,
)

_YES = ("да", "yes", "true", "1", "+", "y", "д", "истина", "si", "есть", "x", "х", "v")
_NO = ("нет", "no", "false", "0", "-", "n", "н", "ложь", "без")


class Choice:
    """One of the field's own values, by any of its spellings."""

    code = "choice"
    telling = 0.5

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts, keep_words=True)
        table = spellings(hints.choices)
        values = fold_series(given).replace_strict(table, default=None, return_dtype=pl.String)
        return refuse(values, given, "unknown_value")


class YesNo:
    """True or false."""

    code = "yes_no"
    telling = 0.4

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts, keep_words=True)
        table = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
        values = fold_series(given).replace_strict(table, default=None, return_dtype=pl.Boolean)
        return refuse(values, given, "not_yes_or_no")


class Reference:
    """The id of a record of the base, by its code or name (``hints.lookup``: folded text → id)."""

    code = "reference"
    telling = 0.7

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        if not hints.lookup:
            return refuse(pl.repeat(None, len(given), dtype=pl.Int64, eager=True), given, "unknown_value")
        values = fold_series(given).replace_strict(dict(hints.lookup), default=None, return_dtype=pl.Int64)
        return refuse(values, given, "unknown_value")
