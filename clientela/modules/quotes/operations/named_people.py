"""The people of a running contract as its tariff counts them: who is new is asked of the registry."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from clientela.modules.bonus_malus.operations import ask_class
from clientela.modules.contracts.models import Participant, Policy
from clientela.modules.products.models import Line
from clientela.modules.quotes.operations.classes import driver_of
from clientela.modules.quotes.queries.running import driver_of_version, known_classes, licences_of, person_key

PEOPLE = ("role", "name", "client_id", "birth_date", "experience_since")
_DRIVER = Participant.Role.DRIVER.value


def bare(one: Mapping[str, Any]) -> dict[str, Any]:
    """What the contract says of a person, without what the price took of them."""
    return {name: one.get(name) or None for name in PEOPLE}


def rated(
    policy: Policy, people: Sequence[Mapping[str, Any]], joins: tuple[Sequence[Mapping[str, Any]], date] | None, *,
    actor: Any, now: datetime, asks: bool = True,
) -> list[dict[str, Any]]:  # fmt: skip
    """The people with the class of each driver. Who was named before stays as rated; who ``joins`` is asked anew.

    ``asks``: whether the registry is asked at all; where no tariff prices the contract there is no need.
    """
    before = {person_key(one): one for one in joins[0]} if joins else {}
    known = known_classes(policy) if joins is None else {}
    licences = licences_of(people)
    found = []
    for one in people:
        own = {name: one[name] for name in ("licence", "class", "joined") if one.get(name)}
        row = {name: one.get(name) or None for name in PEOPLE} | {"role": one["role"]} | own
        stood = before.get(person_key(one))
        if stood is not None and stood["role"] == one["role"]:
            kept = ("class", "joined") if row.get("licence") else ("licence", "class", "joined")
            row |= {name: stood[name] for name in kept if stood.get(name)}
        elif joins is not None:
            row["joined"] = joins[1].isoformat()
        if asks and row["role"] == _DRIVER and policy.product.line == Line.OSAGO and not row.get("class"):
            row["licence"] = row.get("licence") or licences.get(row["client_id"] or 0, "")
            klass = known.get(person_key(row)) or _asked(policy, row, actor=actor, now=now)
            row |= {"class": klass} if klass else {}
        found.append({name: value for name, value in row.items() if value or name in PEOPLE})
    return found


def _asked(policy: Policy, row: Mapping[str, Any], *, actor: Any, now: datetime) -> str:
    if not row["birth_date"]:
        return ""
    on = date.fromisoformat(row["joined"]) if row.get("joined") else policy.start_date
    person = driver_of_version(row)
    if not person["last_name"]:
        return ""
    answer = ask_class(driver_of(person), on, now=now, actor=actor, client_id=row.get("client_id"))
    return str(answer.klass)


def moved_people(
    after: Sequence[Mapping[str, Any]], stood: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]] | None
) -> bool:  # fmt: skip
    """Whether somebody else is named, or somebody has another licence than the contract says."""
    if [bare(one) for one in after] != [bare(one) for one in stood]:
        return True
    papers = {person_key(one): one.get("licence") for one in stood}
    return any(one.get("licence") and one["licence"] != papers.get(person_key(one)) for one in told or ())
