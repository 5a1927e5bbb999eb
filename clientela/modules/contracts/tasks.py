"""Jobs of the contracts module."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.contracts.operations import refresh_portfolio_facts


def refresh_facts(run: Run) -> dict[str, Any]:
    """Nightly: cover begins and ends without an event, prospects cool down."""
    return {"changed": refresh_portfolio_facts(now=timezone.now())}
