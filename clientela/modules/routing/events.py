"""What happened to work and to people at work."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkMoved:
    """Routing gave these pieces of work of one kind to other people, or to a queue, by itself."""

    kind: str
    ref_ids: list[int]


@dataclass(frozen=True)
class WorkEscalated:
    """Nobody answered in time: ``user_id`` is told, once."""

    kind: str
    ref_id: int
    user_id: int


@dataclass(frozen=True)
class StationChanged:
    """A person declared another state, or a head changed what the person takes."""

    user_id: int
