"""Cards in the form in which they are compared."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument
from clientela.modules.resolution.firms import company_traits
from clientela.modules.resolution.rules import traits

Rows = list[dict[str, Any]]


def rows_between(start: int, end: int, kind: str = Client.Kind.PERSON) -> Rows:
    """The people, or the companies, whose card numbers are from ``start`` up to but not including ``end``."""
    return _rows(kind, __gte=start, __lt=end)


def rows_of(cards: Iterable[int]) -> Rows:
    """These cards, those of companies and those that are gone left out."""
    return _rows(Client.Kind.PERSON, __in=listed(cards))


def _rows(kind: str, **which: Any) -> Rows:
    chosen = Client.objects.filter(kind=kind, **{f"pk{lookup}": value for lookup, value in which.items()})
    of_card: dict[str, Any] = {f"client{lookup}": value for lookup, value in which.items()}
    if kind == Client.Kind.COMPANY:  # few: what hangs on people is not read for them
        return list(_companies(chosen, _Parts(of_card | {"client__kind": kind})))
    return list(_people(chosen, _Parts(of_card)))


class _Parts:
    """What hangs on the cards: contact points, and one address of each, the main one where there is one."""

    def __init__(self, of_card: dict[str, Any]) -> None:
        self.of_card = of_card
        self.points: dict[str, dict[int, list[str]]] = {
            kind: defaultdict(list) for kind in ("phone", "email")
        }
        found = ContactPoint.objects.filter(**of_card, kind__in=self.points)
        for card, kind, value in found.order_by().values_list("client_id", "kind", "value"):
            self.points[kind][card].append(value)
        self.places: dict[int, dict[str, str]] = {}
        places = Address.objects.filter(**of_card).order_by("is_primary", "pk")
        for card, street, city, postal in places.values_list("client_id", "street", "city", "postal_code"):
            self.places[card] = {"address": street, "city": city, "postal": postal}

    def documents(self) -> dict[int, list[str]]:
        papers: dict[int, list[str]] = defaultdict(list)
        numbers = IdentityDocument.objects.filter(**self.of_card)
        # Equality is all that is asked of a number: its index says it without the number itself.
        for card, index in numbers.values_list("client_id", "number_index"):
            papers[card].append(index)
        return papers

    def of(self, card: int, city: str) -> dict[str, Any]:
        place = self.places.get(card, {})
        return {
            "phones": self.points["phone"].get(card, ()), "emails": self.points["email"].get(card, ()),
            **place, "city": place.get("city") or city,
        }  # fmt: skip


def _people(chosen: Any, parts: _Parts) -> Iterator[dict[str, Any]]:
    papers = parts.documents()
    fields = ("pk", "last_name", "first_name", "middle_name", "birth_date", "city")
    for card, last, first, middle, birth, city in chosen.values_list(*fields):
        yield traits(
            card=card, last=last, first=first, middle=middle, birth=birth, documents=papers.get(card, ()),
            **parts.of(card, city),
        )  # fmt: skip


def _companies(chosen: Any, parts: _Parts) -> Iterator[dict[str, Any]]:
    fields = ("pk", "company_name", "inn_index", "kpp", "ogrn", "city")
    for card, name, inn, kpp, ogrn, city in chosen.values_list(*fields):
        yield company_traits(card=card, name=name, inn=inn, kpp=kpp, ogrn=ogrn, **parts.of(card, city))
