"""Names, telephones and addresses of e-mail."""

import re

import polars as pl

from clientela.foundation import names, phones
from clientela.foundation.identifiers.alphabet import CYRILLIC_TWINS, LATIN_TWINS
from clientela.foundation.imports.kinds.base import Hints, Reading, by_distinct, clean, fill, fine, refuse
from clientela.foundation.imports.kinds.phones import normalize_series

_PARTICLES = ["оглы", "оглу", "улы", "уулу", "углы", "кызы", "гызы", "кизи"]
_BETWEEN = re.compile(r"[,;/\n|]+| и ")
_EMAIL = (
    r"^[a-z0-9.!#$%&'*+/=?^_{|}~-]+@[a-zа-яё0-9](?:[a-zа-яё0-9-]*[a-zа-яё0-9])?"
    r"(?:\.[a-zа-яё0-9](?:[a-zа-яё0-9-]*[a-zа-яё0-9])?)+$"
)
_MALE = r"(?:[а-яё]{2,}(?:ович|евич|ич))"
_FEMALE = r"(?:[а-яё]{2,}(?:овна|евна|ична|инична))"
_COMPANY = r"[\"«]|^(?:ООО|АО|ПАО|ЗАО|ОАО|НКО|ГУП|МУП|ФГУП|ИП|ТСЖ|СНТ) |^\P{L}*\p{L}{2,4}\P{L}*$"
# Of small letters fewer look alike.
_TO_CYRILLIC = str.maketrans(LATIN_TWINS + "aeopcyx", CYRILLIC_TWINS + "аеорсух")


class Phones:
    """Telephone numbers in E.164, several of one cell with a blank between them."""

    code = "phone"
    telling = 0.9

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        if given.str.contains(r"^\d+\.0$|^\d(?:\.\d+)?[eE]\+?\d+$").any():
            given = _without_figures(given)
        values = normalize_series(given)
        rest = given.is_not_null() & values.is_null()
        reading = Reading(values, fine(len(values)))
        return fill(reading, rest, by_distinct(given.filter(rest), _several)) if rest.any() else reading


def _without_figures(given: pl.Series) -> pl.Series:
    """A spreadsheet's ``79161234567.0`` and ``7.9161234567E10`` as digits."""
    figure = given.str.contains(r"^\d(?:\.\d+)?[eE]\+?\d+$").fill_null(False)
    digits = given.filter(figure).cast(pl.Float64).round(0).cast(pl.Int64).cast(pl.String)
    return given.scatter(figure.arg_true(), digits).str.replace(r"^(\d+)\.0$", "$1")


def _several(text: str) -> tuple[str | None, str | None]:
    found = [number for part in _BETWEEN.split(text) if (number := phones.normalize(part))]
    if found:
        return " ".join(dict.fromkeys(found)), None
    return None, "phone_short" if sum(char.isdigit() for char in text) < 10 else "phone_format"


class Email:
    """An address of e-mail, lower case."""

    code = "email"
    telling = 0.97

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        given = clean(texts)
        values = given.str.to_lowercase().str.replace(r"^mailto:", "").str.strip_chars("<>;,. ")
        right = values.str.contains(_EMAIL) & (values.str.len_chars() <= 254)
        return refuse(values.set((~right).fill_null(False), None), given, "email_format")


class NamePart:
    """A surname, given name or patronymic. Capitals only, or small letters only, become a proper name."""

    code = "name"
    telling = 0.1

    def read(self, texts: pl.Series, hints: Hints) -> Reading:
        values, mixed = tidy_names(_single_blanks(clean(texts)))
        # Two bytes are the most a letter of these alphabets takes: a short text needs no counting.
        longest = hints.max_length or 280
        if not mixed.any() and not (values.str.len_bytes() > longest).any():
            return Reading(values, fine(len(values)))
        long = (values.str.len_chars() > longest).fill_null(False)
        problems = pl.select(
            pl.when(mixed).then(pl.lit("name_mixed")).when(long).then(pl.lit("too_long"))
        ).to_series()
        return Reading(values.set(mixed | long, None), problems)


def _single_blanks(given: pl.Series) -> pl.Series:
    odd = given.str.contains("  ", literal=True) | given.str.contains(r"[\t\n\u00a0]")
    return given.str.replace_all(r"[\s\u00a0]+", " ") if odd.any() else given


class FullName(NamePart):
    """A whole name in one cell, whichever way round; ``split_names`` takes it apart."""

    code = "full_name"
    telling = 0.9


