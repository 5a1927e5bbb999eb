"""Parts of a definition that are names with values, as rows of tables: limits, defaults, look-ups, rules of acceptance."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from clientela.workspace.products import written

SECTIONS = {
    "limits": ("key", "min", "max"), "defaults": ("key", "value", "none"),
    "lookups": ("key", "source"), "derived": ("key", "of"), "shares": ("key", "of", "percent"), "sums": ("key", "of"),
    "underwriting": ("table", "each"),
}  # fmt: skip
OF_FORMULA = ("defaults", "lookups", "derived", "shares", "sums")
LISTS = frozenset({"drivers", "people"})
BASES = ("days", "before_start")
_WHOLE = re.compile(r"-?\d{1,15}")


class Unreadable(ValueError):
    """What was typed is no definition; the argument says why, ``at`` where: ``limits-2-key``."""

    def __init__(self, message: str, at: str = "") -> None:
        self.at = at
        super().__init__(message)


def rows_of(definition: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """Each row as the texts of its fields; ``was`` is the row as it was. Every question has a row among the defaults."""
    held = _held(definition, name)
    if name == "underwriting":
        rules = held if isinstance(held, list) else []
        return [_rule(one) for one in rules if isinstance(one, dict)]
    values = dict(held) if isinstance(held, dict) else {}
    if name != "defaults":
        return [row_of(name, key, value) for key, value in values.items()]
    asked = [one for one in _questions(definition) if one.get("kind") not in LISTS]
    keys = dict.fromkeys([*(str(one.get("key", "")) for one in asked), *values])
    return [row_of(name, key, values[key]) if key in values else _unset(key) for key in keys if key]


def row_of(name: str, key: str, value: Any) -> dict[str, str]:
    """One name with its value."""
    return {"key": key, **_texts(name, value), "was": written.dumps({"value": value})}


def empty(name: str) -> dict[str, str]:
    """A row to fill in."""
    return dict.fromkeys(SECTIONS[name], "") | ({"none": "no"} if name == "defaults" else {}) | {"was": ""}


def posted_rows(posted: Any, name: str) -> list[dict[str, str]]:
    """The rows that a form holds. Raises `Unreadable` when a field of one is missing."""
    fields = (*SECTIONS[name], "was")
    columns = [posted.getlist(f"{name}-{field}") for field in fields]
    if len({len(texts) for texts in columns}) > 1:
        raise Unreadable(_("A row came without one of its fields."))
    return [dict(zip(fields, texts, strict=True)) for texts in zip(*columns, strict=True)]


def read(posted: Any, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The parts that a form holds, by their names. Raises `Unreadable` for two rows of one name and rows of none."""
    kinds = {str(one.get("key")): str(one.get("kind")) for one in _questions(definition)}
    return {name: _part(name, posted_rows(posted, name), kinds) for name in SECTIONS}


