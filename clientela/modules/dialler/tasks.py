"""What the worker does for calling lists by itself."""

from datetime import datetime

from clientela.modules.dialler.operations.returning import close_late, give_back


def tend(*, now: datetime) -> int:
    """Bring back what silent people had in hand, end what is too late; returns how many entries moved."""
    return give_back(now=now) + close_late(now=now)
