"""What every kind gives back, and the cleaning all of them start from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import polars as pl

# What programs and people write for “nothing”.
EMPTY = frozenset(
    [
        "-",
        "--",
        "—",
        "–",
        ".",
        "?",
        "na",
        "n/a",
        "null",
        "none",
        "nan",
        "nil",
        "#n/a",
        "#н/д",
        "#знач!",
        "#value!",
        "нет",
        "н/д",
        "не\xa0указано",
        "не\xa0указан\n",
        "",
        "",
        "",
        "нет\xa0данных",
        "отсутствует",
        "нет данных",
        "не указано",
        "не указан",
        "не известно",
        "неизвестно",
    ]
)
_EMPTY_WORDS = sorted({word.strip().replace("\u00a0", " ") for word in EMPTY})
_LONGEST_EMPTY = max(len(word.encode()) for word in _EMPTY_WORDS)


@dataclass(frozen=True)
class Hints:
    """What a column's mapping knows beyond its kind."""

    today: date
    order: str = "dmy"
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lookup: Mapping[str, Any] = field(default_factory=dict)
    max_length: int = 0
    keep_words: bool = False


@dataclass(frozen=True)
class Reading:
    """``values`` typed, null where empty or wrong; ``problems`` the code of what is wrong, else null."""

    values: pl.Series
    problems: pl.Series

    def share(self) -> float:
        """Share of right values among those given."""
        wrong = len(self.problems) - self.problems.null_count()
        right = len(self.values) - self.values.null_count()
        return right / (right + wrong) if right + wrong else 0.0


class Kind(Protocol):
    """One kind of data. ``telling`` is how sure the values alone make us, 0 … 1."""

    code: str
    telling: float

    def read(self, texts: pl.Series, hints: Hints) -> Reading: ...


def clean(texts: pl.Series, *, keep_words: bool = False) -> pl.Series:
    """Without outer blanks; null for empty cells and (unless ``keep_words``) for words that mean “nothing”."""
    stripped = texts.str.strip_chars()
    filled = stripped.str.len_bytes()
    if keep_words:
        return stripped.set(filled == 0, None) if (filled == 0).any() else stripped
    maybe = (filled <= _LONGEST_EMPTY).fill_null(False)
    if not maybe.any():
        return stripped
    empty = (filled == 0) | (maybe & stripped.str.to_lowercase().is_in(_EMPTY_WORDS))
    return stripped.set(empty.fill_null(False), None) if empty.any() else stripped


def fine(count: int) -> pl.Series:
    """No problems."""
    return pl.repeat(None, count, dtype=pl.String, eager=True)


def refuse(values: pl.Series, given: pl.Series, code: str) -> Reading:
    """Everything given that has no value is wrong for one reason."""
    wrong = given.is_not_null() & values.is_null()
    if not wrong.any():
        return Reading(values, fine(len(values)))
    return Reading(values, pl.select(pl.when(wrong).then(pl.lit(code))).to_series())


def by_distinct(
    texts: pl.Series, convert: Callable[[str], tuple[Any, str | None]], dtype: Any = pl.String
) -> Reading:
    """Convert every distinct text once, in Python: ``convert`` gives ``(value, problem)``."""
    distinct = texts.unique().drop_nulls()
    results = [convert(text) for text in distinct]
    values = pl.Series([value for value, _ in results], dtype=dtype)
    codes = pl.Series([code for _, code in results], dtype=pl.String)
    if distinct.is_empty():
        return Reading(pl.repeat(None, len(texts), dtype=dtype, eager=True), fine(len(texts)))
    table = pl.DataFrame({"t": distinct, "v": values, "c": codes})
    found = pl.DataFrame({"t": texts}).join(table, on="t", how="left", maintain_order="left")
    return Reading(found["v"], found["c"])


def fill(reading: Reading, rest: pl.Series, other: Reading) -> Reading:
    """Put what ``other`` read of the rows marked by ``rest`` into ``reading``."""
    places = rest.arg_true()
    return Reading(
        reading.values.scatter(places, other.values), reading.problems.scatter(places, other.problems)
    )


def fold(text: str) -> str:
    """Key under which spellings of a word are compared."""
    return " ".join(text.casefold().replace("ё", "е").split())


def fold_series(texts: pl.Series) -> pl.Series:
    """``fold`` of a column."""
    return texts.str.to_lowercase().str.replace_all("ё", "е", literal=True).str.replace_all(r"\s+", " ")


def spellings(choices: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Folded spelling → value."""
    table: dict[str, str] = {}
    for value, words in choices.items():
        for word in (value, *words):
            table.setdefault(fold(word), value)
    return table
