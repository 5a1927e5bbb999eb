"""What the editor of a product shows: rows of its form with names, units and answers to choose from, and its rules."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clientela.modules.products.models import Product
from clientela.modules.rating.models import Table, TableVersion
from clientela.workspace.products import conditions, named_tables, sheet, terms
from clientela.workspace.products import definition as forms
from clientela.workspace.quotes.forms import GROUPS

DOCUMENT_WORDS = {
    "policy": pgettext_lazy("document", "Policy"), "application": pgettext_lazy("document", "Application"),
    "inspection": pgettext_lazy("document", "Report of inspection"), "memo": pgettext_lazy("document", "Memo"),
}  # fmt: skip
OWNER_WORDS = {
    "person": pgettext_lazy("owner", "Person"), "entrepreneur": pgettext_lazy("owner", "Entrepreneur"),
    "company": pgettext_lazy("owner", "Company"),
}  # fmt: skip
# Facts that nobody is asked for by a question of their own.
FACT_WORDS = {
    "age": pgettext_lazy("fact", "Age"), "experience": pgettext_lazy("fact", "Experience of driving"),
    "vehicle_age": pgettext_lazy("fact", "Age of the vehicle"), "building_age": pgettext_lazy("fact", "Age of the building"),
    "birth_date": pgettext_lazy("fact", "Day of birth"), "licence_since": pgettext_lazy("fact", "Licence since"),
    "group": pgettext_lazy("fact", "Group of the make"), "bank": pgettext_lazy("fact", "Bank"),
}  # fmt: skip
BASIS_WORDS = {
    "days": _("for each day left"), "before_start": _("the whole premium, before the cover begins"),
}  # fmt: skip


def shown(definition: Mapping[str, Any], product: Product, on: date, posted: Any = None) -> dict[str, Any]:
    """The whole form: of the definition, or with ``posted`` as it was typed."""
    lists = {
        name: forms.posted_rows(posted, name) if posted else forms.rows_of(definition, name)
        for name in forms.FIELDS
    }
    empty = {f"empty_{name}": [forms.row_of(name, {})] for name in forms.FIELDS}
    questions = questions_named(definition, on)
    rows: dict[str, Any] = {}
    for name in terms.SECTIONS:
        found = terms.posted_rows(posted, name) if posted else terms.rows_of(definition, name)
        rows[name] = [_worded(name, row, questions) for row in found]
        rows[f"empty_{name}"] = [_worded(name, terms.empty(name), questions)]
    tables = list(Table.objects.filter(product=product))
    lists["steps"] = named_tables.worded(lists["steps"], tables)
    cancelled = definition.get("cancellation") or {}
    kept = [
        posted.get(f"cancellation-{field}") if posted else cancelled.get(field, "")
        for field in ("kept_percent", "basis")
    ]
    return lists | empty | rows | {
        "kinds": forms.KIND_WORDS.items(), "objects": forms.OBJECT_WORDS.items(), "ops": forms.OP_WORDS.items(),
        "tables": [(one, named_tables.shown(one)) for one in tables], "groups": GROUPS.items(),
        "object": posted.get("object", "") if posted else definition.get("object", ""),
        "documents": _documents(definition, posted), "rest": posted.get("rest", "") if posted else forms.rest_of(definition),
        "facts": list(({key: one["title"] for key, one in questions.items()} | FACT_WORDS).items()), "bases": BASIS_WORDS.items(),
        "eligibility": terms.eligibility_text(definition, posted), "kept_percent": kept[0], "basis": kept[1], "sources": _sources(tables),
        "listed": [(key, one["title"]) for key, one in questions.items() if one["kind"] in terms.LISTS],
        "covered": [(row["fields"]["code"], row["fields"]["title"] or row["fields"]["code"]) for row in lists["coverages"]],
        "rules": _rules(definition, product, on),
        "words": {
            "facts": conditions.known(definition, questions, FACT_WORDS),
            "relations": {key: str(word) for key, word in conditions.RELATION_WORDS.items()},
            "said": {"yes": _("yes"), "no": _("no")},
        },
    }  # fmt: skip


def questions_named(definition: Mapping[str, Any], on: date) -> dict[str, dict[str, Any]]:
    """Questions by their key: title in the reader's language, kind, answers to choose from."""
    asked = definition.get("questions")
    found: dict[str, dict[str, Any]] = {}
    for one in asked if isinstance(asked, list) else ():
        if not isinstance(one, dict):
            continue
        key = str(one.get("key", ""))
        english = one.get("title_en") if get_language() == "en" else ""
        options = sheet.answers_of(one, on)
        found[key] = {
            "title": str(english or one.get("title") or key),
            "kind": one.get("kind"),
            "options": options,
        }
    if "period_months" not in found:
        found["period_months"] = {"title": _("Term, months"), "kind": "number", "options": []}
    if "owner" not in found:
        found["owner"] = {
            "title": _("Owner of the contract"),
            "kind": "choice",
            "options": list(OWNER_WORDS.items()),
        }
    return found


