"""What happened to alerts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AlertRaised:
    """Something came for these people: their open pages ask what."""

    people: list[int]
