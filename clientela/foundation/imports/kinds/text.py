"""Plain text, and names of regions."""

import polars as pl

from clientela.foundation.imports.kinds.base import Hints, Reading, by_distinct, clean, fine
from clientela.foundation.regions import region_named


class Text:
    """Any text; inner blanks are made single. Too long a text is wrong, never cut."""

    code = "text"
    telling = 0.0

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts, keep_words=hints.keep_words)
        if given.str.contains(r"\s\s|[\n\t\u00a0\u2028]").any():
            given = given.str.replace_all(r"\s+", " ")
        if not hints.max_length:
            return Reading(given, fine(len(given)))
        long = (given.str.len_chars() > hints.max_length).fill_null(False)
        if not long.any():
            return Reading(given, fine(len(given)))
        return Reading(given.set(long, None), pl.select(pl.when(long).then(pl.lit("too_long"))).to_series())


class Region:
    """A region of Russia by name or code; gives the code (ISO 3166-2)."""

    code = "region"
    telling = 0.9

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        def convert(text: str) -> tuple[str | None, str | None]:
            region = region_named(text)
            return (region.code, None) if region else (None, "unknown_region")

        return by_distinct(clean(texts), convert)
