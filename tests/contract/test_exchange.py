"""What every exchange does, whoever makes it.

To join, an adapter adds its name to ``EXCHANGES`` and a function that yields a ``Network``: the exchange and somebody
outside who can call, pick up, press keys and hang up.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest

from clientela.integrations.local.exchange import LocalExchange
from clientela.modules.calls.ports import (
    Ending,
    Exchange,
    KeyPressed,
    LineAnswered,
    LineArrived,
    LineEnded,
    LineRinging,
    LiveLine,
    PromptEnded,
    RecordingEnded,
    Ring,
    Told,
)

OUR = "+78432000900"
CLIENT = "+79170004108"
PATIENCE = 10.0


class Outside(Protocol):
    """The people with telephones."""

    def call(self, from_: str, to: str) -> None: ...
    def pick_up(self, number: str) -> None: ...
    def press(self, number: str, key: str) -> None: ...
    def hang_up(self, number: str) -> None: ...
    def decline(self, number: str) -> None: ...


@dataclass
class Network:
    exchange: Exchange
    outside: Outside


class LocalOutside:
    """Telephones of the local exchange."""

    def __init__(self, exchange: LocalExchange) -> None:
        self.exchange = exchange

    def _line(self, number: str) -> str:
        return self.exchange.handsets(number)[0].line

    def call(self, from_: str, to: str) -> None:
        self.exchange.call(from_, to)

    def pick_up(self, number: str) -> None:
        self.exchange.pick_up(self._line(number))

    def press(self, number: str, key: str) -> None:
        self.exchange.dial(self._line(number), key)

    def hang_up(self, number: str) -> None:
        self.exchange.put_down(self._line(number))

    decline = hang_up


@contextmanager
def local(request: pytest.FixtureRequest) -> Iterator[Network]:
    path = request.getfixturevalue("tmp_path") / "exchange.sqlite3"
    exchange = LocalExchange(path, words=lambda sound: "один два три")
    yield Network(exchange, LocalOutside(exchange))


EXCHANGES: dict[str, Any] = {"local": local}


@dataclass
class Listener:
    """A desk that remembers."""

    told: list[Told] = field(default_factory=list)
    alive: list[list[LiveLine]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def connected(self, lines: Sequence[LiveLine]) -> None:
        with self.changed:
            self.alive.append(list(lines))
            self.changed.notify_all()

    def tell(self, event: Told) -> None:
        with self.changed:
            self.told.append(event)
            self.changed.notify_all()

    def wait(self, kind: type, line: str | None = None) -> Any:
        """The first such word, told by now or within ``PATIENCE``."""

        def found() -> Any:
            return next(
                (e for e in self.told if isinstance(e, kind) and line in (None, getattr(e, "line", None))),
                None,
            )

        with self.changed:
            assert self.changed.wait_for(found, PATIENCE), f"no {kind.__name__} of {line} in {self.told}"
            return found()

    def wait_connected(self, times: int = 1) -> list[LiveLine]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.alive) >= times, PATIENCE)
            return self.alive[-1]


@pytest.fixture(params=list(EXCHANGES))
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    with EXCHANGES[request.param](request) as made:
        yield made
        made.exchange.close()


@pytest.fixture
def heard(network: Network) -> Listener:
    listener = Listener()
    network.exchange.start(listener)
    assert listener.wait_connected() == []
    return listener


def arrive(network: Network, heard: Listener) -> str:
    network.outside.call(CLIENT, OUR)
    line: str = heard.wait(LineArrived).line
    network.exchange.answer(line)
    return line


def test_a_caller_is_told_answered_heard_and_let_go(network: Network, heard: Listener) -> None:
    line = arrive(network, heard)
    came = heard.wait(LineArrived)
    assert (came.from_, came.to, came.at.tzinfo is not None) == (CLIENT, OUR, True)
    network.exchange.play(line, "menu", ["greeting"])
    network.outside.press(CLIENT, "2")
    assert heard.wait(KeyPressed, line).key == "2"
    assert heard.wait(PromptEnded, line).prompt == "menu"
    network.exchange.hang_up(line)
    network.exchange.hang_up(line)
    assert heard.wait(LineEnded, line).ending == Ending.NORMAL


def test_a_caller_hangs_up(network: Network, heard: Listener) -> None:
    line = arrive(network, heard)
    network.outside.hang_up(CLIENT)
    assert heard.wait(LineEnded, line).ending == Ending.NORMAL


def test_a_line_we_ring_rings_and_is_picked_up_once(network: Network, heard: Listener) -> None:
    ring = Ring("ours-1", CLIENT, caller_id=OUR, seconds=20)
    network.exchange.ring(ring)
    network.exchange.ring(ring)
    heard.wait(LineRinging, "ours-1")
    network.outside.pick_up(CLIENT)
    heard.wait(LineAnswered, "ours-1")
    network.exchange.hang_up("ours-1")
    heard.wait(LineEnded, "ours-1")
    assert [type(event) for event in heard.told].count(LineAnswered) == 1


@pytest.mark.parametrize("decline", [True, False], ids=["declined", "let ring"])
def test_a_line_that_nobody_takes_tells_why(network: Network, heard: Listener, decline: bool) -> None:
    network.exchange.ring(Ring("ours-2", CLIENT, caller_id=OUR, seconds=20 if decline else 1))
    heard.wait(LineRinging, "ours-2")
    if decline:
        network.outside.decline(CLIENT)
    ended = heard.wait(LineEnded, "ours-2")
    assert ended.ending in ({Ending.REJECTED, Ending.BUSY} if decline else {Ending.NO_ANSWER})
    assert not any(isinstance(event, LineAnswered) for event in heard.told)


def test_two_lines_are_joined_parted_and_recorded(network: Network, heard: Listener) -> None:
    line = arrive(network, heard)
    network.exchange.ring(Ring("ours-3", "+79170004109", caller_id=OUR))
    heard.wait(LineRinging, "ours-3")
    network.outside.pick_up("+79170004109")
    heard.wait(LineAnswered, "ours-3")
    network.exchange.join("room-3", [line, "ours-3"])
    network.exchange.record("room-3", "recording-3")
    network.exchange.record("room-3", "recording-3")
    time.sleep(1.1)
    network.exchange.stop_recording("recording-3")
    assert heard.wait(RecordingEnded).recording == "recording-3"
    assert network.exchange.fetch_recording("recording-3")[:4] == b"RIFF"
    network.exchange.forget_recording("recording-3")
    network.exchange.forget_recording("recording-3")
    with pytest.raises(LookupError):
        network.exchange.fetch_recording("recording-3")
    network.exchange.part(line, music=True)
    network.outside.hang_up("+79170004109")
    heard.wait(LineEnded, "ours-3")
    assert not any(isinstance(event, LineEnded) and event.line == line for event in heard.told)


def test_what_is_alive_is_told_to_the_next_desk(network: Network, heard: Listener) -> None:
    line = arrive(network, heard)
    network.exchange.close()
    network.exchange.close()
    second = Listener()
    network.exchange.start(second)
    assert [(one.line, one.answered) for one in second.wait_connected()] == [(line, True)]
    network.outside.hang_up(CLIENT)
    second.wait(LineEnded, line)


def test_requests_about_a_line_that_is_gone_do_nothing(network: Network, heard: Listener) -> None:
    exchange = network.exchange
    exchange.answer("gone")
    exchange.play("gone", "p", ["greeting"])
    exchange.silence("gone")
    exchange.part("gone", music=False)
    exchange.press("gone", "1")
    exchange.hang_up("gone")
    exchange.stop_recording("gone")
    line = arrive(network, heard)
    assert line
    assert not any(isinstance(event, LineEnded) for event in heard.told)
