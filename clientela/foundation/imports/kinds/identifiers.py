"""Identifiers: the usual writings by one expression over the column, the rest one by one."""

from collections.abc import Callable

import polars as pl

from clientela.foundation import identifiers as rules
from clientela.foundation.identifiers.alphabet import CYRILLIC_TWINS, LATIN_TWINS
from clientela.foundation.imports.kinds.base import Hints, Reading, by_distinct, clean, fill, fine

_JUNK = r"[\s\-‐-―−./№]+"
_CYRILLIC, _LATIN = list(CYRILLIC_TWINS), list(LATIN_TWINS)


def latin(texts: pl.Series) -> pl.Series:
    """Upper case with Cyrillic look-alikes made Latin."""
    return texts.str.to_uppercase().str.replace_many(_CYRILLIC, _LATIN)


def cyrillic(texts: pl.Series) -> pl.Series:
    """Upper case with Latin look-alikes made Cyrillic."""
    return texts.str.to_uppercase().str.replace_many(_LATIN, _CYRILLIC)


def policy_number_keys(texts: pl.Series) -> pl.Series:
    """``identifiers.policy_number_key`` of a column."""
    keys = latin(texts).str.replace_many([" ", "-", "/", "№"], [""])
    odd = (~keys.str.contains("^[A-ZА-ЯЁ0-9]*$")).fill_null(False)
    if not odd.any():
        return keys
    return keys.scatter(odd.arg_true(), texts.filter(odd).map_elements(rules.policy_number_key, pl.String))


class _Identifier:
    """By the rules of ``foundation.identifiers``, every distinct text once."""

    def __init__(
        self, code: str, normalize: Callable[[str | None], str], telling: float, zeros: tuple[int, ...] = ()
    ):
        self.code, self.telling, self._normalize, self._zeros = code, telling, normalize, zeros

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        return self._one_by_one(clean(texts))

    def _one_by_one(self, given: pl.Series) -> Reading:
        return by_distinct(given, self._convert)

    def _convert(self, text: str) -> tuple[str | None, str | None]:
        compact = text.removesuffix(".0")
        if compact.isdigit() and len(compact) + 1 in self._zeros:
            # A spreadsheet that took the number for a figure has lost its first zero.
            compact = "0" + compact
        try:
            return self._normalize(compact), None
        except rules.InvalidIdentifier as error:
            return None, f"{self.code}_{error.code}"

    def _usual(self, given: pl.Series, canonical: pl.Series, pattern: str) -> Reading:
        """``canonical`` where it matches ``pattern``, the rules for everything else."""
        usual = canonical.str.contains(pattern).fill_null(False)
        rest = ~usual & given.is_not_null()
        reading = Reading(canonical.set(~usual, None), fine(len(given)))
        return fill(reading, rest, self._one_by_one(given.filter(rest))) if rest.any() else reading


class Vin(_Identifier):
    """Vehicle identification number."""

    def __init__(self) -> None:
        super().__init__("vin", rules.normalize_vin, 0.97)

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        return self._usual(given, latin(given), "^[A-HJ-NPR-Z0-9]{15}[1-9A-HJ-NPR-Z][A-HJ-NPR-Z0-9]$")


class Plate(_Identifier):
    """Registration plate."""

    def __init__(self) -> None:
        super().__init__("plate", rules.normalize_plate, 0.95)

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        letters = f"[{CYRILLIC_TWINS}]"
        car = rf"^{letters}(?:[1-9]\d\d|0[1-9]\d|00[1-9]){letters}{{2}}(?:[1-9]\d|0[1-9]|[1-9]\d\d)$"
        return self._usual(given, cyrillic(given.str.replace_all(_JUNK, "")), car)


class Passport(_Identifier):
    """Internal passport."""

    def __init__(self) -> None:
        super().__init__("passport", rules.normalize_passport, 0.6)

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        return self._usual(given, given.str.replace_all(_JUNK, ""), r"^[1-9]\d{9}$")


class PolicyNumber:
    """The number of a policy as printed; ``policy_number_keys`` compares them."""

    code = "policy_number"
    telling = 0.9

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts).str.replace(r"^(\d+)\.0$", "$1")
        keys = policy_number_keys(given)
        short = (keys.str.len_chars() < 1).fill_null(False) | (given.str.len_chars() > 60).fill_null(False)
        if not short.any():
            return Reading(given, fine(len(given)))
        code = pl.select(pl.when(short).then(pl.lit("policy_number"))).to_series()
        return Reading(given.set(short, None), code)


IDENTIFIERS = (
    _Identifier("inn", rules.normalize_inn, 0.95, zeros=(10, 12)),
    _Identifier("snils", rules.normalize_snils, 0.97, zeros=(11,)),
    _Identifier("ogrn", rules.normalize_ogrn, 0.95),
    _Identifier("kpp", rules.normalize_kpp, 0.6, zeros=(9,)),
    _Identifier("bic", rules.normalize_bic, 0.6, zeros=(9,)),
    _Identifier("licence", rules.normalize_driving_licence, 0.55),
)
