"""Reading clients: who may touch them, who they may be, and how well their card is filled."""

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from clientela.foundation.fields import prefix_range
from clientela.foundation.names import full_name_key, name_key
from clientela.modules.accounts.access import ensure
from clientela.modules.clients import rules
from clientela.modules.clients.models import (
    Address,
    Client,
    ContactPerson,
    ContactPoint,
    HoldingLink,
    IdentityDocument,
    Merge,
    ProfileAnswer,
)


class NotAllowed(PermissionDenied):
    """The record is outside the person's scope; nothing was changed."""


def require(actor: Any, permission: str, client_id: int | None = None) -> None:
    """Raise ``PermissionDenied`` unless ``actor`` may do this to this client. ``None`` is the system itself."""
    ensure(actor, permission)
    if actor is None or client_id is None:
        return
    if not Client.objects.visible_to(actor).filter(pk=client_id).exists():
        raise NotAllowed("scope")


def newest_answers(client_id: int) -> list[ProfileAnswer]:
    """What the client told, the newest of each question; the newest first."""
    rows = ProfileAnswer.objects.filter(client=client_id).select_related("answered_by")
    found: dict[str, ProfileAnswer] = {}
    for row in rows.order_by("-answered_at", "-id"):
        found.setdefault(row.key, row)
    return list(found.values())


# --- by a key ----------------------------------------------------------------------------------------


def by_contact(user: Any, *, values: Iterable[str] = (), tail: str = "") -> QuerySet[Client]:
    """Visible clients with one of these contact values, or with a phone that ends in these seven digits."""
    points = (
        ContactPoint.objects.filter(tail=tail)
        if tail
        else ContactPoint.objects.filter(value__in=list(values))
    )
    return Client.objects.visible_to(user).filter(pk__in=points.values("client"))


def by_document(user: Any, number: str) -> QuerySet[Client]:
    """Visible clients with this passport or licence."""
    return Client.objects.visible_to(user).filter(pk__in=documents_by_number(number).values("client"))


def documents_by_number(number: str, kind: str = "") -> QuerySet[IdentityDocument]:
    """Documents with exactly this number (in normal form), of one kind or of any; the numbers themselves are sealed."""
    index: Any = IdentityDocument._meta.get_field("number_index")
    kinds = [kind] if kind else IdentityDocument.Kind.values
    return IdentityDocument.objects.filter(
        number_index__in=[key for one in kinds for key in index.keys_of(number, one)]
    )


def inn_is(inn: str) -> Q:
    """The condition on clients that this is their INN."""
    index: Any = Client._meta.get_field("inn_index")
    return Q(inn_index__in=index.keys_of(inn))


def by_name(user: Any, key: str) -> QuerySet[Client]:
    """Visible clients whose folded name begins with ``key``."""
    return Client.objects.visible_to(user).filter(**prefix_range("name_key", key))


LEGAL_FORMS = ("", "ооо ", "ао ", "пао ", "зао ", "оао ", "ано ")


def companies_like(user: Any, text: str) -> QuerySet[Client]:
    """Visible companies with this INN, or whose name begins like this, with or without its legal form."""
    companies = Client.objects.visible_to(user).filter(kind=Client.Kind.COMPANY)
    if text.isascii() and text.isdigit():
        return companies.filter(inn_is(text))
    begins = [Q(**prefix_range("name_key", form + name_key(text))) for form in LEGAL_FORMS]
    return companies.filter(reduce(operator.or_, begins)).order_by("name_key", "id")


def ways_to_one(client_id: int, *, other: int) -> list[tuple[str, str]]:
    """Kind and value of each contact point that the one card has and the other has not."""
    points: dict[int, set[tuple[str, str]]] = {client_id: set(), other: set()}
    for card, kind, value in ContactPoint.objects.filter(client__in=points).values_list(
        "client", "kind", "value"
    ):
        points[card].add((kind, value))
    return sorted(points[client_id] - points[other])


# --- merged cards ------------------------------------------------------------------------------------


def card_now(client_id: int) -> int:
    """Where the card of this number is today: itself, or the one it was merged into."""
    seen = set()
    while client_id not in seen:
        seen.add(client_id)
        into = (
            Merge.objects.in_force().filter(gone_card=client_id).values_list("kept_card", flat=True).first()
        )
        client_id = into if into is not None else client_id
    return client_id


# --- holdings ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """A company of a holding in its place; ``name`` is empty where the person may not see the card."""

    pk: int
    parent_id: int | None
    depth: int
    name: str


def root_of(client_id: int) -> int:
    """The head of the holding this company belongs to; itself when it belongs to nobody."""
    root = HoldingLink.objects.filter(company_id=client_id).values_list("root_id", flat=True).first()
    return root or client_id


def in_holding(root_id: int) -> Q:
    """Companies of the holding under this head, the head included."""
    links = HoldingLink.objects.filter(root_id=root_id).values("company_id")
    return Q(pk=root_id) | Q(pk__in=links)


