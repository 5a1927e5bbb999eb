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
