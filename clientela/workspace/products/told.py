"""A definition told in words: the premium in one line, what changes from version to version, where a fault stands."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from clientela.workspace.products import terms
from clientela.workspace.products.definition import OP_WORDS, conditions_text


def expression(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The premium in one line: each step with its sign and the table it names."""
    steps: Iterable[Any] = definition.get("formula", {}).get("steps", [])
    return [
        {
            "sign": OP_WORDS.get(step.get("op", ""), "?"), "label": step.get("label") or step.get("code") or "?",
            "source": step.get("table") or step.get("given") or step.get("constant") or "?",
            "when": conditions_text(step["when"]) if isinstance(step.get("when"), dict) else "",
        }
        for step in steps
        if isinstance(step, dict)
    ]  # fmt: skip


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[dict[str, str]]:
    """What changes from ``other``, the older definition, to ``one``: rows by their code, other parts whole."""
    found = []
    for name, key in (("coverages", "code"), ("questions", "key")):
        new, old = ({str(row.get(key)): row for row in side.get(name, [])} for side in (one, other))
        found += _changes(name, new, old)
        if list(new) != list(old) and set(new) == set(old):
            found.append({"where": name, "was": ", ".join(old), "now": ", ".join(new)})
    steps = [
        {
            f"{place}. {row.get('code')}": row
            for place, row in enumerate(side.get("formula", {}).get("steps", []), 1)
        }
        for side in (one, other)
    ]
    found += _changes("formula", *steps)
    rest = [
        {key: value for key, value in side.items() if key not in {"coverages", "questions", "formula"}}
        | {f"formula.{key}": value for key, value in side.get("formula", {}).items() if key != "steps"}
        for side in (one, other)
    ]
    for key in sorted({*rest[0], *rest[1]}):
        if rest[0].get(key) != rest[1].get(key):
            found.append({"where": key, "was": _json(rest[1].get(key)), "now": _json(rest[0].get(key))})
    return found


def _changes(name: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> list[dict[str, str]]:
    found = []
    for code in dict.fromkeys([*new, *old]):
        was, now = old.get(code), new.get(code)
        if was is None or now is None:
            found.append({"where": f"{name}: {code}", "was": _json(was), "now": _json(now)})
            continue
        for field in sorted({*was, *now}):
            if was.get(field) != now.get(field):
                found.append(
                    {
                        "where": f"{name}: {code}, {field}",
                        "was": _json(was.get(field)),
                        "now": _json(now.get(field)),
                    }
                )
    return found


def _json(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def place_of(where: str, definition: Mapping[str, Any]) -> str:
    """The field of the form for a place in the definition: ``limits.days.min`` is ``limits-0-min``."""
    parts = where.removeprefix("formula.").split(".")
    if parts[0] in terms.SECTIONS and len(parts) > 1 and not parts[1].isdecimal():
        keys = [row.get("key") for row in terms.rows_of(definition, parts[0])]
        parts[1] = str(keys.index(parts[1])) if parts[1] in keys else ""
    if parts[0] == "steps" and parts[-1] in {"title", "why"}:
        parts[-1] += "_ru"
    return "-".join(parts[:3])
