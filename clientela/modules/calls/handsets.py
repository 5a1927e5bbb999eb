"""The telephones of an exchange that has them itself: the local one of the demo, whose telephones are our pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class Handset:
    """What a telephone shows: ``caller`` is who rings it or whom it called; ``said`` are (ours, text)."""

    line: str
    number: str
    caller: str
    arrived: bool
    up: bool
    music: bool
    with_others: bool
    since: datetime
    said: list[tuple[bool, str]]


@runtime_checkable
class Handsets(Protocol):
    """What people do with such telephones."""

    def call(self, from_: str, to: str) -> str:
        """Dial a number of ours; returns the line."""

    def pick_up(self, line: str) -> None: ...

    def put_down(self, line: str) -> None: ...

    def dial(self, line: str, key: str) -> None:
        """Press a key while talking."""

    def handsets(self, number: str) -> list[Handset]:
        """What the telephone with this number shows now, the oldest line first."""