def tidy_names(given: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Names with proper capitals and one alphabet, and which ones stay mixed of two."""
    values = given
    maybe = given.str.contains(r"\p{Lu}{2}|^\p{Ll}").fill_null(False)
    if maybe.any():
        values = values.scatter(maybe.arg_true(), _proper_case(given.filter(maybe)))
    mixed = pl.repeat(False, len(values), eager=True)
    both = values.str.contains("[A-Za-z]").fill_null(False)
    if both.any():
        both = both & values.str.contains("[А-Яа-яЁё]").fill_null(False)
    if both.any():
        mended = by_distinct(values.filter(both), _one_alphabet)
        values = values.scatter(both.arg_true(), mended.values)
        mixed = mixed.scatter(both.arg_true(), mended.problems.is_not_null())
    return values, mixed


def _proper_case(given: pl.Series) -> pl.Series:
    loud = (given == given.str.to_uppercase()) & ~given.str.contains(_COMPANY)
    quiet = (given == given.str.to_lowercase()) & given.str.contains(r"^\p{Ll}[\p{Ll}-]+ \p{Ll}")
    return pl.select(pl.when(loud | quiet).then(given.str.to_titlecase()).otherwise(given)).to_series()


def _one_alphabet(text: str) -> tuple[str, str | None]:
    words = []
    for word in text.split(" "):
        fixed = word
        if names.mixes_alphabets(word):
            cyrillic = sum("Ѐ" <= char <= "ӿ" for char in word)
            fixed = word.translate(_TO_CYRILLIC) if cyrillic * 2 >= len(word) else word
        words.append(fixed)
    result = " ".join(words)
    return result, "name_mixed" if names.mixes_alphabets(result) else None


def split_names(full: pl.Series) -> pl.DataFrame:
    """Columns ``last``, ``first``, ``middle`` of whole names: what ``names.split_full_name`` gives."""
    words = full.str.split_exact(" ", 3).struct.unnest()
    last, first, middle, more = (words.to_series(index) for index in range(4))
    usual = middle.is_not_null() & more.is_null() & (middle.str.len_bytes() >= 8)
    usual = usual & _is_patronymic(middle) & ~_is_patronymic(first)
    usual = usual & ~first.str.to_lowercase().is_in(_PARTICLES)
    usual = (usual & ~full.str.contains("[.,]")).fill_null(False)
    parts = {
        name: part if usual.all() else part.set(~usual, None)
        for name, part in (("last", last), ("first", first), ("middle", middle))
    }
    rest = ~usual & full.is_not_null()
    if rest.any():
        texts = full.filter(rest)
        distinct = texts.unique()
        found = [names.split_full_name(text) for text in distinct]
        table = {part: [getattr(name, part) for name in found] for part in ("last", "first", "middle")}
        matched = pl.DataFrame({"t": texts}).join(
            pl.DataFrame({"t": distinct, **table}), on="t", how="left", maintain_order="left"
        )
        parts = {name: part.scatter(rest.arg_true(), matched[name]) for name, part in parts.items()}
    return pl.DataFrame(parts)


def _is_patronymic(words: pl.Series) -> pl.Series:
    return (
        words.str.ends_with("ич")
        | words.str.ends_with("овна")
        | words.str.ends_with("евна")
        | words.str.ends_with("ична")
    )


def name_keys(texts: pl.Series) -> pl.Series:
    """``names.name_key`` of a column."""
    keys = texts.str.to_lowercase()
    odd = (~keys.str.contains(r"^[a-zа-я]+(?: [a-zа-я]+)*$")).fill_null(False)
    if not odd.any():
        return keys
    strange = keys.filter(odd).str.replace_all("ё", "е", literal=True)
    strange = strange.str.replace_all(r"[ .\-]+", " ").str.strip_chars(" ")
    rest = (~strange.str.contains(r"^[a-zа-я ]*$")).fill_null(False)
    if rest.any():
        slow = by_distinct(texts.filter(odd).filter(rest), lambda text: (names.name_key(text), None))
        strange = strange.scatter(rest.arg_true(), slow.values)
    return keys.scatter(odd.arg_true(), strange)


def sexes(middle: pl.Series) -> pl.Series:
    """``m`` or ``f`` as the patronymic tells, else null."""
    lower = middle.str.to_lowercase()
    frame = pl.DataFrame({"p": lower})
    return frame.select(
        pl.when(pl.col("p").str.contains(rf"{_FEMALE}$|[ -](?:кызы|гызы|кизи)$"))
        .then(pl.lit("f"))
        .when(pl.col("p").str.contains(rf"{_MALE}$|[ -](?:оглы|оглу|улы|уулу|углы)$"))
        .then(pl.lit("m"))
    ).to_series()
