"""Jobs of the module."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.group.operations.forgetting import expire


def run_expiry(job: Run) -> dict[str, Any]:
    """Remove what ran out."""
    return expire(now=timezone.now())
