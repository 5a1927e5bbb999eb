"""Jobs of the resolution module."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.resolution.operations import find_pairs


def find(run: Run) -> dict[str, Any]:
    """Look for people with more than one card over the whole base."""
    return find_pairs(run, now=timezone.now())
