"""What the product asks and offers on a day."""

from datetime import date
from typing import Any

from clientela.modules.products.models import Product
from clientela.modules.products.queries import version_on
from clientela.modules.quotes.queries.territory import rows_of

# Asked on the cards of the thing and of the people, or of the whole calculation, not among the questions.
ELSEWHERE = ("drivers", "period_months", "starts_on")


# What stands on the thing itself, whatever a product calls its question.
OF_SUBJECT = frozenset({"power", "year", "make", "model", "value", "address"})
HELD = ("vehicle", "flat", "house")


def definition_of(product: Product, on: date) -> dict[str, Any]:
    """The definition of the version sold on this day; empty where there is none."""
    version = version_on(product.code, on)
    return dict(version.definition) if version is not None else {}


def questions_of(definition: dict[str, Any], on: date) -> list[dict[str, Any]]:
    """The questions of a definition that are asked in the form; choices that stand in a table are read from it."""
    found = []
    for one in definition.get("questions", []):
        if not _in_form(definition, one) or one.get("kind") == "people":
            continue
        source = one.get("choices_from")
        found.append(one | {"choices": _choices(source, on)} if source else one)
    return found


def _choices(source: dict[str, str], on: date) -> list[dict[str, str]]:
    key = source["value"]
    title, english = source.get("title", key), source.get("title_en", source.get("title", key))
    rows = rows_of(source["table"], on)
    return [
        {"value": row[key], "title": row.get(title, row[key]), "title_en": row.get(english, row[key])}
        for row in rows
        if row.get(key)
    ]


def asked_of(product: Product, on: date) -> dict[str, Any]:
    """The keys of all questions of the version sold on this day, each with what is taken unless somebody says more."""
    definition = definition_of(product, on)
    return {
        str(one["key"]): one.get("default")
        for one in definition.get("questions", [])
        if _in_form(definition, one)
    }


def insured_question(definition: dict[str, Any]) -> dict[str, Any] | None:
    """The question that names the people insured; ``None`` where a product insures no people by name."""
    asked = (one for one in definition.get("questions", []) if one.get("kind") == "people")
    return next(asked, None)


def names_drivers(definition: dict[str, Any]) -> bool:
    """Whether a product is priced by who drives."""
    return any(one.get("kind") == "drivers" for one in definition.get("questions", []))


def _in_form(definition: dict[str, Any], one: dict[str, Any]) -> bool:
    held = definition.get("object") in HELD and one["key"] in OF_SUBJECT
    return one["key"] not in ELSEWHERE and one.get("kind") != "drivers" and not held
