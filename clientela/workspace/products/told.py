"""A definition told in words: the premium in one line, what changes from version to version, where a fault stands."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from clientela.workspace.products import conditions, named_tables, terms
from clientela.workspace.products.definition import KIND_WORDS, OP_WORDS

PARTS = {
    "coverages": ("code", gettext_lazy("Coverage"), gettext_lazy("Coverages")),
    "questions": ("key", pgettext_lazy("of a product", "Question"), gettext_lazy("Questions")),
    "steps": ("code", pgettext_lazy("of a formula", "Step"), gettext_lazy("The premium, step by step")),
}
SECTION_WORDS = {
    "object": pgettext_lazy("of insurance", "Object"), "documents": gettext_lazy("Documents"),
    "limits": gettext_lazy("Limits"), "eligibility": gettext_lazy("Who may be insured"),
    "defaults": gettext_lazy("When a question is not answered"), "lookups": gettext_lazy("Looked up in a table"),
    "derived": gettext_lazy("Counted in full years"), "shares": gettext_lazy("Shares of a sum"),
    "sums": gettext_lazy("Sums insured"), "cancellation": gettext_lazy("When a contract ends early"),
    "underwriting": gettext_lazy("Rules of acceptance"),
}  # fmt: skip
FIELD_WORDS = {
    "title": pgettext_lazy("of a question", "name"), "title_en": pgettext_lazy("of a question", "English name"),
    "help": pgettext_lazy("of a question", "help"), "help_en": pgettext_lazy("of a question", "English help"),
    "kind": pgettext_lazy("of a question", "kind of answer"), "required": pgettext_lazy("of a question", "must be answered"),
    "group": pgettext_lazy("of a question", "heading"), "min": pgettext_lazy("of a question", "at least"),
    "max": pgettext_lazy("of a question", "at most"), "default": pgettext_lazy("of a question", "unless told otherwise"),
    "choices": pgettext_lazy("of a question", "answers"), "show_if": pgettext_lazy("of a question", "shown when"),
    "when": pgettext_lazy("of a step", "counts when"), "table": pgettext_lazy("of a step", "table"),
    "within": pgettext_lazy("of a step", "table of its limits"),
    "constant": pgettext_lazy("of a step", "number"), "op": pgettext_lazy("of a step", "what it does"),
    "why": pgettext_lazy("of a step", "explanation"), "given": pgettext_lazy("of a step", "takes the answer"),
}  # fmt: skip


def expression(definition: Mapping[str, Any], named: conditions.Named) -> list[dict[str, Any]]:
    """The premium in one line: each step with its sign and the table it names."""
    titles = dict(named.get(named_tables.NAMES, {}).get("options", ()))
    steps: Iterable[Any] = definition.get("formula", {}).get("steps", [])
    return [
        {
            "sign": OP_WORDS.get(step.get("op", ""), "?"), "label": step.get("label") or step.get("code") or "?",
            "source": titles.get(step.get("table"), step.get("table")) or step.get("given") or step.get("constant") or "?",
            "when": conditions.said(step["when"], named) if step.get("when") else "",
        }
        for step in steps
        if isinstance(step, dict)
    ]  # fmt: skip


def differences(
    one: Mapping[str, Any], other: Mapping[str, Any], named: conditions.Named
) -> list[dict[str, Any]]:
    """What changes from ``other``, the older definition, to ``one``: row by row and field by field, in words."""
    found: list[dict[str, Any]] = []
    for name in PARTS:
        new, old = _rows(one, name), _rows(other, name)
        found += _changes(name, new, old, named)
        if list(new) != list(old) and set(new) == set(old):
            order = [", ".join(_title(row, key) for key, row in side.items()) for side in (old, new)]
            where = f"{PARTS[name][2]}: {_('order')}"
            found.append({"part": name, "kind": "order", "where": where, "was": order[0], "now": order[1]})
    new, old = _sections(one), _sections(other)
    for section in sorted({*new, *old}):
        found += _section(section, new.get(section), old.get(section), named)
    return found


def counted(changes: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """How many changes there are in each part of the definition."""
    counts = Counter(str(one["part"]) for one in changes)
    return [
        (str(PARTS[part][2] if part in PARTS else SECTION_WORDS.get(part, part)), n)
        for part, n in counts.items()
    ]


def _rows(definition: Mapping[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """Rows by their code; steps of one code by its turn."""
    formula = definition.get("formula")
    held = (
        (formula.get("steps") if isinstance(formula, Mapping) else None)
        if name == "steps"
        else definition.get(name)
    )
    found: dict[str, dict[str, Any]] = {}
    for row in held if isinstance(held, list) else ():
        if isinstance(row, dict):
            code, turn = str(row.get(PARTS[name][0])), 1
            while (key := code if turn == 1 else f"{code} {turn}") in found:
                turn += 1
            found[key] = row
    return found


def _changes(
    name: str, new: Mapping[str, Any], old: Mapping[str, Any], named: conditions.Named
) -> Iterator[dict[str, Any]]:
    for code in dict.fromkeys([*new, *old]):
        was, now = old.get(code), new.get(code)
        where = _("%(part)s “%(title)s”") % {"part": PARTS[name][1], "title": _title(now or was or {}, code)}
        if was is None or now is None:
            kind = "came" if was is None else "gone"
            told = {"was": _title(was, code) if was else "", "now": _title(now, code) if now else ""}
            yield {"part": name, "kind": kind, "where": where} | told
            continue
        for field in dict.fromkeys([*was, *now]):
            if was.get(field) != now.get(field):
                told = {key: _said(field, row.get(field), named) for key, row in (("was", was), ("now", now))}
                where_of = f"{where}: {FIELD_WORDS.get(field, field)}"
                yield {"part": name, "kind": "changed", "where": where_of} | told


def _sections(definition: Mapping[str, Any]) -> dict[str, Any]:
    formula = definition.get("formula")
    own = formula if isinstance(formula, Mapping) else {}
    return {key: value for key, value in definition.items() if key not in {*PARTS, "formula"}} | {
        key: value for key, value in own.items() if key != "steps"
    }


def _section(section: str, now: Any, was: Any, named: conditions.Named) -> Iterator[dict[str, Any]]:
    if was == now:
        return
    where = str(SECTION_WORDS.get(section, section))
    if section == "eligibility":
        told = {name: conditions.said(side, named) for name, side in (("was", was), ("now", now))}
        yield {"part": section, "kind": "changed", "where": where} | told
        return
    if not all(isinstance(side, Mapping) or side is None for side in (was, now)):
        yield {"part": section, "kind": "changed", "where": where, "was": _said(section, was, named), "now": _said(section, now, named)}  # fmt: skip
        return
    new, old = now or {}, was or {}
    for key in dict.fromkeys([*new, *old]):
        if new.get(key) != old.get(key) or (key in new) != (key in old):
            told = {"was": _said(key, old.get(key), named), "now": _said(key, new.get(key), named)}
            title = named.get(key, {}).get("title") or key
            yield {"part": section, "kind": "changed", "where": f"{where}: {title}"} | told


def _title(row: Mapping[str, Any], code: str) -> str:
    told = row.get("title")
    if isinstance(told, Mapping):
        told = told.get("en" if get_language() == "en" else "ru") or told.get("ru")
    elif get_language() == "en":
        told = row.get("title_en") or told
    return str(told or code)


def _said(field: str, value: Any, named: conditions.Named) -> str:
    """A value as one reads it: yes and no, names of answers, a range with its ends."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field in {"show_if", "when"}:
        return conditions.said(value, named)
    if field in named_tables.FIELDS:
        return str(dict(named.get(named_tables.NAMES, {}).get("options", ())).get(value, value))
    if field == "kind":
        return str(KIND_WORDS.get(str(value), value))
    if field == "op":
        return str(OP_WORDS.get(value, value))
    if isinstance(value, list):
        words = dict(named.get(field, {}).get("options", ()))
        texts = [
            _title(one, str(one.get("value", ""))) if isinstance(one, Mapping) else str(words.get(one, one))
            for one in value
        ]
        is_range = len(value) == 2 and field in named and not words
        return " – ".join(texts) if is_range else ", ".join(texts)
    if isinstance(value, Mapping):
        return ", ".join(str(one) for one in value.values())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def place_of(where: str, definition: Mapping[str, Any]) -> str:
    """The field of the form for a place in the definition: ``limits.days.min`` is ``limits-0-min``."""
    parts = where.removeprefix("formula.").split(".")
    if parts[0] == "eligibility":
        return "eligibility-when"
    if parts[0] in terms.SECTIONS and len(parts) > 1 and not parts[1].isdecimal():
        keys = [row.get("key") for row in terms.rows_of(definition, parts[0])]
        parts[1] = str(keys.index(parts[1])) if parts[1] in keys else ""
    if parts[0] == "steps" and parts[-1] in {"title", "why"}:
        parts[-1] += "_ru"
    return "-".join(parts[:3])
