"""Cards that reports may be about, found by exact keys in a bounded number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument
from clientela.modules.group.rules import Card, Match, Told, judge


def matches(told: Sequence[Told]) -> dict[int, Match]:
    """``ref`` of each report → whose it is: four statements however many there are."""
    papers: dict[str, set[int]] = defaultdict(set)
    inns: dict[str, set[int]] = defaultdict(set)
    phones: dict[str, set[int]] = defaultdict(set)
    rows = IdentityDocument.objects.filter(
        kind=IdentityDocument.Kind.PASSPORT, number__in=listed(_some(one.passport for one in told))
    )
    for number, client_id in rows.order_by().values_list("number", "client_id"):
        papers[number].add(client_id)
    of_inn = Client.objects.filter(inn__in=listed(_some(one.inn for one in told)))
    for inn, client_id in of_inn.order_by().values_list("inn", "pk"):
        inns[inn].add(client_id)
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
