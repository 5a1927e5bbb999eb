"""The facts of a variant as the tariff asks for them."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from clientela.foundation.dates import full_years
from clientela.modules.clients.models import Client
from clientela.modules.quotes.models import Calculation, Variant

_NUMBERS = ("power", "sum_insured", "deductible", "value", "base_rate")


def drivers_of(calculation: Calculation, variant: Variant | None) -> list[dict[str, Any]]:
    """Who drives in this variant."""
    own = variant.changes.get("drivers") if variant else None
    return list(calculation.drivers if own is None else own)


def answers_of(calculation: Calculation, variant: Variant | None) -> dict[str, Any]:
    """The answers of the calculation with the variant's own upon them."""
    return {**calculation.answers, **(variant.changes.get("answers", {}) if variant else {})}


def facts_of(calculation: Calculation, variant: Variant | None = None) -> dict[str, Any]:
    """Everything a tariff may ask; what is not known is left out, and the tariff names it."""
    facts: dict[str, Any] = {
        name: value for name, value in calculation.subject.items() if value not in (None, "")
    }
    facts |= answers_of(calculation, variant)
    client = calculation.client
    facts.setdefault("owner", "company" if client.kind == Client.Kind.COMPANY else "person")
    facts.setdefault("period_months", calculation.months)
    facts["months_of_use"] = min(int(facts.get("months_of_use") or calculation.months), calculation.months)
    facts.setdefault(
        "client_years", full_years(client.client_since, calculation.starts_on) if client.client_since else 0
    )
    facts["renewal_year"] = calculation.policy.renewal_year + 1 if calculation.policy else 0
    for name in _NUMBERS:
        if isinstance(facts.get(name), str):
            facts[name] = number(facts[name])
    people = drivers_of(calculation, variant)
    if facts.get("unlimited") is True:
        if people and people[0].get("class"):
            facts.setdefault("kbm_class", people[0]["class"])
    else:
        facts.pop("unlimited", None)
        facts["drivers"] = [_driver(person, calculation.starts_on) for person in people]
    return facts


def _driver(person: dict[str, Any], on: date) -> dict[str, Any]:
    """Age and experience in whole years on the first day of cover, and the class; only what is known."""
    found: dict[str, Any] = {"name": person.get("first_name") or person["name"]}
    for name, key in (("birth_date", "age"), ("experience_since", "experience")):
        if person.get(name):
            found[key] = max(0, full_years(date.fromisoformat(person[name]), on))
    if person.get("class"):
        found["kbm"] = person["class"]
    return found


def number(text: str) -> Decimal | str:
    """A number as people write it; what is none stays as it is, and the tariff says so."""
    try:
        value = Decimal(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return text
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value
