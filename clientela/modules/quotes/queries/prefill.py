"""What is known of a client, the thing and the people, so that nobody types it again.

A value is found once, in a fixed order: the expiring term, the thing insured, the client's card, what the client told.
Every value comes with its origin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument
from clientela.modules.clients.queries import newest_answers
from clientela.modules.contracts.models import InsuredObject, Participant, Policy
from clientela.modules.contracts.queries import terms_of
from clientela.modules.quotes.rules import MOST_DRIVERS, Origin
from clientela.modules.quotes.told import NoAnswer, understood

OF_CLIENT = ("birth_date", "sex")
SUBJECT_FIELDS = (
    "title",
    "plate",
    "vin",
    "body_number",
    "make",
    "model",
    "year",
    "power",
    "value",
    "address",
)


@dataclass
class Known:
    """All that is known at the start of a calculation."""

    subject: dict[str, Any] = field(default_factory=dict)
    drivers: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def put(self, place: str, name: str, value: Any, origin: Origin = Origin.BASE) -> None:
        """Keep a value that is filled, with its origin; the first one found counts."""
        target = self.subject if place == "subject" else self.answers
        if value in (None, "") or name in target:
            return
        target[name] = plain(value)
        self.origins[f"{place}.{name}"] = origin


def plain(value: Any) -> Any:
    """A value as JSON keeps it: dates as ISO days, sums as text."""
    if isinstance(value, bool | int | list) or value is None:
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def known_of(
    client: Client,
    *,
    policy: Policy | None,
    thing: InsuredObject | None,
    questions: Sequence[Mapping[str, Any]],
    insured: str = "",
    driven: bool = True,
) -> Known:
    """Everything known for a calculation; eight statements at the most. Of the product's ``questions`` what is usual
    is taken without being counted as known; what the client told elsewhere counts where it answers the question.
    ``insured`` is the question that names people, ``driven`` says whether drivers are named."""
    known = Known()
    _client(known, client)
    last = _last_terms(policy)
    if thing is not None:
        _thing(known, thing)
    if driven:
        _drivers(known, client, policy)
    if insured:
        known.put("answers", insured, last.get(insured) or insured_of(client) or None)
    if policy is not None:
        known.put("answers", "sum_insured", policy.sum_insured)
        known.put("answers", "instalments", policy.instalments if policy.instalments > 1 else None)
        known.put("answers", "bank", policy.bank.code if policy.bank else None)
    if client.kind == Client.Kind.COMPANY:
        known.answers["owner"] = "company"
    told = {row.key: row.value for row in newest_answers(client.pk)} if questions else {}
    details = thing.details if thing is not None else {}
    for one in questions:
        key = str(one["key"])
        own = getattr(client, key) if key in OF_CLIENT else None
        for value in (last.get(key), details.get(key), _told(one, told.get(key)), own):
            known.put("answers", key, value)
    for one in questions:
        if one.get("default") is not None:
            known.answers.setdefault(str(one["key"]), one["default"])
    return known


def _told(question: Mapping[str, Any], said: Any) -> Any:
    try:
        return None if said in (None, "") else understood(question, said)
    except NoAnswer:
        return None


def _client(known: Known, client: Client) -> None:
    """The client's own fields are read from the card each time; here they are only counted."""
    person = {
        "last_name": client.last_name, "first_name": client.first_name, "middle_name": client.middle_name,
        "company_name": client.company_name, "birth_date": client.birth_date, "sex": client.sex, "inn": client.inn,
    }  # fmt: skip
    for point in ContactPoint.objects.filter(client=client, do_not_use=False).order_by("-is_primary", "id"):
        person.setdefault(point.kind, point.value)
    address = Address.objects.filter(client=client).order_by("-is_primary", "id").first()
    if address is not None:
        person |= {"city": address.city, "street": address.street, "postal_code": address.postal_code}
    person.setdefault("city", client.city)
    for paper in IdentityDocument.objects.filter(client=client):
        person |= {
            f"{paper.kind}.number": paper.number, f"{paper.kind}.issued_on": paper.issued_on,
            f"{paper.kind}.issued_by": paper.issued_by,
        }  # fmt: skip
    known.origins |= {f"client.{name}": Origin.BASE.value for name, value in person.items() if value}


