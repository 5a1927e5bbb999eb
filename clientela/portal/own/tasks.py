"""What the worker does for the own pages."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.portal.own.operations import forget


def look_after(run: Run) -> dict[str, Any]:
    """Forget visits that are long over."""
    return {"forgotten": forget(now=timezone.now())}
