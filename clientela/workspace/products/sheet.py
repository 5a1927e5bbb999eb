"""A version of a table as the page shows it: in words, with the decimal sign of the reader, beside what stood before."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, repeat
from typing import Any

from django.db.models import Count
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from clientela.modules.products.queries import version_on
from clientela.modules.quotes.models import STANDING, Calculation, Variant
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.queries import body_on
from clientela.modules.rating.rules import cells
from clientela.modules.rating.rules.tables import Column, Kind

State = TableVersion.State
MOST_TOUCHED = 10
MOST_CHANGES = 200
MOST_READ = 2_000
_NUMBER = re.compile(r"(?<=\d)\.(?=\d)")


def words_of(version: TableVersion, on: date) -> dict[str, dict[str, str]]:
    """By column or fact: what a code is called where the product asks for it."""
    sold = version_on(version.table.product.code, on)
    told: dict[str, dict[str, str]] = {"decision": _decisions()}
    for question in sold.definition.get("questions", ()) if sold else ():
        told[question["key"]] = dict(answers_of(question, on))
    return told


def answers_of(question: Mapping[str, Any], on: date) -> list[tuple[str, str]]:
    """The answers to choose from, each with what it is called; a draft may hold anything."""
    source, choices = question.get("choices_from"), question.get("choices")
    if isinstance(source, Mapping) and source.get("table") and source.get("value"):
        try:
            choices = _of_table(source, on)
        except KeyError:
            return []
    rows = choices if isinstance(choices, list) else []
    return [(str(one["value"]), _said(one)) for one in rows if isinstance(one, Mapping) and "value" in one]


def _said(one: Mapping[str, Any]) -> str:
    return str((one.get("title_en") if get_language() == "en" else "") or one.get("title") or one["value"])


def _of_table(source: Mapping[str, str], on: date) -> list[dict[str, str]]:
    body = body_on(source["table"], on)
    names = {"value": source["value"], "title": source.get("title", source["value"])}
    names["title_en"] = source.get("title_en", names["title"])
    rows = range(len(body.rows)) if body else ()
    return [{name: body.text(row, column) for name, column in names.items()} for row in rows if body]


def _decisions() -> dict[str, str]:
    return {
        "accept": pgettext("verdict", "accept"), "inspect": pgettext("verdict", "inspect"),
        "refer": pgettext("verdict", "to the underwriter"), "decline": pgettext("verdict", "decline"),
    }  # fmt: skip


def shown(text: str, column: Column, words: Mapping[str, Mapping[str, str]]) -> str:
    """A cell for reading; what has no word of its own stays as it is written."""
    clean = text.strip()
    if column.kind == Kind.EXACT:
        if clean in cells.ANY:
            return pgettext("tariff", "any")
        known = words.get(column.key, {})
        return ", ".join(known.get(word.strip(), word.strip()) for word in clean.split(","))
    if column.kind == Kind.BOOL:
        if clean in cells.ANY:
            return pgettext("tariff", "any")
        try:
            return _("yes") if cells.flag(clean) else _("no")
        except cells.BadCell:
            return clean
    if column.kind == Kind.RANGE and clean in cells.ANY:
        return pgettext("tariff", "any")
    if column.kind in {Kind.NUMBER, Kind.RANGE}:
        return _NUMBER.sub(
            "," if get_language() == "ru" else ".",
            clean.replace(",", ".") if column.kind == Kind.NUMBER else clean,
        )
    return words.get(column.key, {}).get(clean, clean)


def titled(column: Column) -> str:
    return column.title_en if get_language() == "en" and column.title_en else column.title


def _wide(row: Iterable[str]) -> Iterator[str]:
    """The cells of a row, and empty ones as far as there are columns."""
    return chain(row, repeat(""))


def lines_of(
    version: TableVersion,
    base: TableVersion | None,
    words: Mapping[str, Mapping[str, str]],
    bad: Mapping[tuple[int, str], str],
) -> list[list[dict[str, Any]]]:
    """Cells by row, each with what stood there before; a free row at the end of a draft.

    ``bad``: what is wrong with the cell of a row (from 0) and column.
    """
    before = _before(version, base)
    lines = []
    for number, row in enumerate(version.rows):
        was = before.get(number)
        cells_of = list(zip(version.body.columns, _wide(row), _wide(was or ()), strict=False))
        lines.append([
            {
                "text": text, "shown": shown(text, column, words), "column": column, "title": titled(column),
                "was": shown(old, column, words) if was is not None and old != text else "", "row": number + 1,
                "is_new": base is not None and was is None, "bad": bad.get((number, column.key), ""),
            }
            for column, text, old in cells_of
        ])  # fmt: skip
    if version.state == State.DRAFT:
        lines.append([
            {"text": "", "shown": "", "column": column, "title": titled(column), "was": "", "row": len(lines) + 1}
            for column in version.body.columns
        ])  # fmt: skip
    return lines


def _before(version: TableVersion, base: TableVersion | None) -> dict[int, Sequence[str]]:
    """The row of the base for each row of the version: by its conditions, else by its place."""
    if base is None or base.columns != version.columns:
        return {}
    known = {key: row for row in base.rows if (key := _key(base, row))}
    places = dict(enumerate(base.rows)) if len(base.rows) == len(version.rows) else {}
    found = {}
    for number, row in enumerate(version.rows):
        old = known.get(_key(version, row)) or places.get(number)
        if old is not None:
            found[number] = old
    return found


def _key(version: TableVersion, row: Sequence[str]) -> tuple[str, ...]:
    columns = version.body.columns
    own = tuple(
        text
        for column, text in zip(columns, row, strict=False)
        if column.kind in {Kind.EXACT, Kind.RANGE, Kind.BOOL}
    )
    return own or tuple(row[:1])


def differences(
    one: TableVersion, other: TableVersion, words: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Cell by cell: what changes from ``other``, the older, to ``one``; rows that came and rows that went."""
    before = _before(one, other)
    changed, came = [], []
    for number, row in enumerate(one.rows):
        old = before.get(number)
        if old is None:
            came.append({"row": number + 1, "label": _label(one, row, words)})
            continue
        for column, text, was in zip(one.body.columns, row, old, strict=False):
            if text != was:
                changed.append({
                    "row": number + 1, "label": _label(one, row, words), "column": titled(column),
                    "was": shown(was, column, words), "now": shown(text, column, words),
                    "percent": _percent(was, text) if column.kind == Kind.NUMBER else None,
                })  # fmt: skip
    used = {id(row) for row in before.values()}
    gone = [
        {"row": number + 1, "label": _label(other, row, words)}
        for number, row in enumerate(other.rows)
        if id(row) not in used
    ]
    is_same = one.columns == other.columns
    return {
        "older": other, "newer": one, "changed": changed[:MOST_CHANGES], "more": max(len(changed) - MOST_CHANGES, 0),
        "count": len(changed), "came": came[:MOST_CHANGES] if is_same else [], "gone": gone[:MOST_CHANGES] if is_same else [],
        "is_same_shape": is_same,
    }  # fmt: skip


