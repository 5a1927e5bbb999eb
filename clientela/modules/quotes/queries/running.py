"""A policy that runs, as the tariff it was made by asks for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.foundation.bulk import listed
from clientela.foundation.dates import full_years
from clientela.foundation.names import name_key
from clientela.modules.clients.models import IdentityDocument
from clientela.modules.contracts.models import InsuredObject, Participant, Policy
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.queries.facts import facts_of
from clientela.modules.quotes.queries.prefill import SUBJECT_FIELDS, driver_row, insured_row, plain
from clientela.modules.quotes.queries.products import definition_of, insured_question
from clientela.modules.quotes.queries.territory import rows_of
from clientela.modules.rating.queries import plan_of
from clientela.modules.rating.rules import OutOfTariff
from clientela.modules.rating.rules.plan import Plan

# The term itself is not changed by an endorsement; who drives is told as people.
FIXED = ("period_months", "period_days", "days", "starts_on", "instalments")
# What names a car: no price depends on it, a contract says it.
NUMBERS: tuple[dict[str, Any], ...] = (
    {"key": "plate", "title": _("Plate"), "kind": "plate"}, {"key": "vin", "title": "VIN", "kind": "vin"},
    {"key": "body_number", "title": _("Body or chassis number"), "kind": "body"},
)  # fmt: skip
_DRIVER = Participant.Role.DRIVER.value


def tariff_of(policy: Policy, terms: Mapping[str, Any]) -> Plan | None:
    """The tariff the contract was concluded by: in force on its first day, as far as it was approved by then.

    A base whose tables were loaded later than the contract was made has no such tariff: then the one of the first day.
    """
    found: list[Plan] = []
    for known in (policy.issued_at, None):
        try:
            plan = plan_of(policy.product.code, policy.start_date, known)
        except OutOfTariff:
            continue
        if plan.name == terms.get("tariff"):
            return plan
        if plan.sheets:
            found.append(plan)
    return found[0] if found else None


def questions_of_change(policy: Policy) -> list[dict[str, Any]]:
    """What the price of this contract depends on, of the version of the product it was made by, and a car's numbers."""
    found = [
        one | {"choices": _choices(one["choices_from"], policy.start_date)} if one.get("choices_from") else one
        for one in definition_of(policy.product, policy.start_date).get("questions", [])
        if one["key"] not in FIXED and one.get("kind") not in ("drivers", "people")
    ]  # fmt: skip
    thing, known = policy.insured_object, {one["key"] for one in found}
    if thing is not None and thing.kind == InsuredObject.Kind.VEHICLE:
        found += [one for one in NUMBERS if one["key"] not in known]
    return found


def insured_answer(policy: Policy, people: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The people insured as the product's question names them; nothing where it insures nobody by name."""
    named = insured_question(definition_of(policy.product, policy.start_date))
    if named is None:
        return {}
    rows = [
        insured_row(None, str(one["name"]), None)
        | {"client_id": one.get("client_id"), "birth_date": str(one.get("birth_date") or "")}
        for one in people
        if one["role"] == Participant.Role.INSURED
    ]  # fmt: skip
    return {str(named["key"]): rows}


def _choices(source: Mapping[str, str], on: date) -> list[dict[str, str]]:
    key = source["value"]
    title, english = source.get("title", key), source.get("title_en", source.get("title", key))
    return [
        {"value": row[key], "title": row.get(title, row[key]), "title_en": row.get(english, row[key])}
        for row in rows_of(source["table"], on)
        if row.get(key)
    ]


def answers_now(policy: Policy, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a version with what stands on the thing and what is usual under them."""
    usual = {
        str(one["key"]): one["default"] for one in questions_of_change(policy) if one.get("default") is not None
    }  # fmt: skip
    return usual | subject_of(policy) | dict(answers)


def subject_of(policy: Policy) -> dict[str, Any]:
    """What is known of the thing insured, as a calculation keeps it."""
    thing = policy.insured_object
    if thing is None:
        return {}
    shown = {name: plain(getattr(thing, name)) for name in SUBJECT_FIELDS}
    return (thing.details or {}) | {name: value for name, value in shown.items() if value not in (None, "")}


def facts_of_running(
    policy: Policy, answers: Mapping[str, Any], people: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Everything the tariff may ask. Drivers count by age and experience of the day from which they are named."""
    stand_in = Calculation(
        client=policy.client, product=policy.product, starts_on=policy.start_date, months=_months(policy),
        answers=answers_now(policy, answers), drivers=[],
    )  # fmt: skip
    facts = facts_of(stand_in) | {"renewal_year": policy.renewal_year}
    drivers = [one for one in people if one["role"] == _DRIVER]
    if facts.get("unlimited") is True:
        if drivers and drivers[0].get("class"):
            facts.setdefault("kbm_class", drivers[0]["class"])
    else:
        facts["drivers"] = [_driver(one, policy.start_date) for one in drivers]
    return facts


def _months(policy: Policy) -> int:
    over = policy.end_date + timedelta(days=1)
    months = (over.year - policy.start_date.year) * 12 + over.month - policy.start_date.month
    return max(1, min(12, months - (over.day < policy.start_date.day)))


def _driver(one: Mapping[str, Any], start: date) -> dict[str, Any]:
    on = date.fromisoformat(one["joined"]) if one.get("joined") else start
    found: dict[str, Any] = {"name": driver_of_version(one)["first_name"] or one["name"]}
    for name, key in (("birth_date", "age"), ("experience_since", "experience")):
        if one.get(name):
            found[key] = max(0, full_years(date.fromisoformat(one[name]), on))
    if one.get("class"):
        found["kbm"] = one["class"]
    return found


def driver_of_version(one: Mapping[str, Any]) -> dict[str, Any]:
    """A person of a version as calculations keep drivers."""
    row = driver_row(None, str(one["name"]), None, None, str(one.get("licence") or ""))
    days = {name: str(one.get(name) or "") for name in ("birth_date", "experience_since")}
    return row | days | {"client_id": one.get("client_id"), "class": str(one.get("class") or "")}


def known_classes(policy: Policy) -> dict[tuple[str, str], str]:
    """The classes with which the contract was sold, where it was sold by a calculation."""
    sold = Calculation.objects.filter(project__next_policy=policy).order_by("-pk").first()
    return {person_key(one): one["class"] for one in sold.drivers if one.get("class")} if sold else {}


def person_key(one: Mapping[str, Any]) -> tuple[str, str]:
    """Name and birth date: who it is."""
    return name_key(str(one["name"])), str(one.get("birth_date") or "")


def licences_of(people: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Driving licences on the cards of these people."""
    cards = {one["client_id"] for one in people if one.get("client_id")}
    papers = IdentityDocument.objects.filter(client__in=listed(cards), kind=IdentityDocument.Kind.LICENCE)
    return dict(papers.order_by("pk").values_list("client_id", "number"))
