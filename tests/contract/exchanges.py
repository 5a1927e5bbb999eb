"""The telephone exchanges as the contract sees them: a desk that listens, sounds, and the time to wait for a word."""

import io
import threading
import wave
from collections.abc import Sequence
from typing import TypeVar

from clientela.modules.calls.ports import LiveLine, Told

T = TypeVar("T")


def loud(seconds: float) -> bytes:
    """A WAV of a loud tone."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(
            b"".join(
                (12000 if n // 8 % 2 else -12000).to_bytes(2, "little", signed=True)
                for n in range(int(8000 * seconds))
            )
        )
    return sound.getvalue()


def loudness(sound: bytes) -> float:
    """The part of a WAV's samples that is loud."""
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        frames = file.readframes(file.getnframes())
    samples = [int.from_bytes(frames[n : n + 2], "little", signed=True) for n in range(0, len(frames), 2)]
    return sum(abs(sample) > 2000 for sample in samples) / max(len(samples), 1)


class Sounds:
    """`SoundStore` with one short sound and one that takes half a minute."""

    def wav(self, sound: str) -> bytes:
        if sound.startswith("missing"):
            raise LookupError(sound)
        return loud(30 if sound == "long" else 0.3)


class ListeningDesk:
    """`Desk` that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.alive: list[Sequence[LiveLine]] = []
        self.failures = 0
        self._news = threading.Condition()

    def connected(self, lines: Sequence[LiveLine]) -> None:
        with self._news:
            self.alive.append(lines)
            self._news.notify_all()

    def tell(self, event: Told) -> None:
        with self._news:
            if self.failures:
                self.failures -= 1
                raise RuntimeError("the database is away")
            self.told.append(event)
            self._news.notify_all()

    def of(self, kind: type[T], line: str = "") -> list[T]:
        told = [event for event in self.told if isinstance(event, kind)]
        return [event for event in told if not line or getattr(event, "line", "") == line]

    def next(self, kind: type[T], line: str = "", *, count: int = 1, seconds: float = 40) -> T:
        """The ``count``-th word of a kind, once it has come. Raises `TimeoutError`."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.of(kind, line)) >= count, seconds):
                raise TimeoutError(f"{kind.__name__} {line} did not come: {self.told}")
            return self.of(kind, line)[count - 1]

    def connections(self, count: int, seconds: float = 40) -> Sequence[LiveLine]:
        with self._news:
            if not self._news.wait_for(lambda: len(self.alive) >= count, seconds):
                raise TimeoutError(f"{len(self.alive)} connections, not {count}")
            return self.alive[count - 1]
