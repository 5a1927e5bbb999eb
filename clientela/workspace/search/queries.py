"""Finding clients and policies by anything a person may type; every statement starts from what they may see."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from clientela.foundation.audit.models import Entry
from clientela.foundation.fields import prefix_range
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.queries import documents_by_number, inn_is
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.organisation.queries import scope_of
from clientela.workspace.search import typos
from clientela.workspace.search.keys import Keys, name_readings, read

FEW = 6
RECENT = 5
# A short beginning may fit millions: so many are looked at before scope, the next letter narrows them.
CANDIDATES = 200


@dataclass(frozen=True)
class ClientHit:
    """A client found, by what (a key of Keys), and the text that matched."""

    client: Client
    by: str
    matched: str = ""
    phone: str = ""


@dataclass(frozen=True)
class PolicyHit:
    """A policy found by its number or by its vehicle."""

    policy: Policy
    by: str
    matched: str = ""


@dataclass
class Found:
    """What was found; ``guessed`` says that only similar surnames were."""

    keys: Keys
    clients: list[ClientHit] = field(default_factory=list)
    policies: list[PolicyHit] = field(default_factory=list)
    guessed: bool = False

    def add(self, hits: Iterable[ClientHit]) -> None:
        known = {hit.client.pk for hit in self.clients}
        self.clients += [hit for hit in hits if hit.client.pk not in known]


def find(user: Any, text: str, *, few: int = FEW) -> Found:
    """Clients and policies that ``text`` may mean, the surest first. At most one statement a kind of key."""
    keys = read(text)
    found = Found(keys)
    if not keys or not user.can(Permission.CLIENTS_READ):
        return found
    visible = Client.objects.visible_to(user)
    found.add(_by_contact(visible, keys, few))
    found.add(_by_document(visible, keys, few))
    found.add(_by_short_tail(user, visible, keys, few))
    if keys.name and not keys.short_tail:
        found.add(_by_name(visible, name_readings(keys), few))
    if user.can(Permission.CONTRACTS_READ):
        found.policies += _by_number(user, keys, few)
        found.policies += _by_vehicle(user, keys, few)
    if not found.clients and not found.policies and keys.name:
        found.add(_by_slip(visible, keys, few))
        found.guessed = bool(found.clients)
    found.clients = found.clients[:few]
    found.policies = found.policies[:few]
    return found


def _by_contact(visible: QuerySet[Client], keys: Keys, few: int) -> list[ClientHit]:
    condition = Q()
    for part in (
        Q(value=keys.phone) if keys.phone else None,
        Q(tail=keys.tail) if keys.tail else None,
        Q(pk__in=_addresses(keys.email)) if keys.email else None,
    ):
        if part is not None:
            condition |= part
    if not condition:
        return []
    points = (
        ContactPoint.objects.filter(condition, client__in=visible)
        .select_related("client")
        .order_by("id")[:few]
    )
    return [ClientHit(point.client, "contact", point.value, point.value) for point in points]


def _addresses(beginning: str) -> QuerySet[Any]:
    points = ContactPoint.objects.filter(**prefix_range("value", beginning))
    return points.order_by("value").values("pk")[:CANDIDATES]


def _by_document(visible: QuerySet[Client], keys: Keys, few: int) -> list[ClientHit]:
    owners: list[QuerySet[Any]] = []
    if keys.inn:
        owners.append(Client.objects.filter(inn_is(keys.inn)).values("pk"))
    if keys.document:
        owners.append(documents_by_number(keys.document).values("client"))
    if not owners:
        return []
    return [ClientHit(client, "document") for client in visible.filter(pk__in=_either(owners))[:few]]


def _either(parts: list[QuerySet[Any]]) -> QuerySet[Any]:
    """The ids of all ``parts``, each read off its own index: an OR between them would read every row in sight."""
    first, *others = (part.order_by() for part in parts)
    return first.union(*others, all=True) if others else first


def _by_short_tail(user: Any, visible: QuerySet[Client], keys: Keys, few: int) -> list[ClientHit]:
    """A few last digits: with the beginning of a name, or alone among an agent's or a team's own clients."""
    if not keys.short_tail or not (keys.name or scope_of(user).agent_ids):
        return []
    ends = ContactPoint.objects.filter(
        client=OuterRef("pk"), kind=ContactPoint.Kind.PHONE, value__endswith=keys.short_tail
    )
    named = reduce(or_, (Q(**prefix_range("name_key", key)) for key in name_readings(keys)), Q())
    clients = visible.filter(named).filter(Exists(ends)).order_by("name_key", "id")
    phones = Prefetch(
        "contact_points", ContactPoint.objects.filter(value__endswith=keys.short_tail), "ending"
    )
    hits = []
    for client in clients.prefetch_related(phones)[:few]:
        phone = client.ending[0].value if client.ending else ""
        hits.append(ClientHit(client, "tail", keys.short_tail, phone))
    return hits


def _by_name(visible: QuerySet[Client], readings: list[str], few: int) -> list[ClientHit]:
    named = reduce(or_, (Q(**prefix_range("name_key", key)) for key in readings))
    rows = list(visible.filter(named).order_by("name_key", "id")[: few * 4])
    first = readings[0].split()[0]
    rows.sort(
        key=lambda row: (row.name_key.split()[0] != first, not row.policies_in_force, row.name_key, row.pk)
    )
    return [ClientHit(client, "name", readings[0]) for client in rows]


def _by_slip(visible: QuerySet[Client], keys: Keys, few: int) -> list[ClientHit]:
    for reading in name_readings(keys):
        word, _, rest = reading.partition(" ")
        surnames = typos.similar(word)
        if surnames and (hits := _named_one_of(visible, surnames, rest, few)):
            return hits
    return []


def _named_one_of(visible: QuerySet[Client], surnames: list[str], rest: str, few: int) -> list[ClientHit]:
    """A few of each surname, each read off its own range: one OR of them all may walk the whole index in order."""
    parts = []
    for surname in surnames:
        named = visible.filter(**prefix_range("name_key", f"{surname} {rest}".rstrip()))
        cut = named.order_by("name_key", "id").values("pk")[:few]
        # The cut one is wrapped: SQLite takes no LIMIT between the parts of a union.
        parts.append(Client.objects.filter(pk__in=cut).values("pk"))
    place = {surname: index for index, surname in enumerate(surnames)}
    rows = list(visible.filter(pk__in=_either(parts)))
    rows.sort(key=lambda row: (place.get(row.name_key.split()[0], len(place)), row.name_key, row.pk))
    return [ClientHit(client, "slip") for client in rows]


_POLICY = ("client", "product", "insured_object")


def _by_number(user: Any, keys: Keys, few: int) -> list[PolicyHit]:
    if not keys.policy:
        return []
    begin = Policy.objects.filter(**prefix_range("number_key", keys.policy[0])).order_by("number_key")
    # The cut one is wrapped: SQLite takes no LIMIT between the parts of a union.
    numbers = [Policy.objects.filter(pk__in=begin.values("pk")[:CANDIDATES]).values("pk")]
    if keys.policy[1:]:
        numbers.append(Policy.objects.filter(number_key__in=keys.policy[1:]).values("pk"))
    rows = Policy.objects.visible_to(user).filter(pk__in=_either(numbers)).select_related(*_POLICY)
    return [PolicyHit(policy, "number", keys.policy[0]) for policy in rows.order_by("-end_date", "id")[:few]]


def _by_vehicle(user: Any, keys: Keys, few: int) -> list[PolicyHit]:
    condition = Q()
    for name, value in (("plate", keys.plate), ("vin", keys.vin)):
        if value:
            condition |= Q(**prefix_range(name, value)) & ~Q(**{name: ""})
    if not condition:
        return []
    things = InsuredObject.objects.filter(condition)
    rows = (
        Policy.objects.visible_to(user)
        .filter(
            pk__in=Policy.objects.filter(insured_object__in=things.values("pk")[:CANDIDATES]).values("pk")
        )
        .select_related(*_POLICY)
    )
    return [
        PolicyHit(policy, "vehicle", keys.plate or keys.vin)
        for policy in rows.order_by("-end_date", "id")[:few]
    ]


def recent(user: Any) -> list[Client]:
    """Cards that this person opened last and may still see, the newest first; two statements."""
    opened = (
        Entry.objects.filter(actor=user, action="client.read")
        .order_by("-at")
        .values_list("object_id", flat=True)
    )
    ids = list(dict.fromkeys(pk for pk in opened[:40] if pk is not None))[:RECENT]
    rows = {row.pk: row for row in Client.objects.visible_to(user).filter(pk__in=ids)}
    return [rows[pk] for pk in ids if pk in rows]


def days_left(client: Client, today: date) -> int | None:
    return (client.next_end_date - today).days if client.next_end_date else None
