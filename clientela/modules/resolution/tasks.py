"""Jobs of the resolution module."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.resolution.operations import find_pairs, join_certain, take_joins_back


def find(run: Run) -> dict[str, Any]:
    """Look for clients with more than one card over the whole base."""
    return find_pairs(run, now=timezone.now())


def join(run: Run) -> dict[str, Any]:
    """Join what the rules let join without a person."""
    return join_certain(run, now=timezone.now())


def unjoin(run: Run) -> dict[str, Any]:
    """Take what a run joined apart again."""
    return take_joins_back(run, now=timezone.now())
