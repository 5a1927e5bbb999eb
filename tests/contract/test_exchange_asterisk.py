"""`calls.ports.Exchange` on a real Asterisk, with people on the telephone who hear each other or do not."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from clientela.integrations.asterisk.adapter import AsteriskExchange, from_environment
from clientela.modules.calls.ports import (
    Ending,
    KeyPressed,
    LineAnswered,
    LineArrived,
    LineEnded,
    LineRinging,
    LiveLine,
    PromptEnded,
    RecordingEnded,
    Ring,
)
from tests.contract.exchanges import ListeningDesk, Sounds, loudness
from tests.contract.networks import wait_until
from tests.servers.asterisk import Asterisk
from tests.servers.sip import Call, People

pytestmark = pytest.mark.server

CALLER, OURS = "+79161112233", "+74951234567"


@pytest.fixture
def desk() -> ListeningDesk:
    return ListeningDesk()


@pytest.fixture
def exchange(asterisk: Asterisk, desk: ListeningDesk) -> Iterator[AsteriskExchange]:
    exchange = from_environment(Sounds(), asterisk.settings())
    exchange.start(desk)
    desk.connections(1)
    yield exchange
    if exchange._closing.is_set():
        return
    for channel in exchange._ari.ask("GET", "channels"):
        exchange.hang_up(channel["id"])
    exchange.close()


def _line() -> str:
    return f"line-{uuid.uuid4().hex[:10]}"


def _comes_in(exchange: AsteriskExchange, desk: ListeningDesk, people: People) -> tuple[str, Call]:
    """Somebody calls and is answered."""
    caller = people.call("74951234567")
    line = desk.next(LineArrived, count=len(desk.of(LineArrived)) or 1).line
    exchange.answer(line)
    return line, caller.wait("talking")


def _colleague(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People, station: str = "7200"
) -> tuple[str, Call]:
    line = _line()
    exchange.ring(Ring(line, f"desk:{station}", caller_id=CALLER))
    phone = people.rung(f"desk-{station}").wait("talking")
    desk.next(LineAnswered, line)
    return line, phone


def test_somebody_calls_and_presses_keys(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People
) -> None:
    began = datetime.now(UTC)
    caller = people.call("84951234567", from_="89161112233")
    arrived = desk.next(LineArrived)
    assert (arrived.from_, arrived.to, caller.state) == (CALLER, OURS, "ringing")
    assert began - timedelta(seconds=1) < arrived.at < began + timedelta(seconds=10)

    exchange.answer(arrived.line)
    caller.wait("talking").press("15#")

    desk.next(KeyPressed, arrived.line, count=3)
    assert [pressed.key for pressed in desk.of(KeyPressed)] == ["1", "5", "#"]
    caller.hang_up()
    assert desk.next(LineEnded, arrived.line).ending is Ending.NORMAL
    exchange.hang_up(arrived.line)  # one that has ended: nothing happens
    assert [type(word) for word in desk.told] == [LineArrived, *[KeyPressed] * 3, LineEnded]


def test_a_withheld_number_is_empty_and_a_refused_caller_is_told_why(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People
) -> None:
    caller = people.call("74951234567", from_="anonymous")
    arrived = desk.next(LineArrived)

    exchange.hang_up(arrived.line, Ending.BUSY)

    assert caller.wait("over").code == 486
    assert (arrived.from_, desk.next(LineEnded, arrived.line).ending) == ("", Ending.BUSY)


def test_what_the_desk_could_not_store_is_told_again(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People
) -> None:
    desk.failures = 2

    caller = people.call("74951234567")
    wait_until(lambda: desk.failures == 0)
    caller.hang_up()

    ended = desk.next(LineEnded)
    assert [type(word) for word in desk.told] == [LineArrived, LineEnded]
    assert desk.next(LineArrived).line == ended.line


def test_prompts(exchange: AsteriskExchange, desk: ListeningDesk, people: People) -> None:
    line, caller = _comes_in(exchange, desk, people)

    exchange.play(line, "greeting", ["hello", "menu"])
    wait_until(caller.hears)
    assert desk.next(PromptEnded, line).whole
    exchange.play(line, "music", ["hello"], again=True)
    exchange.play(line, "music", ["hello"], again=True)  # repeated: does nothing
    wait_until(caller.hears)
    exchange.play(line, "place", ["long"])
    assert desk.next(PromptEnded, line, count=2).prompt == "music"
    exchange.silence(line)
    wait_until(caller.hears_nothing)
    desk.next(PromptEnded, line, count=3)
    exchange.play(line, "lost", ["missing"])
    desk.next(PromptEnded, line, count=4)

    assert [(ended.prompt, ended.whole) for ended in desk.of(PromptEnded)] == [
        ("greeting", True),
        ("music", False),
        ("place", False),
        ("lost", False),
    ]


def test_a_conversation_with_hold_transfer_and_recording(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People
) -> None:
    client, caller = _comes_in(exchange, desk, people)
    first, anna = _colleague(exchange, desk, people)
    room, recording = _line(), _line()
    caller.talk()

    exchange.join(room, [client, first])
    exchange.record(room, recording)
    exchange.record(room, recording)  # repeated: does nothing
    wait_until(anna.hears)
    assert caller.hears_nothing()
    exchange.part(client, music=True)
    wait_until(lambda: caller.hears() and anna.hears_nothing())
    exchange.join(room, [client])
    wait_until(lambda: anna.hears() and caller.hears_nothing())
    exchange.stop_recording(recording)

    told = desk.next(RecordingEnded)
    assert (told.recording, told.seconds >= 1) == (recording, True)
    assert loudness(exchange.fetch_recording(recording)) > 0.1
    exchange.forget_recording(recording)
    exchange.forget_recording(recording)
    with pytest.raises(LookupError):
        exchange.fetch_recording(recording)

    second, boris = _colleague(exchange, desk, people, "8200")
    exchange.join(f"{room}-2", [client, second])  # they leave the room they were in
    wait_until(lambda: boris.hears() and anna.hears_nothing())
    exchange.hang_up(first)
    anna.wait("over")
    caller.hang_up()
    assert desk.next(LineEnded, client).ending is Ending.NORMAL
    exchange.hang_up(second)
    desk.next(LineEnded, second)
    wait_until(lambda: exchange._ari.ask("GET", "bridges") == [])
    assert len(desk.of(RecordingEnded)) == 1


def test_a_supervisor_listens_and_whispers(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People
) -> None:
    client, caller = _comes_in(exchange, desk, people)
    agent, anna = _colleague(exchange, desk, people)
    boss, gareev = _colleague(exchange, desk, people, "9200")
    exchange.join("room", [client, agent])
    caller.talk()

    exchange.listen(boss, agent, whisper=False)
    wait_until(gareev.hears)
    caller.hush()
    gareev.talk()
    wait_until(gareev.hears_nothing)
    assert (anna.hears(), caller.hears()) == (False, False)
    exchange.listen(boss, agent, whisper=True)
    wait_until(anna.hears)

    assert caller.hears_nothing()
    exchange.hang_up(boss)
    wait_until(anna.hears_nothing)
    desk.next(LineEnded, boss)
    assert {live.line for live in _alive(exchange)} == {client, agent}


def _alive(exchange: AsteriskExchange) -> Sequence[LiveLine]:
    """What a desk that connects anew is told."""
    desk = ListeningDesk()
    again = AsteriskExchange(exchange.settings, Sounds())
    again.start(desk)
    alive = desk.connections(1)
    again.close()
    return alive


@pytest.mark.parametrize(
    ("number", "ending", "cause", "cause_before_22"),
    [
        ("+79990000486", Ending.BUSY, "SIP 486", 17),
        ("+79990000603", Ending.REJECTED, "SIP 603", 21),
        ("+79990000404", Ending.WRONG_NUMBER, "SIP 404", 1),
        ("+79990000480", Ending.UNREACHABLE, "SIP 480", 19),
        ("+79990000503", Ending.CONGESTION, "SIP 503", 34),
        ("+79990000000", Ending.NO_ANSWER, "SIP 480", 0),
    ],
)
def test_outcomes(
    exchange: AsteriskExchange,
    desk: ListeningDesk,
    people: People,
    number: str,
    ending: Ending,
    cause: str,
    cause_before_22: int,
) -> None:
    ring = Ring(_line(), number, caller_id=OURS, caller_name='Причал "Р"', seconds=1)

    exchange.ring(ring)
    exchange.ring(ring)  # a line that exists
    ended = desk.next(LineEnded, ring.line)
    exchange.ring(ring)  # a line that has ended

    assert ended.ending is ending
    assert ended.cause in (cause, f"Q.850 {cause_before_22}")
    desk.next(LineRinging, ring.line)
    assert [call.number for call in people.calls.values()] == [number]


def test_states_of_devices_are_not_listened_to(exchange: AsteriskExchange) -> None:
    """Asterisk locks up when one changes while the stream of whoever listens to them closes."""
    heard = exchange._ari.ask("GET", "applications", exchange.settings.app)

    assert heard["device_names"] == []
    assert heard["channel_ids"] == ["__AST_CHANNEL_ALL_TOPIC"]


def test_we_give_up_ringing(exchange: AsteriskExchange, desk: ListeningDesk, people: People) -> None:
    line = _line()
    exchange.ring(Ring(line, "+79990000000"))
    phone = people.rung("+79990000000")
    desk.next(LineRinging, line)

    exchange.hang_up(line)

    phone.wait("over")
    assert desk.next(LineEnded, line).ending is Ending.NORMAL


@pytest.mark.parametrize(("number", "who"), [("+79990000202", "machine"), ("+79990000206", "person")])
def test_who_picked_up(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People, number: str, who: str
) -> None:
    """One speaks on and on; the other says a word and listens."""
    line = _line()

    exchange.ring(Ring(line, number, detect_machine=True))

    assert desk.next(LineAnswered, line).who == who


def test_the_exchange_writes_down_what_it_did(
    exchange: AsteriskExchange, desk: ListeningDesk, people: People
) -> None:
    """Lines that changed rooms are one record each; a caller who came while nobody listened is in it too."""
    began = datetime.now(UTC)
    client, caller = _comes_in(exchange, desk, people)
    agent, _ = _colleague(exchange, desk, people)
    exchange.join("room", [client, agent])
    exchange.part(client, music=True)
    exchange.join("room", [client])
    caller.hang_up()
    ended = {line: desk.next(LineEnded, line).at for line in (client,)}
    exchange.hang_up(agent)
    ended[agent] = desk.next(LineEnded, agent).at
    exchange.close()
    people.call("74951234568", from_="79160000003").wait("over")

    wait_until(lambda: len(exchange.records(since=began)) == 3)

    first, second, missed = exchange.records(since=began)
    assert [(one.line, one.arrived, one.from_, one.to) for one in (first, second)] == [
        (client, True, CALLER, OURS),
        (agent, False, "", ""),
    ]
    for record in (first, second):
        assert record.answered_at is not None
        assert record.began_at <= record.answered_at < record.ended_at
        assert abs(record.ended_at - ended[record.line]) < timedelta(seconds=0.1)
    assert (missed.arrived, missed.from_, missed.to) == (True, "+79160000003", "+74951234568")
    assert missed.answered_at is None
