"""The way to a person's browser."""

from collections.abc import Callable
from datetime import datetime

Pusher = Callable[..., object]
_pushers: list[Pusher] = []


def push_by(pusher: Pusher) -> None:
    """``pusher(person_id, title=, body=, url=, now=)`` brings a notice to the person's browsers (config/subscriptions)."""
    _pushers[:] = [pusher]


def push(person_id: int, *, title: str, body: str, now: datetime) -> None:
    """Send a notice that leads to the calendar, inside the transaction that causes it; nothing where nobody pushes."""
    for pusher in _pushers:
        pusher(person_id, title=title, body=body, url="/calendar/", now=now)
