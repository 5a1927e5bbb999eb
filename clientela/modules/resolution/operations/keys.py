"""Which cards share a key with which: written for each card, read through indexes, never for a key of too many."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import ContactPoint, IdentityDocument
from clientela.modules.resolution.models import CardKeys
from clientela.modules.resolution.people import PEOPLE

KEYS = tuple(PEOPLE.keys)
Keys = dict[int, tuple[int | None, ...]]


def keep_keys(rows: Sequence[Mapping[str, Any]], maker: Any) -> Keys:
    """Write the keys of these rows of ``rules.traits``; those written already cost a read. Returns them all."""
    keys: Keys = maker.of(rows)
    known = CardKeys.objects.filter(pk__in=listed(keys)).values_list("pk", *KEYS)
    same = {card for card, *values in known if keys[card] == tuple(values)}
    CardKeys.objects.bulk_create(
        [
            CardKeys(card=card, **dict(zip(KEYS, values, strict=True)))
            for card, values in keys.items()
            if card not in same
        ],
        batch_size=2000, update_conflicts=True, unique_fields=["card"], update_fields=KEYS,
    )  # fmt: skip
    return keys


class Neighbours:
    """The cards that one of the blocks of the whole run would put beside the given ones."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], keys: Keys) -> None:
        self.rows, self.keys = rows, keys

    def pairs(self) -> set[tuple[int, int]]:
        """Pairs (lower number, higher number), each with one of the given cards at least."""
        found: set[tuple[int, int]] = set()
        for place, name in enumerate(KEYS):
            of = {row["unique_id"]: [self.keys[row["unique_id"]][place]] for row in self.rows}
            select = f"SELECT card FROM {CardKeys._meta.db_table} WHERE {name} = {{}}"
            found |= _met(of, select, "bigint", PEOPLE.keys[name].most)
        for name, select in (
            ("phones", _people(ContactPoint, "p.kind = 'phone' AND p.value = {}")),
            ("emails", _people(ContactPoint, "p.kind = 'email' AND p.value = {}")),
            ("documents", _people(IdentityDocument, "p.number_index = {}")),
        ):
            known = {row["unique_id"]: row[name] for row in self.rows}
            found |= _met(known, select, "text", PEOPLE.lists[f"k_{name}"].most)
        return found


def _people(model: Any, condition: str) -> str:
    return (
        f"SELECT p.client_id FROM {model._meta.db_table} p JOIN clients_client c ON c.id = p.client_id"
        f" WHERE {condition} AND c.kind = 'person'"
    )


def _met(of: Mapping[int, Iterable[Any]], select: str, kind: str, most: int) -> set[tuple[int, int]]:
    values = sorted({value for some in of.values() for value in some if value is not None})
    together = {
        value: cards for value, cards in _sharing(values, select, kind, most + 1) if len(cards) <= most
    }
    return {
        (min(card, other), max(card, other))
        for card, some in of.items()
        for value in some
        for other in together.get(value, ())
        if other != card
    }


def _sharing(values: list[Any], select: str, kind: str, most: int) -> Iterable[tuple[Any, Sequence[int]]]:
    """Of each value the cards that have it, ``most`` of them at most; one statement."""
    if not values:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            inner = select.format("v")
            cursor.execute(f"SELECT v, ARRAY({inner} LIMIT {most}) FROM unnest(%s::{kind}[]) AS v", [values])
            return cursor.fetchall()
        inner = select.format("given.value")
        column = inner.split()[1].rpartition(".")[2]
        cursor.execute(
            f"SELECT value, (SELECT json_group_array({column}) FROM ({inner} LIMIT {most})) FROM json_each(%s) AS given",
            [json.dumps(values)],
        )
        return [(value, json.loads(cards)) for value, cards in cursor.fetchall()]
