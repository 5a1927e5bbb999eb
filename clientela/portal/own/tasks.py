"""What the worker does for the own pages."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.claims.operations import forget_notices
from clientela.portal.own.operations import forget


def look_after(run: Run) -> dict[str, Any]:
    """Forget visits that are long over, and notices of losses that nobody goes on with."""
    now = timezone.now()
    return {"forgotten": forget(now=now), "notices": forget_notices(now=now)}
