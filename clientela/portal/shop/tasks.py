"""What the worker does for the shop."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.portal.shop.operations import forget, left


def look_after(run: Run) -> dict[str, Any]:
    """Have people called who left in the middle; forget what is over."""
    asked = 0
    while found := left(now=timezone.now()):
        asked += found
        run.check()
    return {"requests": asked, "forgotten": forget(now=timezone.now())}
