"""What is wrong with the definition of a product: a question nobody can answer, a formula that names what is not there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.modules.rating.rules.conditions import readable
from clientela.modules.rating.rules.formula import Op
from clientela.modules.rating.rules.tables import Body
from clientela.modules.rating.rules.terms import faults_of_terms

KINDS = ("text", "number", "money", "choice", "bool", "date", "drivers", "people")
OBJECTS = ("vehicle", "flat", "house", "property", "life", "trip", "other")
LISTS = frozenset({"drivers", "people", "list"})
SIMPLE = frozenset({"text", "number", "money", "date"})
MOST = 200
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_STEP = frozenset(
    {"code", "op", "title", "label", "why", "table", "column", "given", "within", "each", "take", "constant", "of",
     "part", "optional", "when", "facts"}
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """``where`` is the place in the definition: ``questions.3.min``."""

    where: str
    text: Any


def faults(definition: Mapping[str, Any], tables: Mapping[str, Body]) -> list[Fault]:
    """Everything that holds a version back; ``tables`` are those whose rows count on its first day."""
    if bad := list(_shape(definition)):
        return bad
    return [
        *_coverages(definition),
        *_questions(definition, tables),
        *_steps(definition, tables),
        *_rest(definition, tables),
        *(Fault(*one) for one in faults_of_terms(definition, facts_of(definition))),
    ]


def facts_of(definition: Mapping[str, Any]) -> set[str]:
    """Every fact that a formula may name: questions, what follows from them, and what an underwriter gives."""
    formula = definition.get("formula", {})
    known = {str(one.get("key", "")) for one in definition.get("questions", ())}
    known |= {f"{one}_count" for one in known}
    for name in ("defaults", "lookups", "shares", "derived"):
        known |= set(formula.get(name, {}))
    return known | {step["given"] for step in formula.get("steps", ()) if step.get("given")}


def _shape(definition: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("coverages", "questions", "underwriting", "documents"):
        rows = definition.get(name, [])
        wanted = str if name == "documents" else dict
        if not isinstance(rows, list) or len(rows) > MOST or not all(isinstance(one, wanted) for one in rows):
            yield Fault(name, _("A list stands here."))
    for name in ("limits", "eligibility", "cancellation", "formula"):
        if not isinstance(definition.get(name, {}), dict):
            yield Fault(name, _("Names with values stand here."))
    if not isinstance(definition.get("object", ""), str):
        yield Fault("object", _("Choose what is insured."))
    formula = definition.get("formula")
    if not isinstance(formula, dict):
        return
    for name in ("defaults", "derived", "sums", "shares", "lookups"):
        if not isinstance(formula.get(name, {}), dict):
            yield Fault(f"formula.{name}", _("Names with values stand here."))
    steps = formula.get("steps", [])
    if not isinstance(steps, list) or len(steps) > MOST or not all(isinstance(one, dict) for one in steps):
        yield Fault("formula.steps", _("A list stands here."))
        return
    for place, step in enumerate(steps):
        if strange := set(step) - _STEP:
            yield Fault(f"formula.steps.{place}", _("Unknown: %s.") % ", ".join(sorted(strange)))
        for name in ("title", "why", "when", "facts"):
            if not isinstance(step.get(name, {}), dict):
                yield Fault(f"formula.steps.{place}.{name}", _("Names with values stand here."))
        for name in _STEP - {"title", "why", "when", "facts", "optional"}:
            if not isinstance(step.get(name, ""), str):
                yield Fault(f"formula.steps.{place}.{name}", _("Text stands here."))


def _coverages(definition: Mapping[str, Any]) -> Iterator[Fault]:
    if not definition.get("coverages"):
        yield Fault("coverages", _("Name at least one coverage."))
    yield from _codes("coverages", "code", definition.get("coverages", []))


def _codes(name: str, key: str, rows: list[dict[str, Any]]) -> Iterator[Fault]:
    """Each row has a code of its own and a title."""
    seen: set[str] = set()
    for place, row in enumerate(rows):
        code = str(row.get(key, ""))
        if not _KEY.fullmatch(code):
            yield Fault(f"{name}.{place}.{key}", _("Small Latin letters, digits and _ stand here."))
        elif code in seen:
            yield Fault(f"{name}.{place}.{key}", _("“%s” stands here twice.") % code)
        seen.add(code)
        if not str(row.get("title", "")).strip():
            yield Fault(f"{name}.{place}.title", _("Write it in Russian."))


def _questions(definition: Mapping[str, Any], tables: Mapping[str, Body]) -> Iterator[Fault]:
    questions = definition.get("questions", [])
    yield from _codes("questions", "key", questions)
    keys = {str(one.get("key", "")): one for one in questions}
    for place, one in enumerate(questions):
        at = f"questions.{place}"
        if one.get("kind") not in KINDS:
            yield Fault(f"{at}.kind", _("Choose a kind of answer."))
        if one.get("kind") == "choice":
            yield from _choices(at, one, tables)
        yield from _bounds(at, one)
        shown = one.get("show_if", {})
        if not isinstance(shown, dict):
            yield Fault(f"{at}.show_if", _("Names with values stand here."))
            continue
        for fact, wanted in shown.items():
            if fact not in keys or fact == one.get("key"):
                yield Fault(f"{at}.show_if", _("There is no question “%s”.") % fact)
            elif not readable(wanted):
                yield Fault(f"{at}.show_if", _("Name the answers for which it is shown."))


def _choices(at: str, one: Mapping[str, Any], tables: Mapping[str, Body]) -> Iterator[Fault]:
    source = one.get("choices_from")
    if isinstance(source, dict) and source:
        body = tables.get(str(source.get("table", "")))
        if body is None:
            yield Fault(f"{at}.choices_from", _("There is no table “%s”.") % source.get("table", ""))
        elif lost := [
            column for name, column in source.items() if name != "table" and column not in body.places
        ]:
            yield Fault(f"{at}.choices_from", _("The table has no column “%s”.") % lost[0])
        return
    choices = one.get("choices") or []
    if not isinstance(choices, list) or not all(
        isinstance(row, dict) and row.get("title") for row in choices
    ):
        yield Fault(f"{at}.choices", _("Each answer has a value and a title."))
        return
    values = [row.get("value") for row in choices]
    if not values:
        yield Fault(f"{at}.choices", _("Name the answers to choose from."))
    elif len({str(value) for value in values}) < len(values):
        yield Fault(f"{at}.choices", _("Two answers have one value."))
    elif one.get("default") not in (None, "", *values):
        yield Fault(f"{at}.default", _("“%s” is none of the answers.") % one["default"])


def _bounds(at: str, one: Mapping[str, Any]) -> Iterator[Fault]:
    found: dict[str, Decimal] = {}
    for name in ("min", "max"):
        if one.get(name) in (None, ""):
            continue
        try:
            found[name] = Decimal(str(one[name]))
        except InvalidOperation:
            yield Fault(f"{at}.{name}", _("A number stands here."))
    if len(found) == 2 and found["min"] > found["max"]:
        yield Fault(f"{at}.max", _("The greatest is less than the least."))


def _steps(definition: Mapping[str, Any], tables: Mapping[str, Body]) -> Iterator[Fault]:
    steps = definition.get("formula", {}).get("steps", [])
    if not steps:
        yield Fault("formula.steps", _("The formula has no steps."))
    known, parts = facts_of(definition), {str(one.get("code")) for one in definition.get("coverages", ())}
    for place, step in enumerate(steps):
        at = f"formula.steps.{place}"
        if not str(step.get("code", "")).strip():
            yield Fault(f"{at}.code", _("A step has a code."))
        if step.get("op") not in {op.value for op in Op}:
            yield Fault(f"{at}.op", _("Choose what the step does."))
        if not str(step.get("title", {}).get("ru", "")).strip():
            yield Fault(f"{at}.title", _("Write it in Russian."))
        if not (step.get("table") or step.get("given") or step.get("constant")):
            yield Fault(
                f"{at}.table", _("A step takes its value from a table, from a fact, or has a constant.")
            )
        yield from _constant(at, step)
        yield from _of_tables(at, step, tables, known)
        for fact in [*step.get("when", {}), *filter(None, [step.get("of"), step.get("each")])]:
            if fact not in known:
                yield Fault(at, _("There is no question “%s”.") % fact)
        if not all(readable(wanted) for wanted in step.get("when", {}).values()):
            yield Fault(f"{at}.when", _("Name the answers for which the step counts."))
        if step.get("part") and step["part"] not in parts:
            yield Fault(f"{at}.part", _("There is no coverage “%s”.") % step["part"])


def _constant(at: str, step: Mapping[str, Any]) -> Iterator[Fault]:
    if not step.get("constant"):
        return
    try:
        value = Decimal(step["constant"])
    except InvalidOperation:
        yield Fault(f"{at}.constant", _("A number stands here."))
        return
    if step.get("op") == Op.ROUND and value <= 0:
        yield Fault(f"{at}.constant", _("Rounding goes to a number above zero."))


def _of_tables(
    at: str, step: Mapping[str, Any], tables: Mapping[str, Body], known: set[str]
) -> Iterator[Fault]:
    for name in ("table", "within"):
        code = step.get(name)
        if not code:
            continue
        if code not in tables:
            yield Fault(f"{at}.{name}", _("There is no table “%s”.") % code)
            continue
        body = tables[code]
        wanted = ["min", "max"] if name == "within" else filter(None, [step.get("column")])
        if lost := [column for column in wanted if column not in body.places]:
            yield Fault(f"{at}.{name}", _("The table has no column “%s”.") % lost[0])
        if step.get("each"):  # the cards of drivers and of people insured answer, not the questions
            continue
        facts = step.get("facts", {})
        for fact in dict.fromkeys(facts.get(key, key) for key in body.inputs):
            if fact not in known:
                told = {"table": code, "fact": fact}
                yield Fault(
                    f"{at}.{name}",
                    _("The table “%(table)s” asks for “%(fact)s”: no question gives it.") % told,
                )


def _rest(definition: Mapping[str, Any], tables: Mapping[str, Body]) -> Iterator[Fault]:
    if not definition.get("object"):
        yield Fault("object", _("Choose what is insured."))
    for place, rule in enumerate(definition.get("underwriting", [])):
        if rule.get("table") not in tables:
            yield Fault(f"underwriting.{place}.table", _("There is no table “%s”.") % rule.get("table", ""))
    known = facts_of(definition) | {
        "owner"
    }  # whether the client is a person or a company is known of everybody
    conditions = definition.get("eligibility", {})
    for fact in conditions:
        if fact not in known:
            yield Fault(f"eligibility.{fact}.key", _("There is no question “%s”.") % fact)
    if not all(readable(wanted) for wanted in conditions.values()):
        yield Fault("eligibility", _("Name the answers with which one may be insured."))
    for fact, rule in definition.get("formula", {}).get("lookups", {}).items():
        body = tables.get(rule.get("table", "")) if isinstance(rule, dict) else None
        if body is None or rule.get("column") not in body.places:
            yield Fault(
                f"formula.lookups.{fact}.source", _("“%s” is looked up in a table that is not there.") % fact
            )
