"""A client's relatives and ties as they are read: each from this client's side, foreign ones without a name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from clientela.foundation.dates import full_years
from clientela.modules.clients.models import Address, Client, ContactPoint, NotRelated, Relation
from clientela.modules.clients.rules import FAMILY, INVERSE

MOST_SUGGESTED = 10
# So many share a phone of an office or a house with many flats: they are no family.
TOO_MANY = 8


@dataclass(frozen=True)
class Relative:
    """One tie of a client: ``kind`` is what they are to the client.

    ``client`` is the card, where this person may see it. A client out of sight has no name and no data: ``hidden``.
    """

    relation: Relation
    kind: str
    client: Client | None
    hidden: bool

    @property
    def name(self) -> str:
        return "" if self.hidden else self.client.name if self.client else self.relation.name

    @property
    def label(self) -> str:
        return str(Relation.Kind(self.kind).label)

    @property
    def is_family(self) -> bool:
        return self.kind in FAMILY

    @property
    def birth_date(self) -> date | None:
        if self.hidden:
            return None
        return self.client.birth_date if self.client else self.relation.birth_date

    @property
    def birth_year(self) -> int | None:
        born = self.birth_date
        return born.year if born else None if self.hidden else self.relation.birth_year

    def age(self, today: date) -> int | None:
        return full_years(self.birth_date, today) if self.birth_date else None

    def birthday_in(self, today: date) -> int | None:
        """Days to the next birthday; the 29th of February is kept on the 1st of March."""
        born = self.birth_date
        if born is None:
            return None
        for year in (today.year, today.year + 1):
            leap = (born.month, born.day) == (2, 29) and year % 4
            day = date(year, 3, 1) if leap else born.replace(year=year)
            if day >= today:
                return (day - today).days
        return None


def relatives_of(user: Any, client_id: int) -> list[Relative]:
    """Every tie of a visible client, the family first, in two statements."""
    rows = list(Relation.objects.filter(Q(client=client_id) | Q(other=client_id)))
    others = {row.other_id if row.client_id == client_id else row.client_id for row in rows} - {None}
    seen = Client.objects.visible_to(user).in_bulk([pk for pk in others if pk])
    found = []
    for row in rows:
        mine = row.client_id == client_id
        other = row.other_id if mine else row.client_id
        kind = row.kind if mine else INVERSE[row.kind]
        client = seen.get(other) if other else None
        found.append(Relative(row, kind, client, hidden=other is not None and client is None))
    places = [*FAMILY, *(kind for kind in INVERSE if kind not in FAMILY)]
    return sorted(found, key=lambda one: (places.index(one.kind), one.name, one.relation.pk))


def relation_of(user: Any, relation_id: int) -> Relation | None:
    """A tie of which this person may see a side."""
    seen = Client.objects.visible_to(user)
    rows = Relation.objects.select_related("client", "other").filter(pk=relation_id)
    return rows.filter(
        Exists(seen.filter(pk=OuterRef("client"))) | Exists(seen.filter(pk=OuterRef("other")))
    ).first()


@dataclass(frozen=True)
class Suggested:
    """Somebody who may be a relative: ``why`` is phone, address or policy. A person decides.

    ``aside``: somebody said that they are none.
    """

    client: Client
    why: tuple[str, ...]
    aside: bool = False


def suggestions(user: Any, client: Client, *, named: Iterable[int] = ()) -> list[Suggested]:
    """Visible clients with the same phone, or with the same street, house and surname; ``named`` share a policy.

    Those who are tied already are left out; so is what too many share. What was put aside stands last.
    """
    why: dict[int, list[str]] = {}
    phones = ContactPoint.objects.filter(client=client, kind=ContactPoint.Kind.PHONE).values("value")
    same_phone = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value__in=phones)
    _collect(why, "phone", same_phone.values_list("client", flat=True))
    stem = _stem(client.last_name)
    for address in Address.objects.filter(client=client).exclude(street="")[:3] if stem else ():
        near = Address.objects.filter(
            street=address.street, city=address.city, client__last_name__startswith=stem
        )
        _collect(why, "address", near.values_list("client", flat=True))
    for pk in named:
        why.setdefault(pk, []).append("policy")
    tied = {client.pk}
    for one, two in Relation.objects.filter(Q(client=client) | Q(other=client)).values_list(
        "client", "other"
    ):
        tied |= {one, two}
    ids = [pk for pk in why if pk not in tied]
    rows = Client.objects.visible_to(user).filter(pk__in=ids[:200], kind=Client.Kind.PERSON)
    aside = {
        two if one == client.pk else one
        for one, two in NotRelated.objects.filter(Q(client=client) | Q(other=client)).values_list(
            "client", "other"
        )
    }
    found = [Suggested(row, tuple(dict.fromkeys(why[row.pk])), row.pk in aside) for row in rows]
    found.sort(key=lambda one: (-len(one.why), one.client.name_key))
    likely = [one for one in found if not one.aside][:MOST_SUGGESTED]
    return likely + [one for one in found if one.aside][:MOST_SUGGESTED]


def _collect(why: dict[int, list[str]], reason: str, ids: Any) -> None:
    some = set(ids[: TOO_MANY + 1])
    if len(some) <= TOO_MANY:
        for pk in some:
            why.setdefault(pk, []).append(reason)


def _stem(surname: str) -> str:
    """What is common to the surnames of a family: Орлов and Орлова, Белый and Белая."""
    for ending in ("ая", "ый", "ий", "ой", "а"):
        if surname.endswith(ending) and len(surname) - len(ending) >= 3:
            return surname.removesuffix(ending)
    return surname
