"""Guessing what each column is: by its heading and, apart from that, by its values.

Every guess carries its confidence (0 … 100) and its reason as data, so that a page can say it in any language.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import field as member
from datetime import date
from difflib import SequenceMatcher
from functools import cache
from typing import Any

import polars as pl

from clientela.foundation.imports.kinds import KINDS, Hints, clean
from clientela.foundation.imports.kinds.dates import parse
from clientela.foundation.imports.reading.prepare import DEFECT, ROW
from clientela.foundation.imports.targets import Field, Target

SAMPLE, TESTED = 5000, 400
SURE, TAKEN = 80, 55
NEAR = 8
# From here on a heading looks like one of a field.
ALIKE = 0.5
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-zа-я])(?=[A-ZА-Я])")


@dataclass
class Rival:
    """A field a column may be."""

    field: str
    confidence: int
    reason: str
    alias: str = ""
    share: int = 0


@dataclass
class Guess:
    """What one column most likely is; ``field`` is empty for “leave it out”."""

    column: str
    field: str = ""
    confidence: int = 0
    reason: str = "nothing"
    alias: str = ""
    share: int = 0
    filled: int = 0
    example: str = ""
    distinct: int = 0
    dates: str = ""
    doubtful: bool = False
    rivals: list[Rival] = member(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def guess(rows: pl.DataFrame, target: Target, *, today: date) -> list[Guess]:
    """A guess for every column of a sample of rows, each field given away once."""
    columns = [name for name in rows.columns if name not in (ROW, DEFECT)]
    fields = [known for known in target.fields if known.guessed]
    lookups = {known.code: known.lookup() for known in fields if known.lookup}
    sample = rows if rows.height <= SAMPLE else rows.gather_every(rows.height // SAMPLE).head(SAMPLE)
    guesses, claims = [], []
    for column in columns:
        texts = clean(sample[column])
        made = Guess(column=column, **_shape(rows[column], texts))
        made.rivals = _rivals(column, texts, fields, lookups, today)
        if made.rivals and _is_counter(texts, made.rivals[0]):
            made.rivals = []
            made.reason, made.confidence = "counter", 95
        guesses.append(made)
        claims += [(rival.confidence, -index, rival, made) for index, rival in enumerate(made.rivals)]
    _give_away(claims)
    for made in guesses:
        if made.field and KINDS[next(k.kind for k in fields if k.code == made.field)].code in (
            "date",
            "birth_date",
        ):
            made.dates = _order(clean(sample[made.column]))
    return guesses


def _shape(whole: pl.Series, texts: pl.Series) -> dict[str, Any]:
    given = texts.drop_nulls()
    filled = round(100 * (1 - clean(whole).null_count() / len(whole))) if len(whole) else 0
    return {
        "filled": filled,
        "example": str(given[0])[:80] if len(given) else "",
        "distinct": given.n_unique(),
    }


def _is_counter(texts: pl.Series, best: Rival) -> bool:
    """1, 2, 3 … down the file, under a heading that says nothing else."""
    numbers = texts.cast(pl.Int64, strict=False)
    if best.reason != "values" and best.confidence >= TAKEN:
        return False
    return (
        len(numbers) > 2
        and numbers.null_count() == 0
        and bool((numbers.diff().drop_nulls() == numbers[1] - numbers[0]).all())
    )


def _give_away(claims: list[tuple[int, int, Rival, Guess]]) -> None:
    taken: dict[str, Guess] = {}
    for confidence, _index, rival, made in sorted(claims, key=lambda claim: claim[:2], reverse=True):
        if made.field or confidence < TAKEN or rival.field in taken:
            continue
        taken[rival.field] = made
        made.field, made.confidence, made.reason = rival.field, confidence, rival.reason
        made.alias, made.share = rival.alias, rival.share
    for made in (claim[3] for claim in claims):
        if made.field:
            near = [
                rival for rival in made.rivals
                if rival.field != made.field and rival.confidence >= made.confidence - NEAR
                and taken.get(rival.field) in (None, made)
            ]  # fmt: skip
            made.doubtful = bool(near) and made.confidence < SURE + NEAR
        elif made.rivals and made.rivals[0].confidence >= TAKEN:
            made.reason = "taken"


def _rivals(
    column: str,
    texts: pl.Series,
    fields: Sequence[Field],
    lookups: Mapping[str, Mapping[str, int]],
    today: date,
) -> list[Rival]:
    rivals = []
    values = texts.drop_nulls()
    values = values if len(values) <= TESTED else values.gather_every(len(values) // TESTED)
    readings: dict[tuple[str, str], float] = {}
    for known in fields:
        likeness, alias = heading_likeness(column, known)
        kind = KINDS[known.kind]
        if likeness < ALIKE and not _tells(kind, known):
            continue
        special = known.code if known.choices or known.lookup else ""
        if (known.kind, special) not in readings:
            hints = Hints(today=today, choices=known.choices, lookup=lookups.get(known.code, {}),
                          max_length=known.max_length)  # fmt: skip
            readings[known.kind, special] = _fit(kind, values, hints) if len(values) else 0.0
        fit = readings[known.kind, special]
        rival = _weigh(known, kind, likeness, alias, fit, bool(len(values)))
        if rival is not None:
            rivals.append(rival)
    return sorted(rivals, key=lambda rival: -rival.confidence)[:5]


def _fit(kind: Any, values: pl.Series, hints: Hints) -> float:
    """Share of the values that are right, and, where almost any text is right, how many look the part."""
    if kind.code == "full_name":
        return _mean(values.str.contains(r"(?i)^[а-яёa-z-]+ [а-яёa-z-]+ [а-яё-]+(?:ич|на|оглы|кызы)$"))
    if kind.code == "name":
        return _mean(values.str.contains(r"^\p{L}[\p{L} -]*$"))
    if kind.code == "policy_number":
        return _mean(values.str.contains(r"^(?i)[АВЕКМНОРСТУХABEKMHOPCTYX]{3}\s*№?\s*\d{10}$"))
    if kind.code == "year":
        return _mean(values.str.contains(r"^(?:19[5-9]|20[0-4])\d$"))
    return kind.read(values, hints).share()


def _tells(kind: Any, known: Field) -> bool:
    """Whether values alone, under a heading that says nothing, can tell the field."""
    return bool(kind.telling >= 0.5 and not known.choices)


def _mean(marks: pl.Series) -> float:
    return int(marks.sum()) / len(marks) if len(marks) else 0.0


def _weigh(
    known: Field, kind: Any, likeness: float, alias: str, fit: float, has_values: bool
) -> Rival | None:
    """Confidence out of likeness of the heading and fit of the values."""
    share = round(100 * fit)
    testable = kind.code not in ("text", "name", "policy_number")
    alone = 0.0
    if fit >= 0.6 and _tells(kind, known):
        alone = kind.telling * fit * (0.75 if known.lookup else 0.9)
    if likeness >= ALIKE:
        certain = 0.97 if likeness == 1 else 0.55 + 0.35 * likeness
        if testable and has_values:
            certain = max(certain * (0.35 + 0.65 * fit) + 0.02 * fit, alone + 0.04 if alone else 0)
            reason = "heading_values" if fit >= 0.5 else "heading_only"
        else:
            certain *= 0.96
            reason = "heading"
        return Rival(known.code, min(99, round(100 * certain)), reason, alias, share)
    return Rival(known.code, min(95, round(100 * alone)), "values", "", share) if alone else None


def heading_likeness(column: str, known: Field) -> tuple[float, str]:
    """How much a heading looks like one of a field's headings, 0 … 1, and which one."""
    words = _words(column)
    best, best_alias = 0.0, ""
    for alias in (*known.aliases, known.code.split(".")[-1], str(known.label)):
        score = _alike(words, _words(alias))
        if score > best:
            best, best_alias = score, alias
    return best, best_alias


