"""Jobs of the quality module."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.quality.operations import ask_due
from clientela.modules.quality.operations.asking import BATCH


def ask(run: Run) -> dict[str, Any]:
    """Ask every client whose hour has come."""
    asked = 0
    while some := ask_due(now=timezone.now()):
        asked += some
        run.progress(done=asked, force=False)
        run.check()
        if some < BATCH:
            break
    return {"looked_at": asked}
