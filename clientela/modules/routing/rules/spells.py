"""How long people were in which state: pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

OFFLINE = "offline"
# Who is in one of these is at work for clients: what occupancy is counted of.
STAFFED = frozenset({"available", "busy"})


@dataclass(frozen=True, slots=True)
class Spell:
    """A state from ``begin`` up to ``end``."""

    state: str
    begin: datetime
    end: datetime


def spells(changes: Iterable[tuple[datetime, str]], begin: datetime, end: datetime) -> list[Spell]:
    """The states between two moments. ``changes`` are (moment, new state), the oldest first, one from before
    ``begin`` among them if there is any: before the first change the person is offline."""
    found: list[Spell] = []
    state, since = OFFLINE, begin
    for at, new in changes:
        at = min(max(at, begin), end)
        if at > since:
            found.append(Spell(state, since, at))
        state, since = new, at
    if end > since:
        found.append(Spell(state, since, end))
    return found


def times(some: Iterable[Spell]) -> dict[str, timedelta]:
    """How long each state lasted in all."""
    seconds: Counter[str] = Counter()
    for spell in some:
        seconds[spell.state] += int((spell.end - spell.begin).total_seconds())
    return {state: timedelta(seconds=value) for state, value in seconds.items()}


def staffed(some: Iterable[Spell]) -> timedelta:
    """How long the person was at work for clients: available or busy, whether a call came or not."""
    return sum((spell.end - spell.begin for spell in some if spell.state in STAFFED), timedelta())
