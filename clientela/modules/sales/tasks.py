"""Jobs of the sales module."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.sales.operations.advice import advise_all


def advise(run: Run) -> dict[str, Any]:
    """Nightly: who is advised what, by the rules, over the whole base."""
    return advise_all(now=timezone.now())
