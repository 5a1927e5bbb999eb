"""The definition of a product as rows of a form and back. What a form does not show stays as it is."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clientela.modules.rating.rules.formula import Op
from clientela.workspace.products import named_tables, terms, written
from clientela.workspace.products.terms import Unreadable

COVERAGES = ("code", "title", "title_en", "required")
QUESTIONS = (
    "key", "title", "title_en", "help", "help_en", "kind", "required", "group", "min", "max", "default", "choices",
    "show_if",
)  # fmt: skip
STEPS = (
    "code", "label", "op", "title.ru", "title.en", "table", "given", "constant", "within", "of", "each", "take", "part",
    "optional", "when", "why.ru", "why.en",
)  # fmt: skip
FIELDS = {"coverages": COVERAGES, "questions": QUESTIONS, "steps": STEPS}
FLAGS = frozenset({"required", "optional"})
WRITTEN = frozenset({"show_if", "when", "choices"})  # stand in the form as JSON, and on the page as rows
SHOWN = frozenset(
    {"object", "coverages", "questions", "documents", "eligibility", "cancellation", *terms.SECTIONS}
)
MOST_LETTERS = 200_000
KIND_WORDS = {
    "text": gettext_lazy("Text"), "number": pgettext_lazy("question", "Number"), "money": gettext_lazy("Money"),
    "choice": gettext_lazy("Choice"), "bool": gettext_lazy("Yes or no"), "date": pgettext_lazy("kind of answer", "Day"),
    "drivers": gettext_lazy("Cards of drivers"), "people": gettext_lazy("Cards of people"),
}  # fmt: skip
OBJECT_WORDS = {
    "vehicle": gettext_lazy("Vehicle"), "flat": gettext_lazy("Flat"), "house": gettext_lazy("House"),
    "property": gettext_lazy("Property"), "life": gettext_lazy("Life and health"), "trip": gettext_lazy("Trip"),
    "other": pgettext_lazy("thing insured", "Other"),
}  # fmt: skip
OP_WORDS = {
    Op.SET: gettext_lazy("is"), Op.TIMES: "×", Op.PLUS: "+", Op.PERCENT_OF: gettext_lazy("per cent of"),
    Op.PLUS_PERCENT_OF: gettext_lazy("+ per cent of"), Op.PLUS_PERCENT: gettext_lazy("+ per cent"),
    Op.AT_LEAST: gettext_lazy("at least"), Op.ROUND: gettext_lazy("rounded to"),
    Op.AS_PERCENT_OF: gettext_lazy("as per cent of"),
}  # fmt: skip


def rows_of(definition: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Each row as the texts of its fields, with the row itself as it was."""
    rows = definition.get("formula", {}).get("steps", []) if name == "steps" else definition.get(name, [])
    return [row_of(name, row) for row in rows if isinstance(row, dict)]


