"""Conditions in words: which question, how it compares, which answers, by their names."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from clientela.modules.rating.rules.definitions import facts_of

RELATION_WORDS = {
    "is": pgettext_lazy("condition", "is"), "one": pgettext_lazy("condition", "is one of"),
    "not": pgettext_lazy("condition", "is none of"), "min": pgettext_lazy("condition", "at least"),
    "max": pgettext_lazy("condition", "at most"), "range": pgettext_lazy("condition", "from and to"),
    "filled": pgettext_lazy("condition", "is answered"),
    "empty": pgettext_lazy("condition", "is not answered"),
}  # fmt: skip
Named = Mapping[str, Mapping[str, Any]]


def known(definition: Mapping[str, Any], questions: Named, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Every fact that a condition may name: what it is called, its kind and its answers, for the page."""
    found = {
        key: {
            "title": str(one["title"]), "kind": one["kind"] or "text",
            "options": [[str(value), str(word)] for value, word in one["options"]],
        }
        for key, one in questions.items()
    }  # fmt: skip
    try:
        others = sorted(facts_of(definition))
    except (AttributeError, KeyError, TypeError):  # a draft may hold anything
        others = []
    for key in others:
        if key and key not in found:
            kind = "number" if _is_counted(key, definition) else "text"
            found[key] = {"title": str(facts.get(key, key)), "kind": kind, "options": []}
    return found


def _is_counted(key: str, definition: Mapping[str, Any]) -> bool:
    """Years, shares of a sum and numbers of people compare as numbers."""
    formula = definition.get("formula", {})
    return key.endswith("_count") or any(key in (formula.get(name) or ()) for name in ("derived", "shares"))


def said(value: Any, named: Named) -> str:
    """All conditions in one line; what has no words stands as it is."""
    if not isinstance(value, Mapping):
        return "" if value is None else str(value)
    return "; ".join(_one(str(key), wanted, named) for key, wanted in value.items())


def _one(key: str, wanted: Any, named: Named) -> str:
    about = named.get(key, {})
    words = {str(value): str(word) for value, word in about.get("options", ())}
    return f"{about.get('title') or key} {' '.join(_relations(wanted, words))}"


def _relations(wanted: Any, words: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(wanted, Mapping):
        answers = wanted if isinstance(wanted, list) else [wanted]
        yield f"{RELATION_WORDS['one' if len(answers) > 1 else 'is']} {_answers(answers, words)}"
        return
    for name, told in wanted.items():
        if name == "filled":
            yield str(RELATION_WORDS["filled" if told else "empty"])
        elif name == "not" and isinstance(told, list):
            yield f"{RELATION_WORDS['not']} {_answers(told, words)}"
        else:
            yield f"{RELATION_WORDS.get(name, name)} {told}"


def _answers(answers: list[Any], words: Mapping[str, str]) -> str:
    plain = {True: _("yes"), False: _("no")}
    return ", ".join(
        plain[one] if isinstance(one, bool) else words.get(str(one), str(one)) for one in answers
    )
