"""Why work is somebody's, or nobody's yet: a code with the facts its sentence needs."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Why(StrEnum):
    """What was decided."""

    OWNER = "owner"
    STANDS_IN = "stands_in"
    STAYS = "stays"
    TAKEN = "taken"
    GIVEN = "given"
    QUEUE_OF_CENTRE = "queue_of_centre"
    QUEUE_OF_BRANCH = "queue_of_branch"
    QUEUE_OF_COMPANY = "queue_of_company"
    SHARED_ADDRESS = "shared_address"
    OWNER_NOT_FREE = "owner_not_free"
    BY_SKILL = "by_skill"
    BY_SHARE = "by_share"
    OVERFLOWED = "overflowed"
    TAKEN_BACK = "taken_back"
    DECLINED = "declined"
    ESCALATED = "escalated"
    ACCEPTED = "accepted"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its facts."""

    why: Why
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"why": self.why.value, **self.facts}


_QUEUES = {
    "centre": Why.QUEUE_OF_CENTRE, "branch": Why.QUEUE_OF_BRANCH, "sales": Why.QUEUE_OF_BRANCH,
    "company": Why.QUEUE_OF_COMPANY,
}  # fmt: skip


def queue_reason(queue: str, name: str) -> Reason:
    """Work waits in ``queue`` (centre:ID, branch:ID or company)."""
    return Reason(_QUEUES[queue.partition(":")[0]], {"name": name} if name else {})