def row_of(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """One row; ``{}`` makes an empty one."""
    fields = {field.replace(".", "_"): text_of(row, field) for field in FIELDS[name]}
    return _titled(fields, written.dumps(row))


def _titled(fields: dict[str, str], was: str) -> dict[str, Any]:
    return {
        "fields": fields, "was": was, "title": fields.get("title") or fields.get("title_ru", ""),
        "code": fields.get("key") or fields.get("code", ""), "table": fields.get("table", ""),
    }  # fmt: skip


def text_of(row: Mapping[str, Any], field: str) -> str:
    """A field as one types it."""
    first, _dot, second = field.partition(".")
    value = row.get(first)
    if second:
        value = value.get(second) if isinstance(value, dict) else None
    if field in FLAGS:
        return "yes" if value else "no"
    if field in WRITTEN:
        return written.dumps(value) if value else ""
    return _plain(value)


def read(posted: Any, before: Mapping[str, Any], codes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The definition that a form holds; ``codes`` are those of tables by what one may type. Raises `Unreadable`."""
    if sum(len(value) for _name, values in posted.lists() for value in values) > MOST_LETTERS:
        raise Unreadable(_("This is too long."))
    rest = _rest(posted, before)
    formula = rest.get("formula") if isinstance(rest.get("formula"), dict) else {}
    kept = {key: value for key, value in rest.items() if key not in SHOWN and key != "formula"}
    questions = _rows(posted, "questions")
    parts = terms.read(posted, {"questions": questions})
    held = before.get("formula") if isinstance(before.get("formula"), dict) else {}
    own = {name: parts.pop(name) for name in terms.OF_FORMULA}
    told = {name: value for name, value in own.items() if value or name in (held or {})}
    told["steps"] = _rows(posted, "steps", codes or {})
    return kept | parts | {
        "object": posted.get("object", ""), "coverages": _rows(posted, "coverages"), "questions": questions,
        "documents": terms.documents(posted, _list(before.get("documents"))),
        "eligibility": terms.eligibility(posted, before.get("eligibility")),
        "cancellation": terms.cancellation(posted, _names(before.get("cancellation"))),
        "formula": {**(formula or {}), **told},
    }  # fmt: skip


def posted_rows(posted: Any, name: str) -> list[dict[str, Any]]:
    """The rows that a form holds, as they were typed."""
    found = []
    for place, was in enumerate(posted.getlist(f"{name}-was")):
        texts = {}
        for field in FIELDS[name]:
            column = posted.getlist(f"{name}-{field.replace('.', '_')}")
            texts[field.replace(".", "_")] = column[place] if place < len(column) else ""
        found.append(_titled(texts, was))
    return found


def _names(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def rest_of(definition: Mapping[str, Any]) -> str:
    """What the form has no fields for; nothing when it has fields for everything."""
    rest = {key: value for key, value in definition.items() if key not in SHOWN and key != "formula"}
    formula = _names(definition.get("formula"))
    if own := {key: value for key, value in formula.items() if key not in {*terms.OF_FORMULA, "steps"}}:
        rest["formula"] = own
    return json.dumps(rest, ensure_ascii=False, indent=1) if rest else ""


def _rest(posted: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = written.loads(posted.get("rest", "") or rest_of(before) or "{}")
    except ValueError:
        raise Unreadable(_("What the engine alone reads is no JSON.")) from None
    if not isinstance(found, dict):
        raise Unreadable(_("What the engine alone reads is no JSON."))
    return found


def _rows(posted: Any, name: str, codes: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    columns = {field: posted.getlist(f"{name}-{field.replace('.', '_')}") for field in FIELDS[name]}
    originals = posted.getlist(f"{name}-was")
    if any(len(texts) != len(originals) for texts in columns.values()):
        raise Unreadable(_("A row came without one of its fields."))
    rows = []
    for place, original in enumerate(originals):
        row = written.names(original)
        for field, texts in columns.items():
            text = texts[place].strip().replace("\r", "")
            if codes is not None and field in named_tables.FIELDS:
                text = named_tables.code_of(text, codes)
            if text == text_of(row, field).strip():
                continue
            try:
                _put(row, field, text)
            except ValueError:
                raise Unreadable(_("This is no JSON."), f"{name}-{place}-{field}") from None
        rows.append(row)
    return rows


def _put(row: dict[str, Any], field: str, text: str) -> None:
    first, _dot, second = field.partition(".")
    if second:
        words = dict(row.get(first) or {}) if isinstance(row.get(first), dict) else {}
        row[first] = (
            {**words, second: text} if text else {key: one for key, one in words.items() if key != second}
        )
    elif field in FLAGS:
        row[first] = text == "yes"
    elif field in WRITTEN and text:
        row[first] = written.loads(text)
    elif field == "default" and row.get("kind") == "bool":
        row[first] = text.lower() in {"true", "yes", "да"}
    elif text:
        row[first] = text
    else:
        row.pop(first, None)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
