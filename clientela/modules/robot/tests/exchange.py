"""A telephone network in memory: the far end of the robot's calls, moved by the test."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from clientela.modules.calls.ports import (
    Ending,
    KeyPressed,
    LineAnswered,
    LineEnded,
    LiveLine,
    PromptEnded,
    Ring,
    Who,
)
from clientela.modules.robot.operations.desk import RobotDesk
from clientela.modules.robot.operations.talking import words_of


class Town:
    """Lines that ring until the test picks them up. Every request is noted; a repeated one does nothing twice."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.desk = RobotDesk(self, clock=clock)  # type: ignore[arg-type]
        self.rung: dict[str, Ring] = {}
        self.playing: dict[str, str] = {}
        self.heard: list[str] = []
        self.parted: list[str] = []

    def ring(self, ring: Ring) -> None:
        self.rung.setdefault(ring.line, ring)

    def play(self, line: str, prompt: str, sounds: Sequence[str], *, again: bool = False) -> None:
        self.playing[line] = prompt
        self.heard += [words_of(sound) for sound in sounds]

    def hang_up(self, line: str, ending: Ending = Ending.NORMAL) -> None:
        if line not in self.parted:
            self.parted.append(line)
            self.desk.tell(LineEnded(line, self.now, ending))

    @property
    def now(self) -> datetime:
        moment: datetime = self.clock()
        return moment

    @property
    def line(self) -> str:
        """The line that was rung last."""
        return list(self.rung)[-1]

    def answer(self, who: Who = "person") -> None:
        self.desk.tell(LineAnswered(self.line, self.now, who))

    def listen(self) -> None:
        """Hear what is being said to its end."""
        self.desk.tell(PromptEnded(self.line, self.playing[self.line], self.now))

    def press(self, keys: str) -> None:
        """Each key is pressed when the question is said; what is said before it is heard out."""
        for key in keys:
            self.desk.tell(KeyPressed(self.line, key, self.now))

    def end(self, ending: Ending = Ending.NORMAL) -> None:
        self.desk.tell(LineEnded(self.line, self.now, ending, f"test {ending}"))

    def live(self) -> list[LiveLine]:
        return [LiveLine(line, "", True) for line in self.rung if line not in self.parted]
