"""What the worker does for tests."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.book.operations.training import close_overdue


def close(run: Run) -> dict[str, Any]:
    """Mark the attempts whose time is over."""
    closed = 0
    while found := close_overdue(now=timezone.now()):
        closed += found
        run.check()
        run.progress(done=closed)
    return {"closed": closed}