def cancellation(posted: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept when a contract ends early."""
    told = dict(before)
    for field in ("kept_percent", "basis"):
        text = posted.get(f"cancellation-{field}", _plain(before.get(field))).strip()
        if text != _plain(before.get(field)):
            told[field] = _number(text) if field == "kept_percent" else text
    return told


def eligibility(posted: Any, before: Any) -> Any:
    """Conditions of who may be insured; left alone they stay exactly as they were. Raises `Unreadable`."""
    was = written.dumps(before) if before else ""
    text = posted.get("eligibility-when", was).strip()
    if text == was:
        return before if before is not None else {}
    try:
        return written.loads(text or "{}")
    except ValueError:
        raise Unreadable(_("This is no JSON."), "eligibility-when") from None


def eligibility_text(definition: Mapping[str, Any], posted: Any = None) -> str:
    """The conditions as the form keeps them: of the definition, or as they were typed."""
    held = definition.get("eligibility")
    text: str = (posted or {}).get("eligibility-when", written.dumps(held) if held else "")
    return text


def documents(posted: Any, before: Sequence[str]) -> list[str]:
    """Codes that are ticked, in the order they had, then those written by hand."""
    others = [one.strip() for one in posted.get("documents-other", "").split(",") if one.strip()]
    chosen = dict.fromkeys([*posted.getlist("documents"), *others])
    return [*(one for one in before if one in chosen), *(one for one in chosen if one not in before)]


def _part(name: str, rows: Sequence[dict[str, str]], kinds: Mapping[str, str]) -> Any:
    if name == "underwriting":
        return [_read_rule(row) for row in rows if row["table"].strip() or row["each"].strip()]
    found: dict[str, Any] = {}
    for place, row in enumerate(rows):
        key = row["key"].strip()
        rest = [text.strip() for field, text in row.items() if field not in {"key", "was", "none"}]
        if not key and not any(rest):
            continue
        if not key:
            raise Unreadable(_("Choose what these values are of."), f"{name}-{place}-key")
        if key in found:
            raise Unreadable(_("“%s” stands here twice.") % key, f"{name}-{place}-key")
        kept, value = _value(name, row, kinds.get(key, ""))
        if kept:
            found[key] = value
    return found


def _value(name: str, row: Mapping[str, str], kind: str) -> tuple[bool, Any]:
    """Whether the row says anything, and what; what was not touched stays exactly as it was."""
    was = written.names(row["was"])
    texts = {field: row[field].strip() for field in SECTIONS[name] if field != "key"}
    if "value" in was and texts == _texts(name, was["value"]):
        return True, was["value"]
    if name == "limits":
        return True, [_typed(texts["min"], kind), _typed(texts["max"], kind)]
    if name == "defaults":
        if not texts["value"]:
            return texts["none"] == "yes", None
        return True, _typed(texts["value"], kind)
    if name == "lookups":
        table, _bar, column = texts["source"].partition("|")
        return True, {"table": table, "column": column}
    if name == "shares":
        return True, {"of": texts["of"], "percent": _number(texts["percent"])}
    return bool(texts["of"]), texts["of"]


def _texts(name: str, value: Any) -> dict[str, str]:
    if name == "limits":
        low, high = value if isinstance(value, list) and len(value) == 2 else (value, None)
        return {"min": _plain(low), "max": _plain(high)}
    if name == "defaults":
        return {"value": _plain(value), "none": "yes" if value is None else "no"}
    told = value if isinstance(value, dict) else {}
    if name == "lookups":
        return {"source": f"{_plain(told.get('table'))}|{_plain(told.get('column'))}"}
    if name == "shares":
        return {"of": _plain(told.get("of")), "percent": _plain(told.get("percent"))}
    return {"of": _plain(value)}


def _rule(rule: Mapping[str, Any]) -> dict[str, str]:
    return {
        "table": _plain(rule.get("table")),
        "each": _plain(rule.get("each")),
        "was": written.dumps({"value": rule}),
    }


def _read_rule(row: Mapping[str, str]) -> dict[str, Any]:
    was = written.names(row["was"]).get("value")
    rule = dict(was) if isinstance(was, dict) else {}
    rule["table"] = row["table"].strip()
    if row["each"].strip():
        rule["each"] = row["each"].strip()
    else:
        rule.pop("each", None)
    return rule


def _unset(key: str) -> dict[str, str]:
    return empty("defaults") | {"key": key}


def _held(definition: Mapping[str, Any], name: str) -> Any:
    holder = definition.get("formula") if name in OF_FORMULA else definition
    return holder.get(name) if isinstance(holder, Mapping) else None


def _questions(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = definition.get("questions")
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []


def _typed(text: str, kind: str) -> Any:
    if kind == "bool":
        return _flag(text)
    if kind in {"number", "money"}:
        found = _number(text)
        return int(found) if kind == "number" and _WHOLE.fullmatch(found) else found
    return text


def _number(text: str) -> str:
    """``1 500,5`` as 1500.5; what is no number stays as it was typed, and is told."""
    clean = "".join(text.replace("₽", "").replace("%", "").split()).replace(",", ".")
    try:
        return clean if Decimal(clean).is_finite() else text
    except InvalidOperation:
        return text


def _flag(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else written.dumps(value)