def holding_of(user: Any, client_id: int) -> list[Member]:
    """The whole holding of a company from the head down, in three statements; empty when there is none."""
    root = root_of(client_id)
    links = dict(HoldingLink.objects.filter(root_id=root).values_list("company_id", "parent_id"))
    if not links:
        return []
    seen = {row.pk: row.name for row in Client.objects.visible_to(user).filter(pk__in=[root, *links])}
    below: dict[int, list[int]] = {}
    for company, parent in links.items():
        below.setdefault(parent, []).append(company)
    found: list[Member] = []

    def walk(company: int, depth: int) -> None:
        found.append(Member(company, links.get(company), depth, seen.get(company, "")))
        for child in sorted(below.get(company, []), key=lambda pk: (seen.get(pk, "\uffff"), pk)):
            walk(child, depth + 1)

    walk(root, 0)
    return found


# --- duplicates --------------------------------------------------------------------------------------

MATCH_WEIGHTS = {"document": 60, "inn": 60, "phone": 40, "email": 40, "name": 25, "birth_date": 25}
ENOUGH = 40
CANDIDATES = 20


@dataclass(frozen=True)
class Duplicate:
    """A card that may be the same client: what agrees, and how sure that makes us (0…99)."""

    client: Client
    matches: tuple[str, ...]
    percent: int


@dataclass(frozen=True)
class Typed:
    """What has been typed so far, in normal form; empty where nothing usable stands there yet."""

    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    company_name: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    inn: str = ""
    document: str = ""

    @property
    def name_key(self) -> str:
        if self.company_name:
            return name_key(self.company_name)
        if not (self.last_name and self.first_name):
            return ""
        return full_name_key(self.last_name, self.first_name, self.middle_name)


def possible_duplicates(
    user: Any, typed: Typed, *, exclude_id: int | None = None, limit: int = 3
) -> list[Duplicate]:
    """Visible cards that agree with what is typed, the surest first. At most one statement a kind of key."""
    found: dict[int, set[str]] = {}
    clients: dict[int, Client] = {}

    def collect(match: str, rows: QuerySet[Client]) -> None:
        for client in rows.exclude(pk=exclude_id or 0).select_related("agent")[:CANDIDATES]:
            clients[client.pk] = client
            found.setdefault(client.pk, set()).add(match)

    if typed.phone:
        collect("phone", by_contact(user, values=[typed.phone]))
    if typed.email:
        collect("email", by_contact(user, values=[typed.email]))
    if typed.document:
        collect("document", by_document(user, typed.document))
    if typed.inn:
        collect("inn", Client.objects.visible_to(user).filter(inn_is(typed.inn)))
    if typed.name_key:
        collect("name", by_name(user, typed.name_key).order_by("name_key", "id"))
    for client in clients.values():
        if typed.birth_date and client.birth_date == typed.birth_date:
            found[client.pk].add("birth_date")
        if typed.name_key and client.name_key == typed.name_key:
            found[client.pk].add("name")
    rated = [
        Duplicate(clients[pk], tuple(code for code in MATCH_WEIGHTS if code in codes), _sure(codes))
        for pk, codes in found.items()
    ]
    return sorted(
        (row for row in rated if row.percent >= ENOUGH), key=lambda row: (-row.percent, row.client.pk)
    )[:limit]


def _sure(codes: set[str]) -> int:
    return min(sum(MATCH_WEIGHTS[code] for code in codes), 99)


# --- how well the card is filled ---------------------------------------------------------------------


def presence() -> dict[str, Q]:
    """For each part of a card the condition that it is filled, to annotate or to update with."""
    usable = ContactPoint.objects.filter(client=OuterRef("pk"), do_not_use=False, bad_since__isnull=True)
    papers = [IdentityDocument.Kind.PASSPORT, IdentityDocument.Kind.FOREIGN]
    texts = ("first_name", "sex", "company_name", "inn", "ogrn")
    return {
        **{name: ~Q(**{name: ""}) for name in texts},
        "birth_date": Q(birth_date__isnull=False),
        "phone": Q(Exists(usable.filter(kind=ContactPoint.Kind.PHONE))),
        "email": Q(Exists(usable.filter(kind=ContactPoint.Kind.EMAIL))),
        "address": ~Q(city="") | Q(Exists(Address.objects.filter(client=OuterRef("pk")))),
        "document": Q(Exists(IdentityDocument.objects.filter(client=OuterRef("pk"), kind__in=papers))),
        "contact_person": Q(Exists(ContactPerson.objects.filter(company=OuterRef("pk")))),
    }


def percent_expression() -> Case:
    """Completeness as one SQL expression, for setting it on any number of cards in one statement."""
    filled = presence()

    def total(weights: dict[str, int]) -> Any:
        parts = [
            Case(When(filled[name], then=Value(weight)), default=Value(0)) for name, weight in weights.items()
        ]
        return reduce(operator.add, parts)

    return Case(
        When(kind=Client.Kind.COMPANY, then=total(rules.COMPANY_WEIGHTS)),
        default=total(rules.PERSON_WEIGHTS),
        output_field=IntegerField(),
    )


def stale(clients: QuerySet[Client], *, before: date) -> QuerySet[Client]:
    """Cards whose data nobody confirmed since ``before``, the oldest first."""
    return clients.filter(Q(data_confirmed_at__isnull=True) | Q(data_confirmed_at__date__lt=before)).order_by(
        F("data_confirmed_at").asc(nulls_first=True), "id"
    )
