"""What the module asks of a telephone exchange, in our own words.

An exchange moves *lines* (one person's connection each) in and out of *rooms* (those who hear each other). It decides
nothing: who is rung, queued, joined or parted is said by `operations`, which answer what the exchange tells.

Ids of lines that we ring, of rooms, prompts and recordings are ours, chosen before the exchange is asked, so that a
request repeated after a crash does nothing twice. Every request may be repeated; one about a line that has ended does
nothing. All moments are UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable


class ExchangeDown(Exception):
    """The exchange cannot be reached; nothing of the request was done, or it cannot be known and may be repeated."""


class Ending(StrEnum):
    """How a line ended, whatever the network calls it."""

    NORMAL = "normal"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    WRONG_NUMBER = "wrong_number"
    CONGESTION = "congestion"
    FAILED = "failed"


Who = Literal["person", "machine", "unknown"]


@dataclass(frozen=True, slots=True)
class LineArrived:
    """Somebody calls us. ``to`` is the number they dialled, ``from_`` their E.164 number or empty when withheld."""

    line: str
    from_: str
    to: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LineRinging:
    """A line we ring has begun to ring."""

    line: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LineAnswered:
    """A line we ring was picked up. ``who`` where the exchange was asked to listen for an answering machine."""

    line: str
    at: datetime
    who: Who = "unknown"


@dataclass(frozen=True, slots=True)
class LineEnded:
    """A line is gone, for good. ``cause`` keeps the network's own word, e.g. ``SIP 486``."""

    line: str
    at: datetime
    ending: Ending
    cause: str = ""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One of 0–9, ``*``, ``#``."""

    line: str
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PromptEnded:
    """What was played to a line is over; ``whole`` is False when it was stopped or could not be played."""

    line: str
    prompt: str
    at: datetime
    whole: bool = True


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """A recording is complete and may be fetched; ``seconds`` is its length."""

    recording: str
    at: datetime
    seconds: int


Told = LineArrived | LineRinging | LineAnswered | LineEnded | KeyPressed | PromptEnded | RecordingEnded


@dataclass(frozen=True, slots=True)
class LiveLine:
    """A line the exchange has now; ``room`` is empty when it is in none.

    ``arrived`` tells of one that called us how it came: the exchange may have told it while nobody could store it.
    """

    line: str
    room: str
    answered: bool
    arrived: LineArrived | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """A line to be rung.

    ``to`` is an E.164 number, or ``desk:<station>`` for the telephone of a person who works here. ``caller_id`` is the
    number shown. The line ends by itself when nobody picks up for ``seconds``. ``detect_machine`` asks the exchange to
    listen whether an answering machine spoke before it tells that the line was answered.
    """

    line: str
    to: str
    caller_id: str = ""
    caller_name: str = ""
    seconds: int = 30
    detect_machine: bool = False


class Desk(Protocol):
    """Where an exchange tells what happens.

    One call at a time for one line, in the order things happened; calls for different lines may come from different
    threads. When a call returns, what was told is stored for good. What was told while nobody listened is lost:
    after `start` and after each lost connection the exchange calls `connected` first, with what is alive.
    """

    def connected(self, lines: Sequence[LiveLine]) -> None: ...

    def tell(self, event: Told) -> None: ...


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """What the exchange itself wrote down about a line that is over. ``arrived``: it called us."""

    line: str
    from_: str
    to: str
    arrived: bool
    began_at: datetime
    answered_at: datetime | None
    ended_at: datetime


@runtime_checkable
class KeepsRecords(Protocol):
    """An exchange whose own records can be read."""

    def records(self, *, since: datetime) -> Sequence[ExchangeRecord]:
        """Lines that ended at ``since`` or later, the oldest first. Raises `ExchangeDown`."""


class Exchange(Protocol):
    """A telephone exchange. Requests return at once; what came of them is told to the desk."""

    def start(self, desk: Desk) -> None:
        """Connect in the background, stay connected, and begin to tell `desk`. Returns at once."""

    def ring(self, ring: Ring) -> None:
        """Ring a line. A repeated request for a line that exists does nothing."""

    def answer(self, line: str) -> None:
        """Pick up a line that arrived.

        For a line that rings at a desk: lift its handset where the exchange can do that for the person (the local one,
        whose telephones are our pages), else do nothing.
        """

    def hang_up(self, line: str, ending: Ending = Ending.NORMAL) -> None:
        """End a line; the other side is told the reason where it has not been answered yet."""

    def play(self, line: str, prompt: str, sounds: Sequence[str], *, again: bool = False) -> None:
        """Play sounds one after another to one line; ``again`` repeats them until `silence`. A new prompt stops the old.

        A sound is the name of a stored file (`SoundStore`); the adapter fetches it when the exchange lacks it.
        """

    def silence(self, line: str) -> None:
        """Stop what is played to a line."""

    def join(self, room: str, lines: Sequence[str]) -> None:
        """Let these lines hear each other; the room is made where there is none. Lines leave the room they were in."""

    def part(self, line: str, *, music: bool) -> None:
        """Take a line out of its room, alive; with ``music`` it hears music meanwhile (hold)."""

    def press(self, line: str, keys: str) -> None:
        """Send key presses to the other side of a line."""

    def listen(self, listener: str, line: str, *, whisper: bool) -> None:
        """Let the line ``listener`` hear what ``line`` hears and says; with ``whisper`` only ``line`` hears it speak."""

    def record(self, room: str, recording: str) -> None:
        """Record a room from now on. A repeated request does nothing."""

    def stop_recording(self, recording: str) -> None: ...

    def fetch_recording(self, recording: str) -> bytes:
        """The audio of a complete recording as WAV. Raises `LookupError` when there is none, `ExchangeDown`."""

    def forget_recording(self, recording: str) -> None:
        """Delete a recording from the exchange; one that is gone is no fault."""

    def close(self) -> None:
        """Disconnect and stop the threads; calls that are joined go on. Safe to call twice."""


class Softphones(Protocol):
    """Gives a person's browser what it needs to be a telephone of the exchange."""

    server: str
    """Where browsers register; empty where the exchange has no telephones in browsers."""

    def account(self, station: str) -> "SoftphoneAccount | None":
        """None where the exchange has no telephones in browsers. Raises `ExchangeDown`."""


@dataclass(frozen=True, slots=True)
class SoftphoneAccount:
    """Where a browser registers (``wss://…``), as whom, and with which secret; valid until ``until``."""

    server: str
    address: str
    user: str
    secret: str
    until: datetime


class Voice(Protocol):
    """The program that speaks what nobody recorded."""

    @property
    def program(self) -> str: ...

    @property
    def is_there(self) -> bool:
        """Whether it is installed; without it callers hear only what was recorded."""


class SoundStore(Protocol):
    """The sounds that may be played: recorded, synthesised or shipped."""

    def wav(self, sound: str) -> bytes:
        """8 kHz, 16 bit, one channel. Raises `LookupError`."""