def _percent(was: str, now: str) -> Any:
    try:
        before, after = cells.number(was), cells.number(now)
    except cells.BadCell:
        return None
    return (after - before) * 100 / before if before else None


def _label(version: TableVersion, row: Sequence[str], words: Mapping[str, Mapping[str, str]]) -> str:
    pairs = zip(version.body.columns, row, strict=False)
    found = [
        shown(text, column, words)
        for column, text in pairs
        if column.kind in {Kind.EXACT, Kind.RANGE, Kind.BOOL} and text
    ]
    return ", ".join(found[:3]) or (row[0] if row else "")


def story(
    version: TableVersion, versions: Sequence[TableVersion], row: int, column: str
) -> list[dict[str, Any]]:
    """What stood in a cell in every version, the newest first, with whose word it was."""
    key, told = _key(version, version.rows[row]), []
    for one in versions:
        if column not in one.body.places:
            continue
        same = [line for line in one.rows if _key(one, line) == key]
        if not same and len(one.rows) == len(version.rows):
            same = [one.rows[row]]
        told.append({"version": one, "text": same[0][one.body.places[column]] if same else None})
    return told


def touched(version: TableVersion, row: int, column: str, user: Any) -> dict[str, Any]:
    """Calculations in which this very row answered, as far as the newest tell: their step says why, not which row.

    A step keeps table, version and value, so the calculations are those whose step has this version and this value.
    """
    text = version.rows[row][version.body.places[column]].strip()
    if version.body.columns[version.body.places[column]].kind != Kind.NUMBER or text in cells.NOTHING:
        return {"count": 0, "calculations": []}
    value, table, found, seen = cells.number(text), version.table.code, [], set()
    newest = (
        Variant.objects.filter(
            calculation__in=Calculation.objects.visible_to(user).filter(product=version.table.product),
            premium__isnull=False,
        )
        .order_by("-calculation_id", "-is_chosen", "place")
        .select_related("calculation__client")
    )
    for variant in newest[:MOST_READ].iterator(chunk_size=500):
        steps = variant.explanation.get("factors", ())
        if variant.calculation_id not in seen and any(
            one.get("table") == table
            and one.get("version") == version.number
            and Decimal(str(one["value"])) == value
            for one in steps
        ):
            seen.add(variant.calculation_id)
            found.append(variant.calculation)
    return {"count": len(found), "calculations": found}


def begun(product_id: int, starts_on: date) -> dict[str, int]:
    """Calculations that are not policies yet: how many keep to the version in force and how many are priced anew."""
    standing = Calculation.objects.filter(product=product_id, state__in=STANDING)
    told = standing.aggregate(all=Count("pk"))["all"]
    later = standing.filter(starts_on__gte=starts_on).count()
    return {"stay": told - later, "anew": later}