def _worded(name: str, row: Mapping[str, Any], questions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A row with what its name is called, and the answers to tick."""
    about = questions.get(row.get("key", ""), {})
    told = (
        {"key": ""}
        | dict(row)
        | {
            "title": about.get("title") or FACT_WORDS.get(row.get("key", ""), ""),
            "kind": about.get("kind", ""),
        }
    )
    told["of_title"] = questions.get(row.get("of", ""), {}).get("title") or FACT_WORDS.get(
        row.get("of", ""), ""
    )
    if name == "sums":
        told["title"] = ""
    if about.get("kind") == "bool":
        told["options"] = [("true", _("yes")), ("false", _("no"))]
    else:
        told["options"] = about.get("options", [])
    return told


def _documents(definition: Mapping[str, Any], posted: Any) -> dict[str, Any]:
    held = [str(one) for one in definition.get("documents") or ()]
    chosen = posted.getlist("documents") if posted else held
    codes = dict.fromkeys([*DOCUMENT_WORDS, *held])
    return {
        "ticks": [(code, DOCUMENT_WORDS.get(code, code), code in chosen) for code in codes],
        "other": posted.get("documents-other", "") if posted else "",
    }  # fmt: skip


def _sources(tables: list[Table]) -> list[tuple[str, str]]:
    """What a look-up can tell: a column of a table."""
    light = TableVersion.objects.filter(table__in=tables).only("table", "columns").order_by("table", "number")
    newest = {one.table_id: one for one in light}
    english = get_language() == "en"
    return [
        (f"{table.code}|{column['key']}", f"{table}: {(english and column.get('title_en')) or column['title']}")
        for table in tables
        if table.pk in newest
        for column in newest[table.pk].columns
        if column.get("kind") in {"exact", "text", "number"}
    ]  # fmt: skip


def _rules(definition: Mapping[str, Any], product: Product, on: date) -> list[dict[str, Any]]:
    """The decision tables by which a risk is taken, as they count on that day."""
    rules = definition.get("underwriting")
    codes = (
        [str(one.get("table", "")) for one in rules if isinstance(one, dict)]
        if isinstance(rules, list)
        else []
    )
    counted = TableVersion.objects.filter(
        table__code__in=codes, table__product=product, state=TableVersion.State.APPROVED, starts_on__lte=on
    )
    newest = {
        one.table.code: one
        for one in counted.select_related("table__product").order_by("starts_on", "number")
    }
    found = []
    for code in dict.fromkeys(codes):
        if code in newest:
            version = newest[code]
            words = sheet.words_of(version, on)
            found.append({
                "table": version.table, "number": version.number, "lines": sheet.lines_of(version, None, words, {}),
                "columns": [sheet.titled(column) for column in version.body.columns],
            })  # fmt: skip
    return found
