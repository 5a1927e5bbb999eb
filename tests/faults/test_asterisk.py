"""The exchange falls, the line to it breaks, we are killed: joined calls go on, and what is told afterwards is true."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from clientela.integrations.asterisk.adapter import AsteriskExchange
from clientela.integrations.asterisk.settings import read_settings
from clientela.modules.calls.ports import (
    ExchangeDown,
    LineAnswered,
    LineArrived,
    LineEnded,
    RecordingEnded,
    Ring,
)
from tests.contract.exchanges import ListeningDesk, Sounds
from tests.contract.networks import wait_until
from tests.servers.asterisk import Asterisk
from tests.servers.sip import Call, People

pytestmark = [pytest.mark.fault, pytest.mark.server]
ROOT = Path(__file__).resolve().parents[2]


class Wire:
    """A line to the exchange that can be cut."""

    def __init__(self, port: int) -> None:
        self._goal, self._cut = port, False
        self._ends: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if self._cut:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._goal))
            except OSError:
                near.close()
                continue
            self._ends += [near, far]
            for source, goal in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, goal), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, goal: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                goal.sendall(data)
        for end in (source, goal):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self._cut = True
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._cut = False

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        for end in [self._door, *self._ends]:
            end.close()


@pytest.fixture
def wire(asterisk: Asterisk) -> Iterator[Wire]:
    wire = Wire(asterisk.http)
    yield wire
    wire.close()


@pytest.fixture
def desk() -> ListeningDesk:
    return ListeningDesk()


@pytest.fixture
def exchange(asterisk: Asterisk, wire: Wire, desk: ListeningDesk) -> Iterator[AsteriskExchange]:
    settings = replace(
        read_settings(asterisk.settings()), url=f"http://127.0.0.1:{wire.port}", backoff=(0.05, 0.2)
    )
    exchange = AsteriskExchange(settings, Sounds())
    exchange.start(desk)
    desk.connections(1)
    yield exchange
    exchange.close()


def _joined(exchange: AsteriskExchange, desk: ListeningDesk, people: People) -> tuple[Call, Call, str]:
    arrived = len(desk.of(LineArrived))  # counted before the call: the word may come while it is set up
    caller = people.call("74951234567")
    client = desk.next(LineArrived, count=arrived + 1).line
    exchange.answer(client)
    exchange.ring(Ring(f"desk-{client}", "desk:7200"))
    desk.next(LineAnswered, f"desk-{client}")
    exchange.join("room", [client, f"desk-{client}"])
    anna = people.rung("desk-7200").wait("talking")
    caller.wait("talking").talk()
    wait_until(anna.hears)
    return caller, anna, client


def test_the_line_to_the_exchange_breaks(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People, wire: Wire
) -> None:
    caller, anna, client = _joined(exchange, desk, people)
    other = people.call("74951234568", from_="79160000002")
    desk.next(LineArrived, count=2)
    exchange.record("room", "broken")
    told = len(desk.told)

    wire.cut()
    wait_until(lambda: not exchange.connected)
    with pytest.raises(ExchangeDown):
        exchange.ring(Ring("nobody", "+79990000200"))
    other.hang_up()  # nobody is told of this
    turned_away = people.call("74951234569", from_="79160000003").wait("over")
    wait_until(anna.hears)
    wire.mend()

    alive = {live.line: live for live in desk.connections(2)}
    assert turned_away.code == 503
    assert set(alive) == {client, f"desk-{client}"}
    assert [(live.room, live.answered) for live in alive.values()] == [("room", True)] * 2
    arrived = alive[client].arrived
    assert arrived is not None
    assert (arrived.from_, arrived.to) == ("+79161112233", "+74951234567")
    caller.hang_up()
    desk.next(LineEnded, client)
    exchange.hang_up(f"desk-{client}")
    desk.next(LineEnded, f"desk-{client}")
    assert desk.next(RecordingEnded).recording == "broken"
    exchange.forget_recording("broken")
    assert len(desk.told) == told + 3


def test_the_exchange_falls(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People, asterisk: Asterisk
) -> None:
    _joined(exchange, desk, people)

    asterisk.crash()
    wait_until(lambda: not exchange.connected)
    asterisk.come_back()

    assert list(desk.connections(2)) == []
    _, _, client = _joined(exchange, desk, people)
    exchange.hang_up(client)
    desk.next(LineEnded, client)
    exchange.hang_up(f"desk-{client}")
    desk.next(LineEnded, f"desk-{client}")


def _operator(asterisk: Asterisk, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.operator", *words],
        cwd=ROOT,
        env={**os.environ, **asterisk.settings(), "DJANGO_SETTINGS_MODULE": "clientela.config.test_settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _says(operator: "subprocess.Popen[str]") -> list[str]:
    assert operator.stdout is not None
    return operator.stdout.readline().split()


def test_we_are_killed_while_two_people_talk(asterisk: Asterisk, people: People) -> None:
    with _operator(asterisk) as first:
        assert _says(first) == ["connected"]
        caller = people.call("74951234567")
        _, client, agent = _says(first)
        anna = people.rung("desk-7200").wait("talking")
        caller.talk()
        wait_until(anna.hears)
        first.send_signal(signal.SIGKILL)
        assert first.wait() == -signal.SIGKILL

    with _operator(asterisk, "end") as second:
        assert _says(second) == ["connected", *sorted([f"{client}@room", f"{agent}@room"])]
        caller.hush()
        wait_until(anna.hears_nothing)
        caller.talk()
        wait_until(anna.hears)
        assert (caller.state, anna.state) == ("talking", "talking")
        second.communicate("\n")