@cache
def _words(text: str) -> tuple[str, ...]:
    spaced = _CAMEL.sub(" ", text).casefold().replace("ё", "е").replace("№", " номер ")
    return tuple(_WORD.findall(spaced))


@cache
def _alike(words: tuple[str, ...], alias: tuple[str, ...]) -> float:
    if not words or not alias:
        return 0.0
    if words == alias:
        return 1.0
    if len(words) == len(alias) == 1:
        ratio = SequenceMatcher(None, words[0], alias[0]).ratio()
        return (
            0.9 * ratio
            if ratio >= 0.82 and min(len(words[0]), len(alias[0])) > 3
            else _word(words[0], alias[0]) * 0.9
        )
    hit = sum(max(_word(word, other) for other in alias) for word in words)
    back = sum(max(_word(word, other) for word in words) for other in alias)
    if not hit:
        return 0.0
    precision, recall = hit / len(words), back / len(alias)
    return 0.98 * 2 * precision * recall / (precision + recall)


def _word(one: str, other: str) -> float:
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return 0.9
    if len(short) >= 5 and SequenceMatcher(None, one, other).ratio() >= 0.82:
        return 0.85
    return 0.0


def _order(texts: pl.Series) -> str:
    """``mdy`` if some dates have no other reading, else ``dmy``."""
    values = texts.drop_nulls()
    day_first, month_first = parse(values, "dmy").null_count(), parse(values, "mdy").null_count()
    return "mdy" if month_first < day_first else "dmy"


def suits(headers: Sequence[str], definition: Mapping[str, Any]) -> float:
    """Share of a saved mapping's columns that a file has under the same headings (0 … 1)."""
    wanted = definition.get("headers") or []
    there = {_words(name) for name in headers}
    return sum(_words(name) in there for name in wanted) / len(wanted) if wanted else 0.0
