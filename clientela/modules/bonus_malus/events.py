"""What happened to classes of drivers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClassKnown:
    """The class of a driver is known, or has become another one; ``driver_key`` is ``Driver.key``."""

    lookup_id: int
    driver_key: str
    client_id: int | None
    on: str
    klass: str
    previous_klass: str


@dataclass(frozen=True)
class DisputeMoved:
    """A dispute of a class was opened, sent, answered or taken back."""

    dispute_id: int
    client_id: int
    state: str
