"""Jobs of the contracts module."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run, by_ids
from clientela.modules.clients.models import Client
from clientela.modules.contracts.operations import bring_in_due, refresh_portfolio_facts

SLICE = 5_000  # clients: some tenths of a second


def refresh_facts(run: Run) -> dict[str, Any]:
    """Nightly: cover begins and ends without an event, agreed changes come into force, prospects cool down."""
    now = timezone.now()
    bring_in_due(now=now)
    changed = by_ids(
        run, Client, lambda first, last: refresh_portfolio_facts(now=now, between=(first, last)), size=SLICE
    )
    return {"changed": changed}