def _thing(known: Known, thing: InsuredObject) -> None:
    known.subject["kind"] = thing.kind
    for name in SUBJECT_FIELDS:
        known.put("subject", name, getattr(thing, name))


def _last_terms(policy: Policy | None) -> dict[str, Any]:
    """The answers that the expiring term was sold with."""
    if policy is None:
        return {}
    return dict(terms_of([policy.pk]).get(policy.pk, {}).get("answers", {}))


def _drivers(known: Known, client: Client, policy: Policy | None) -> None:
    for index, row in enumerate(drivers_of([(client, policy)])[0]):
        known.drivers.append(row)
        for name in ("name", "birth_date", "experience_since", "licence"):
            if row[name]:
                known.origins[f"drivers.{index}.{name}"] = Origin.BASE


def insured_of(client: Client) -> list[dict[str, Any]]:
    """A person who buys is insured unless the seller says otherwise; a company names people."""
    return [insured_row(client, client.name, client.birth_date)] if client.kind == Client.Kind.PERSON else []


def insured_row(client: Client | None, name: str, birth_date: date | None) -> dict[str, Any]:
    """Somebody insured as a calculation keeps them among its answers."""
    return {
        "client_id": client.pk if client else None, "name": name,
        "birth_date": plain(birth_date or (client.birth_date if client else None)) or "",
    }  # fmt: skip


def drivers_of(terms: Sequence[tuple[Client, Policy | None]]) -> list[list[dict[str, Any]]]:
    """Who drives in each of these, as calculations keep them: whom the expiring term names, else the client.

    Two statements, whatever the number.
    """
    named: dict[int, list[Participant]] = {}
    rows = Participant.objects.filter(
        policy__in=listed([policy.pk for _client, policy in terms if policy is not None]),
        role=Participant.Role.DRIVER,
    )
    for one in rows.select_related("client").order_by("policy", "id"):
        named.setdefault(one.policy_id, []).append(one)
    found = []
    for client, policy in terms:
        people = named.get(policy.pk, []) if policy is not None else []
        drivers = [driver_row(one.client, one.name, one.birth_date, one.experience_since) for one in people]
        if not drivers and client.kind == Client.Kind.PERSON:
            drivers = [driver_row(client, client.name, client.birth_date, None)]
        found.append(drivers[:MOST_DRIVERS])
    cards = {row["client_id"] for drivers in found for row in drivers if row["client_id"]}
    papers = IdentityDocument.objects.filter(client__in=listed(cards), kind=IdentityDocument.Kind.LICENCE)
    licences = dict(papers.order_by("pk").values_list("client_id", "number"))
    for drivers in found:
        for row in drivers:
            row["licence"] = licences.get(row["client_id"], "")
    return found


def driver_row(
    client: Client | None,
    name: str,
    birth_date: date | None,
    experience_since: date | None,
    licence: str = "",
) -> dict[str, Any]:
    """A driver as a calculation keeps it."""
    last, first, middle = (
        split_name(name) if client is None else (client.last_name, client.first_name, client.middle_name)
    )
    born = birth_date or (client.birth_date if client else None)
    return {
        "client_id": client.pk if client else None, "name": client.name if client else name,
        "last_name": last, "first_name": first, "middle_name": middle, "birth_date": plain(born) or "",
        "experience_since": plain(experience_since) or "", "licence": licence,
        "class": "", "class_state": "", "previous_class": "",
    }  # fmt: skip


def split_name(name: str) -> tuple[str, str, str]:
    """Фамилия, Имя, Отчество of a name as it stands in a policy."""
    parts = [*name.split(None, 2), "", "", ""]
    return parts[0], parts[1], parts[2]
