"""Answers that a draft takes away or calls by another code, where tables and past calculations still name the old one."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.rules import cells
from clientela.modules.rating.rules.tables import Kind

State = TableVersion.State


def lost(typed: Mapping[str, Any], base: Mapping[str, Any], product: Product) -> list[dict[str, str]]:
    """A notice for each answer of ``base`` that ``typed`` has no more and that is in use, with the field it is about."""
    new, found = _answers(typed), []
    places = list(new)
    for key, answers in _answers(base).items():
        gone = {code: title for code, title in answers.items() if code not in new.get(key, {})}
        if not gone:
            continue
        tables, counts = _in_tables(typed, key, product), _in_calculations(key, product, gone)
        for code, title in gone.items():
            standing = [str(name) for name, codes in tables.items() if code in codes]
            if standing or counts.get(code):
                place = f"questions-{places.index(key)}-choices" if key in new else ""
                found.append({"place": place, "text": _notice(title, code, standing, counts.get(code, 0))})
    return found


def _notice(title: str, code: str, tables: list[str], count: int) -> str:
    told = [
        _("The answer “%(title)s” (%(code)s) is no more, but it is in use.") % {"title": title, "code": code}
    ]
    if tables:
        told.append(_("Tables name it: %s.") % ", ".join(tables))
    if count:
        text = ngettext("%s past calculation holds it.", "%s past calculations hold it.", count)
        told.append(text % count)
    return " ".join(told)


def _answers(definition: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """By question: its answers by their code; questions whose answers stand in a table are left out."""
    asked = definition.get("questions")
    found: dict[str, dict[str, str]] = {}
    for one in asked if isinstance(asked, list) else ():
        if isinstance(one, Mapping):
            rows = one.get("choices") if one.get("kind") == "choice" and not one.get("choices_from") else None
            found[str(one.get("key", ""))] = {
                str(row.get("value")): str(row.get("title") or row.get("value"))
                for row in (rows if isinstance(rows, list) else ())
                if isinstance(row, Mapping)
            }
    return found


def _in_tables(definition: Mapping[str, Any], key: str, product: Product) -> dict[Any, set[str]]:
    """Codes that the tables of the product name in the columns fed by the question."""
    kept = TableVersion.objects.filter(table__product=product).exclude(state=State.RETIRED)
    names = _columns(definition, key)
    found: dict[Any, set[str]] = {}
    for version in kept.select_related("table").order_by("table__position", "table__code"):
        for column in version.body.columns:
            if column.kind == Kind.EXACT and column.key in names.get(version.table.code, {key}):
                place = version.body.places[column.key]
                codes = {word for row in version.rows if len(row) > place for word in cells.words(row[place])}
                found.setdefault(version.table, set()).update(codes)
    return found


def _columns(definition: Mapping[str, Any], key: str) -> dict[str, set[str]]:
    """Columns by table that a step fills from the question under another name."""
    formula = definition.get("formula")
    steps: Iterable[Any] = formula.get("steps") or () if isinstance(formula, Mapping) else ()
    found: dict[str, set[str]] = {}
    for step in steps:
        facts = step.get("facts") if isinstance(step, Mapping) else None
        for column, fact in facts.items() if isinstance(facts, Mapping) else ():
            if fact == key:
                found.setdefault(str(step.get("table")), {key}).add(column)
    return found


def _in_calculations(key: str, product: Product, codes: Mapping[str, str]) -> dict[str, int]:
    rows = Calculation.objects.filter(product=product).annotate(code=KeyTextTransform(key, "answers"))
    held = rows.order_by().values("code").annotate(count=Count("pk"))
    return {one["code"]: one["count"] for one in held if one["code"] in codes}
