"""Cards in the form in which they are compared."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument
from clientela.modules.resolution.rules import traits


def rows_between(start: int, end: int) -> list[dict[str, Any]]:
    """The people whose card numbers are from ``start`` up to but not including ``end``."""
    return _rows("__gte", start, "__lt", end)


def rows_of(cards: Iterable[int]) -> list[dict[str, Any]]:
    """These cards, those of companies and those that are gone left out."""
    return _rows("__in", listed(cards))


def _rows(*conditions: Any) -> list[dict[str, Any]]:
    which = list(zip(conditions[::2], conditions[1::2], strict=True))
    of_card = {f"client{lookup}": value for lookup, value in which}
    points: dict[str, dict[int, list[str]]] = {kind: defaultdict(list) for kind in ("phone", "email")}
    found = ContactPoint.objects.filter(**of_card, kind__in=points)
    for card, kind, value in found.order_by().values_list("client_id", "kind", "value"):
        points[kind][card].append(value)
    papers: dict[int, list[str]] = defaultdict(list)
    numbers = IdentityDocument.objects.filter(**of_card)
    # Equality is all that is asked of a number: its index says it without the number itself.
    for card, index in numbers.values_list("client_id", "number_index"):
        papers[card].append(index)
    streets: dict[int, str] = {}
    places = Address.objects.filter(**of_card).exclude(street="")
    for card, city, street in places.order_by("is_primary", "pk").values_list("client_id", "city", "street"):
        streets[card] = f"{city} {street}"
    people = Client.objects.filter(
        kind=Client.Kind.PERSON, **{f"pk{lookup}": value for lookup, value in which}
    )
    fields = ("pk", "last_name", "first_name", "middle_name", "birth_date")
    return [
        traits(
            card=card, last=last, first=first, middle=middle, birth=birth, phones=points["phone"].get(card, ()),
            emails=points["email"].get(card, ()), documents=papers.get(card, ()), address=streets.get(card, ""),
        )
        for card, last, first, middle, birth in people.values_list(*fields)
    ]  # fmt: skip
