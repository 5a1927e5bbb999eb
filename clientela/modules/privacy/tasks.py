"""Jobs of this module."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.privacy import operations


def export(run: Run) -> dict[str, Any]:
    """Gather all data of a person."""
    return operations.make_data(run)


def keep(run: Run) -> dict[str, Any]:
    """Let go what is kept long enough."""
    return dict(operations.keep_no_longer(now=timezone.now()))
