"""Jobs of rent: the safety net of the night under the handlers."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run, by_ids
from clientela.modules.renewals.models import SelfRenewal
from clientela.modules.rent import operations
from clientela.modules.rent.models import Rent

SLICE = 500


def build(run: Run) -> dict[str, Any]:
    """Write the rents that no event told of."""

    def part(first: int, last: int) -> int:
        return operations.build_missing(now=timezone.now(), first=first, last=last)

    return {"built": by_ids(run, SelfRenewal, part, size=SLICE)}


def follow(run: Run) -> dict[str, Any]:
    """Let the rents follow the money that no event told of, and the rates that were set since."""

    def part(first: int, last: int) -> int:
        return operations.follow_missing(now=timezone.now(), first=first, last=last)

    return {"followed": by_ids(run, Rent, part, size=SLICE)}
