"""Which cards hang together, and whether people have said that two of them are not one."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from clientela.foundation.bulk import listed
from clientela.modules.clients import golden
from clientela.modules.clients.models import Client, ContactPoint, FieldValue, Merge
from clientela.modules.resolution.models import Pair

BATCH = 2000
# More cards than this are no case for one page.
LARGEST_CASE = 8


def owners(cards: Iterable[int]) -> dict[int, int]:
    """Number → the card that it is now, for these cards and all that went into them."""
    found = {card: card for card in cards}
    fresh = set(found)
    while fresh:
        merges = Merge.objects.in_force().filter(kept_card__in=listed(fresh)).order_by()
        new = {gone: found[kept] for gone, kept in merges.values_list("gone_card", "kept_card")}
        fresh = new.keys() - found.keys()
        found |= {number: new[number] for number in fresh}
    return found


def told_apart(groups: Sequence[tuple[int, ...]]) -> set[tuple[int, ...]]:
    """The groups in which people said of two cards that they are two clients, of cards gone into them as well."""
    group_of = {card: group for group in groups for card in group}
    owner = owners(group_of)
    said = Pair.objects.filter(state=Pair.State.DIFFERENT, low_card__in=listed(owner))
    found = set()
    for low, high in said.values_list("low_card", "high_card"):
        one, other = owner[low], owner.get(high)
        if other is not None and one != other and group_of[one] == group_of[other]:
            found.add(group_of[one])
    return found


def source_kinds(cards: Iterable[int]) -> Mapping[int, str]:
    """From what kind of source (``golden.SOURCES``) each card's name is; what no longer exists is left out."""
    found: dict[int, str] = {}
    numbers = sorted(set(cards))
    for start in range(0, len(numbers), BATCH):
        some = listed(numbers[start : start + BATCH])
        rows = dict(Client.objects.filter(pk__in=some).values_list("pk", "import_run"))
        points = ContactPoint.objects.filter(client__in=some).exclude(source="").order_by("-pk")
        first = dict(points.values_list("client", "source"))
        values = FieldValue.objects.filter(client__in=some, field="name", state=FieldValue.State.CURRENT)
        known = dict(values.order_by().values_list("client", "source"))
        for card, run in rows.items():
            kind = "import" if run else golden.source_kind(first.get(card, ""), by_person=False)
            found[card] = known.get(card, kind)
    return found


def case_of(pair: Pair) -> tuple[int, ...]:
    """The cards that hang together with this open pair through other open pairs, the nearest ones of many."""
    found = [pair.low_card, pair.high_card]
    fresh = set(found)
    while fresh and len(found) < LARGEST_CASE:
        some = listed(fresh)
        rows = Pair.objects.open().filter(Q(low_card__in=some) | Q(high_card__in=some))
        near = rows.order_by("-probability", "id").values_list("low_card", "high_card")[: LARGEST_CASE**2]
        cards = dict.fromkeys(card for both in near for card in both)
        fresh = {card for card in cards if card not in found}
        found.extend(card for card in cards if card in fresh)
    return tuple(sorted(found[:LARGEST_CASE]))
