"""Which cards share a key with which: written for each card, read through indexes, never for a key of too many."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import ContactPoint, IdentityDocument
from clientela.modules.resolution.models import CardKeys

KEYS = ("k_birth_last", "k_birth_first", "k_year", "k_day", "k_name")
# As ``linking.LARGEST_BLOCK``: what more cards share says too little.
LARGEST_BLOCK = 50
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
            found |= _met(of, f"SELECT card FROM {CardKeys._meta.db_table} WHERE {name} = {{}}", "bigint")
        for name, kind in (("phones", "phone"), ("emails", "email")):
            of_points = {row["unique_id"]: row[name] for row in self.rows}
            found |= _met(of_points, _people(ContactPoint, f"p.kind = '{kind}' AND p.value = {{}}"), "text")
        papers = {row["unique_id"]: row["documents"] for row in self.rows}
        return found | _met(papers, _people(IdentityDocument, "p.number_index = {}"), "text")


def _people(model: Any, condition: str) -> str:
    return (
        f"SELECT p.client_id FROM {model._meta.db_table} p JOIN clients_client c ON c.id = p.client_id"
        f" WHERE {condition} AND c.kind = 'person'"
    )


def _met(of: Mapping[int, Iterable[Any]], select: str, kind: str) -> set[tuple[int, int]]:
    values = sorted({value for some in of.values() for value in some if value is not None})
    together = {
        value: cards for value, cards in _sharing(values, select, kind) if len(cards) <= LARGEST_BLOCK
    }
    return {
        (min(card, other), max(card, other))
        for card, some in of.items()
        for value in some
        for other in together.get(value, ())
        if other != card
    }


def _sharing(values: list[Any], select: str, kind: str) -> Iterable[tuple[Any, Sequence[int]]]:
    """Of each value the cards that have it, no more than one above the largest block; one statement."""
    if not values:
        return []
    most = LARGEST_BLOCK + 1
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
