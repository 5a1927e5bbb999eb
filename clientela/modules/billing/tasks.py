"""Jobs of the billing module."""

import logging
from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.billing import operations

log = logging.getLogger(__name__)


def look_after(run: Run) -> dict[str, Any]:
    """Ask acquirers about what they have not told, and register receipts that wait; the job tells what hangs."""
    now = timezone.now()
    found = operations.look_after(now=now)
    if found["hang"]:
        log.warning("billing.hanging", extra={"attempts": found["hang"]})
    return {
        **{f"attempts_{state}": count for state, count in sorted(found.items())},
        "refunds": operations.look_after_refunds(now=now),
        "receipts": operations.make_waiting_receipts(now=now),
    }
