"""Calls that other modules ask of a person: each gives its own to the queue of the day.

A module adds its source once, when the apps are ready: ``add(my_source)``. What a source gives stands among the calls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from clientela.modules.clients.models import Client


@dataclass(frozen=True)
class ToCall:
    """Somebody to be called. ``verb`` is «Call back», ``detail`` says why; ``until`` is when it becomes late.

    ``dial`` is what ``calls:dial`` is asked for, ``close_url`` a dialog that takes the result. ``ids`` name the record
    for other programs, as ``{"call_back_id": 12}``: the first of them makes the task's key.
    """

    ids: Mapping[str, int]
    verb: str
    client: Client | None
    number: str
    detail: str
    since: datetime
    until: datetime | None
    open_url: str
    close_url: str
    dial: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        name, number = next(iter(self.ids.items()))
        return f"{name.removesuffix('_id').replace('_', '-')}-{number}"


class Source(Protocol):
    """Whom this person is to call, the most urgent first, at most ``most``; and how many there are in all.

    Reads from ``visible_to(user)``; nothing for who may not do it.
    """

    def __call__(self, user: Any, *, now: datetime, most: int) -> tuple[Sequence[ToCall], int]: ...


_SOURCES: list[Source] = []


def add(source: Source) -> None:
    """Let the queue of the day ask this source."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def to_call(user: Any, *, now: datetime, most: int) -> tuple[list[ToCall], int]:
    """What all sources give this person, and how many there are in all."""
    rows: list[ToCall] = []
    count = 0
    for source in _SOURCES:
        some, whole = source(user, now=now, most=most)
        rows += some
        count += whole
    return rows, count
