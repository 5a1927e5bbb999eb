"""What the robot asks of others, in our own words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hearing:
    """Words of a client with the recogniser's confidence, 0 … 1."""

    text: str
    confidence: float


class Recogniser(Protocol):
    """Turns what a line says into words while the robot listens. None is bundled: keys always work."""

    def listen(self, line: str, *, language: str, heard: Callable[[Hearing], None]) -> None:
        """Tell `heard` what is said on this line from now on, until `stop`. Returns at once."""

    def stop(self, line: str) -> None: ...


class People(Protocol):
    """Whoever gives a line to a person."""

    def take(self, *, line: str, client_id: int, robot_call_id: int) -> bool:
        """Take the line over in the caller's transaction. False when nobody can: the robot says good-bye itself."""
