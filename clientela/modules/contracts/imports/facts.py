"""Facts on the cards that were there before an import and got policies or contacts from it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice

from clientela.foundation.imports.models import ImportRun
from clientela.modules.clients.operations import refresh_completeness
from clientela.modules.contracts.operations import refresh_portfolio_facts

BATCH = 20_000


def refresh(run: ImportRun, touched: Iterable[int], *, now: datetime, tick: Callable[[], None]) -> None:
    """Portfolio facts and completeness of the ``touched`` cards; after an undo the facts of all.

    New cards were written with their facts (``newcards``).
    """
    if run.state in {ImportRun.State.UNDOING, ImportRun.State.UNDONE}:
        refresh_portfolio_facts(now=now)
        return
    ids = iter(touched)
    while batch := list(islice(ids, BATCH)):
        refresh_portfolio_facts(now=now, client_ids=batch)
        refresh_completeness(batch)
        tick()
