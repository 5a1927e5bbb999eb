"""Every new or changed card against the base, within seconds: what is due is written with the change itself."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db import connection, models, transaction

from clientela.foundation.bulk import insert_rows, listed
from clientela.foundation.imports.models import Change
from clientela.foundation.jobs.models import Job
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument
from clientela.modules.resolution.models import BaseShape, CardKeys, DueCard, LinkModel, Pair
from clientela.modules.resolution.operations.finding import KIND, REVIEW, keep_pairs, queue_search
from clientela.modules.resolution.operations.joining import queue_joining
from clientela.modules.resolution.operations.keys import Neighbours, keep_keys
from clientela.modules.resolution.operations.reading import rows_of
from clientela.modules.resolution.operations.weights import for_base
from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.subjects import fits

BATCH = 200
# Of more due cards than this share of the base the whole run is the cheaper one, and it learns the names' frequencies.
SHARE, FEW = 20, 50
# The prior of a base in its first days says nothing yet.
SMALLEST = 50
# Which events make which cards due.
_CARDS = {
    "clients.ClientChanged": ("client_id",),
    "clients.ClientsMerged": ("client_id", "gone_client_id"),
    "clients.ClientsSeparated": ("client_id", "gone_client_id"),
}


def note_due(events: Iterable[tuple[int, str, Mapping[str, Any]]], *, now: datetime) -> None:
    """In the transaction that changes a card, write that it is due: neither a crash nor a rollback parts the two."""
    cards = {payload[name]: None for _id, event, payload in events for name in _CARDS.get(event, ())}
    insert_rows(DueCard, [{"card": card} for card in cards])


@transaction.atomic
def note_import_due(run: int) -> None:
    """The cards that an import made, changed or added to are due, in one statement."""
    parts = (ContactPoint, Address, IdentityDocument)
    changed = Change.objects.filter(run=run, table=Client._meta.db_table)
    made = Client.objects.filter(import_run=run).order_by().values("pk")
    told = [model._base_manager.filter(import_run=run).order_by().values("client_id") for model in parts]
    found, params = made.union(*told, changed.order_by().values("object_id")).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {DueCard._meta.db_table} (card) {found}", params)


class Overtaken(Exception):
    """Another worker has compared these cards meanwhile."""


class Comparer:
    """One worker's warm linker. ``turn`` takes a batch of due cards; nothing is lost when it dies half-way."""

    def __init__(self) -> None:
        self._near: Any = None
        self._maker: Any = None
        self._shape: tuple[Any, ...] = ()
        self._model: LinkModel | None = None

    def turn(self, *, now: datetime) -> int:
        """Compare up to ``BATCH`` due cards; returns how many notes were worked off, 0 where there is nothing to do."""
        due = dict(DueCard.objects.order_by("pk").values_list("pk", "card")[:BATCH])
        if not due or not self._prepare(now):
            return 0
        cards = set(due.values())
        rows = {row["unique_id"]: row for row in rows_of(cards)}
        digests = {card: _digest(row) for card, row in rows.items()}
        known = dict(CardKeys.objects.filter(pk__in=listed(cards)).values_list("pk", "compared"))
        fresh = [card for card in rows if known.get(card) != digests[card]]
        found = self._compare(fresh, rows) if fresh else []
        with suppress(Overtaken):
            # Pairs of companies are the whole run's.
            others = Client.objects.filter(pk__in=listed(cards), kind=Client.Kind.COMPANY)
            gone = cards - rows.keys() - set(others.values_list("pk", flat=True))
            self._write(due, fresh, gone, found, digests)
            if found:
                queue_joining(now)
        return len(due)

    def _prepare(self, now: datetime) -> bool:
        """Whether single cards may be compared now; makes the linker for the base as the last whole run saw it."""
        if Job.objects.filter(kind=KIND, state=Job.State.RUNNING).exists():
            return False
        shape = BaseShape.objects.values_list("pk", "made_at", "model", "cards").first()
        many = max(FEW, shape[3] // SHARE) if shape else 0
        if DueCard.objects.order_by("pk")[: many + 1].count() > many and queue_search(now):
            return False
        if shape is None:
            return False
        if shape != self._shape:
            self.close()
            from clientela.modules.resolution.near import KeyMaker, Near

            row = BaseShape.objects.select_related("model").get(pk=shape[0])
            # Weights of an older version of the product say nothing any more: the whole run makes new ones.
            if not fits(PEOPLE, row.model.parameters):
                queue_search(now)
                return False
            self._near = Near(for_base(row.model, max(row.cards, SMALLEST)), row.frequencies)
            self._maker, self._model, self._shape = KeyMaker(), row.model, shape
        return True

    def _compare(self, fresh: list[int], rows: dict[int, dict[str, Any]]) -> list[Any]:
        """Keys are written first: of two cards that two workers look at, one at least finds the other."""
        chosen = [rows[card] for card in fresh]
        keys = keep_keys(chosen, self._maker)
        pairs = Neighbours(chosen, keys).pairs()
        others = {card for pair in pairs for card in pair} - rows.keys()
        all_rows = rows | {row["unique_id"]: row for row in rows_of(others)}
        pairs = {pair for pair in pairs if pair[0] in all_rows and pair[1] in all_rows}
        if not pairs:
            return []
        used = {card for pair in pairs for card in pair}
        return list(self._near.score([all_rows[card] for card in used], sorted(pairs), REVIEW))

    @transaction.atomic
    def _write(
        self, due: dict[int, int], fresh: list[int], gone: set[int], found: list[Any], digests: dict[int, int]
    ) -> None:  # fmt: skip
        if DueCard.objects.filter(pk__in=listed(due)).delete()[0] < len(due):
            raise Overtaken
        assert self._model is not None
        keep_pairs(found, model=self._model, job=0)
        again = {(one.low, one.high) for one in found}
        looked = listed([*fresh, *gone])
        touched = Pair.objects.open().filter(models.Q(low_card__in=looked) | models.Q(high_card__in=looked))
        over = [
            pk for pk, *pair in touched.values_list("pk", "low_card", "high_card") if tuple(pair) not in again
        ]
        Pair.objects.open().filter(pk__in=listed(over)).delete()
        CardKeys.objects.bulk_create(
            [CardKeys(card=card, compared=digests[card]) for card in fresh],
            update_conflicts=True, unique_fields=["card"], update_fields=["compared"],
        )  # fmt: skip
        CardKeys.objects.filter(pk__in=listed(gone)).delete()

    def close(self) -> None:
        for one in (self._near, self._maker):
            if one is not None:
                one.close()
        self._near = self._maker = None
        self._shape = ()


def _digest(row: Mapping[str, Any]) -> int:
    told = repr(sorted(row.items())).encode()
    return int.from_bytes(blake2b(told, digest_size=8).digest(), signed=True)
