"""Cards that reports may be about, found by exact keys in a bounded number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument
from clientela.modules.group.rules import Card, Match, Told, judge


def matches(told: Sequence[Told]) -> dict[int, Match]:
    """``ref`` of each report → whose it is: four statements however many there are."""
    papers: dict[str, set[int]] = defaultdict(set)
    inns: dict[str, set[int]] = defaultdict(set)
    phones: dict[str, set[int]] = defaultdict(set)
    # Numbers are sealed: they are asked for by their indexes, one for each key of the ring.
    number: Any = IdentityDocument._meta.get_field("number_index")
    passports = {
        key: one
        for one in _some(one.passport for one in told)
        for key in number.keys_of(one, IdentityDocument.Kind.PASSPORT)
    }
    rows = IdentityDocument.objects.filter(number_index__in=listed(passports))
    for key, client_id in rows.order_by().values_list("number_index", "client_id"):
        papers[passports[key]].add(client_id)
    inn: Any = Client._meta.get_field("inn_index")
    taxpayers = {key: one for one in _some(one.inn for one in told) for key in inn.keys_of(one)}
    of_inn = Client.objects.filter(inn_index__in=listed(taxpayers))
    for key, client_id in of_inn.order_by().values_list("inn_index", "pk"):
        inns[taxpayers[key]].add(client_id)
    points = ContactPoint.objects.filter(
        kind=ContactPoint.Kind.PHONE, value__in=listed(_some(one.phone for one in told))
    )
    for value, client_id in points.order_by().values_list("value", "client_id"):
        phones[value].add(client_id)
    found = {pk for table in (papers, inns, phones) for ids in table.values() for pk in ids}
    cards = {
        pk: Card(pk, key, born)
        for pk, key, born in Client.objects.filter(pk__in=listed(found)).values_list(
            "pk", "name_key", "birth_date"
        )
    }

    def known(ids: Iterable[int]) -> list[Card]:
        return [cards[pk] for pk in sorted(ids) if pk in cards]

    return {
        one.ref: judge(
            one,
            known(papers.get(one.passport, set()) | inns.get(one.inn, set())),
            known(phones.get(one.phone, set())),
        )
        for one in told
    }


def _some(values: Iterable[str]) -> list[str]:
    return sorted({value for value in values if value})
