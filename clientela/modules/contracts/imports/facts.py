"""Facts on the cards that were there before an import and got policies or contacts from it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import chain, islice

import polars as pl
from django.db.models import QuerySet

from clientela.foundation.imports.models import Change, ImportRun
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument
from clientela.modules.clients.operations import refresh_completeness
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import refresh_portfolio_facts

BATCH = 20_000


def refresh(
    touched: Iterable[int], *, now: datetime, tick: Callable[[], None], emptied: bool = False
) -> None:
    """Portfolio facts of the ``touched`` cards, of ``emptied`` ones their completeness too.

    New cards were written with theirs (``newcards``).
    """
    ids = iter(touched)
    while batch := list(islice(ids, BATCH)):
        refresh_portfolio_facts(now=now, client_ids=batch)
        if emptied:
            refresh_completeness(batch)
        tick()


def count_filled(filled: list[pl.Series], *, among: pl.Series) -> None:
    """Completeness of the cards ``among`` these that a chunk has ``filled``."""
    if filled:
        ids = pl.concat(filled).unique()
        refresh_completeness(ids.filter(ids.is_in(among.implode())))


def left_behind(run: ImportRun) -> Iterable[int]:
    """Cards that will still be there when a run is undone, or may be: those it did not make itself."""

    def changed(model: type) -> QuerySet[Change, int]:
        return run.changes.filter(table=model._meta.db_table).values_list("object_id", flat=True)  # type: ignore[attr-defined]

    others = [
        changed(Client),
        Policy.objects.filter(id__in=changed(Policy)).values_list("client_id", flat=True),
        *(
            model.objects.filter(import_run=run)
            .exclude(client__import_run=run)
            .values_list("client_id", flat=True)
            for model in (Policy, ContactPoint, Address, IdentityDocument)
        ),
    ]
    return sorted(set(chain.from_iterable(source.iterator(chunk_size=BATCH) for source in others)))


def kept(run: ImportRun) -> Iterable[int]:
    """Cards of a run that its undo had to leave."""
    return Client.objects.filter(import_run=run).order_by("id").values_list("id", flat=True)
