"""Calls from the request to the outcome, over a network in memory."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied

from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call
from clientela.modules.calls.ports import Ending, LineAnswered
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts import guards
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.robot.models import Attempt, RobotCall, Said
from clientela.modules.robot.operations.dialling import dial_due
from clientela.modules.robot.operations.requests import NoDialogue, Request, pause, request_calls, resume
from clientela.modules.robot.operations.shipped import load_shipped
from clientela.modules.robot.operations.talking import hear, look, perform, reconcile
from clientela.modules.robot.rules.dialogue import VARIABLES
from clientela.modules.robot.tests.exchange import Town

MOSCOW = ZoneInfo("Europe/Moscow")
LEASE = timedelta(minutes=1)
State = RobotCall.State


class Clock:
    """The time of a test, moved by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def town(clock: Clock, db: None, now: datetime) -> Iterator[Town]:
    load_shipped(now=now, active_from=date(2026, 1, 1))
    yield Town(clock)
    guards._guards.pop("test", None)


@pytest.fixture
def ask(clock: Clock) -> Callable[..., RobotCall]:
    """``ask(vera)`` asks for a call to Vera within twelve days."""

    def asked(client: Client, origin_id: int = 1, **values: Any) -> RobotCall:
        words = {name: variable.sample for name, variable in VARIABLES.items()}
        request = Request(
            client_id=client.pk, dialogue="renewal", origin="test", origin_id=origin_id,
            values=words | values, until=clock() + timedelta(days=12),
        )  # fmt: skip
        request_calls([request], now=clock())
        return RobotCall.objects.get(origin_id=origin_id)

    return asked


def dial(town: Town) -> int:
    rings = dial_due(worker="w", now=town.now, lease=LEASE)
    perform(town, rings)
    return len(rings)


def to_offer(town: Town) -> None:
    """Up to the question whether to send the offer."""
    assert dial(town) == 1
    town.answer()
    town.listen()
    town.listen()
    town.press("1")
    town.listen()
    town.listen()


def test_a_client_who_agrees_gets_the_offer_and_the_transcript_stays(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    call = ask(vera)
    assert ask(vera) == call
    to_offer(town)
    assert town.rung[town.line].to == "+79170004108"
    assert town.rung[town.line].detect_machine
    assert hear(line=town.line, text="Ну давайте", confidence=0.81, now=town.now)
    call.refresh_from_db()
    assert (call.state, call.talk["node"], call.verdict["decision"]) == ("talking", "changes", "send")
    town.press("11")
    message = Message.objects.get()
    assert (message.channel, message.origin, message.address) == ("sms", "robot.attempt", "+79170004108")
    assert message.text == (
        "Никита Олегович, Ваш полис ОСАГО заканчивается семнадцатого декабря. Продлить: тел. +7 917 200-01-01,"
        " Анна Соколова."
    )
    town.listen()
    call.refresh_from_db()
    assert (call.state, call.outcome, town.parted) == ("done", "agreed", [town.line])
    assert list(Said.objects.values_list("node", "via", "heard", "meaning", "to")) == [
        ("greeting", "", "", "", ""),
        ("who", "key", "1", "yes", "purpose"),
        ("purpose", "", "", "", ""),
        ("offer", "word", "Ну давайте", "yes", "changes"),
        ("changes", "key", "1", "no", "how"),
        ("how", "key", "1", "choice", "sent-sms"),
        ("sent-sms", "", "", "", ""),
    ]


def test_nine_ends_every_consent_to_calls_at_once(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    ask(vera)
    ask(vera, 2)
    assert dial(town) == 1
    town.answer()
    town.press("9")
    assert not Consent.objects.filter(client=vera, channel="call", withdrawn_at=None).exists()
    town.end()
    assert RobotCall.objects.get(origin_id=1).outcome == "stopped"
    town.clock.forward(days=1)
    assert dial(town) == 0
    assert RobotCall.objects.get(origin_id=2).dropped == "consent"


def test_a_strangers_number_is_not_used_again(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    ask(vera)
    dial(town)
    town.answer()
    town.listen()
    hear(line=town.line, text="вы ошиблись номером", confidence=0.9, now=town.now)
    assert ContactPoint.objects.get(value="+79170004108").do_not_use
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("ending", "after"), [(Ending.BUSY, 15), (Ending.FAILED, 30), (Ending.CONGESTION, 30)]
)
def test_who_is_not_reached_is_tried_again(
    town: Town, ask: Callable[..., RobotCall], vera: Client, ending: Ending, after: int
) -> None:
    call = ask(vera)
    dial(town)
    began = town.now
    town.end(ending)
    call.refresh_from_db()
    assert (call.state, call.next_at) == ("waiting", began + timedelta(minutes=after))
    assert Attempt.objects.get().cause == f"test {ending}"
    assert dial(town) == 0
    town.clock.forward(minutes=after)
    assert dial(town) == 1


def test_no_answer_waits_two_to_four_hours_and_three_attempts_are_a_day(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    call = ask(vera)
    for _ in range(2):
        dial(town)
        began = town.now
        town.end(Ending.NO_ANSWER)
        call.refresh_from_db()
        assert timedelta(hours=2) <= call.next_at - began <= timedelta(hours=4)
        town.clock.now = call.next_at
    assert dial(town) == 1
    town.end(Ending.NO_ANSWER)
    call.refresh_from_db()
    assert call.next_at.astimezone(MOSCOW) == datetime(2026, 11, 19, 10, tzinfo=MOSCOW)


def test_a_machine_is_told_nothing_and_rung_the_next_day(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    call = ask(vera)
    dial(town)
    town.answer("machine")
    town.listen()
    call.refresh_from_db()
    assert (call.state, call.outcome) == ("waiting", "voicemail")
    assert call.next_at.astimezone(MOSCOW) == datetime(2026, 11, 19, 10, tzinfo=MOSCOW)
    assert town.heard == [
        "Здравствуйте! Это автоматический звонок компании Причал Страхование. Перезвоним в другой день."
    ]


def test_two_silences_end_with_an_sms_and_another_day(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    call = ask(vera)
    dial(town)
    town.answer()
    for _ in range(2):
        town.listen()
    for _ in range(2):
        assert look(now=town.now) == []
        town.clock.forward(seconds=6)
        perform(town, look(now=town.now))  # type: ignore[arg-type]
        town.listen()
    call.refresh_from_db()
    assert (call.state, call.outcome) == ("waiting", "silent")
    assert Message.objects.get().text.startswith("Никита Олегович, мы звонили Вам")


def test_quiet_hours_and_the_policy_decide_and_are_kept(
    town: Town, ask: Callable[..., RobotCall], vera: Client, boris_client: Client
) -> None:
    town.clock.now = datetime(2026, 11, 18, 21, 30, tzinfo=MOSCOW).astimezone(UTC)
    late = ask(vera)
    Consent.objects.filter(client=boris_client, channel="call").delete()
    never = ask(boris_client, 2)
    assert dial(town) == 0
    late.refresh_from_db()
    assert (late.state, late.verdict["decision"]) == ("waiting", "wait")
    assert late.next_at.astimezone(MOSCOW) == datetime(2026, 11, 19, 9, tzinfo=MOSCOW)
    never.refresh_from_db()
    assert (never.state, never.dropped, never.fault) == ("dropped", "consent", "policy")


def test_whoever_asked_has_the_last_word(town: Town, ask: Callable[..., RobotCall], vera: Client) -> None:
    call = ask(vera)
    guards.register("test", lambda ids: dict.fromkeys(ids, "paid"))
    assert dial(town) == 0
    call.refresh_from_db()
    assert (call.state, call.dropped, call.fault) == ("dropped", "paid", "guard")


def test_a_client_is_on_one_line_and_in_one_conversation_a_day(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    ask(vera)
    other = ask(vera, 2)
    assert dial(town) == 1
    other.refresh_from_db()
    assert other.state == "waiting"
    town.answer()
    town.end()
    town.clock.forward(hours=1)
    assert dial(town) == 0
    assert RobotCall.objects.get(origin_id=2).next_at.astimezone(MOSCOW).date() == date(2026, 11, 19)


def test_lines_and_pace_are_kept(
    town: Town, ask: Callable[..., RobotCall], vera: Client, boris_client: Client, settings: Any
) -> None:
    settings.ROBOT_LINES = 1
    ask(vera)
    ask(boris_client, 2)
    assert (dial(town), dial(town)) == (1, 0)
    town.end(Ending.BUSY)
    settings.ROBOT_PACE = 1
    assert dial(town) == 0
    town.clock.forward(minutes=1)
    assert dial(town) == 1


def test_a_pause_rings_nobody(
    town: Town, ask: Callable[..., RobotCall], vera: Client, renewals_manager: User, anna: User
) -> None:
    ask(vera)
    with pytest.raises(PermissionDenied):
        pause(actor=anna, now=town.now)
    pause(actor=renewals_manager, now=town.now)
    assert dial(town) == 0
    assert resume(actor=renewals_manager, now=town.now)
    assert not resume(actor=renewals_manager, now=town.now)
    assert dial(town) == 1


def test_after_a_break_a_conversation_goes_on_where_it_was(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    call = ask(vera)
    to_offer(town)
    before = len(town.heard)
    town.desk.connected(town.live())
    assert town.heard[before:] == [town.heard[before - 1]]
    town.listen()
    town.press("3")
    call.refresh_from_db()
    assert call.talk["node"] == "promise"


def test_a_line_that_went_meanwhile_is_over_once(
    town: Town, ask: Callable[..., RobotCall], vera: Client, boris_client: Client
) -> None:
    talked, rung = ask(vera), ask(boris_client, 2)
    assert dial(town) == 2
    town.desk.tell(LineAnswered(f"robot-{talked.pk}-1", town.now, "person"))
    town.clock.forward(minutes=2)
    for _ in range(2):
        assert reconcile([], now=town.now) == []
    talked.refresh_from_db()
    rung.refresh_from_db()
    assert (talked.state, talked.outcome, talked.tries) == ("waiting", "cut_off", 1)
    assert (rung.state, rung.outcome, rung.tries) == ("waiting", "", 1)


def test_a_ring_that_may_have_been_lost_is_asked_for_again(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    """Killed after storing and before asking: nobody was rung, and the same line is asked for."""
    ask(vera)
    rings = dial_due(worker="w", now=town.now, lease=LEASE)
    assert reconcile([], now=town.now) == rings
    assert Attempt.objects.count() == 1


def test_a_call_taken_by_a_worker_that_died_is_taken_again(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    call = ask(vera)
    RobotCall.objects.filter(pk=call.pk).update(
        state=State.TAKEN, claimed_by="dead", lease_until=town.now + LEASE
    )
    assert dial(town) == 0
    town.clock.forward(minutes=2)
    assert dial(town) == 1


def test_what_is_told_twice_or_too_late_changes_nothing(
    town: Town, ask: Callable[..., RobotCall], vera: Client
) -> None:
    ask(vera)
    dial(town)
    town.answer()
    town.answer()
    assert len(town.heard) == 1
    town.end()
    town.press("9")
    town.end(Ending.BUSY)
    assert Consent.objects.filter(client=vera, channel="call", withdrawn_at=None).exists()
    assert Attempt.objects.get().ending == "normal"


def test_too_late_is_told_once(town: Town, ask: Callable[..., RobotCall], vera: Client) -> None:
    call = ask(vera)
    town.clock.forward(days=13)
    assert dial(town) == 0
    call.refresh_from_db()
    assert (call.state, call.outcome) == ("done", "not_reached")


def test_nobody_is_rung_for_half_a_sentence(town: Town, ask: Callable[..., RobotCall], vera: Client) -> None:
    call = ask(vera, end_date="")
    assert dial(town) == 0
    call.refresh_from_db()
    assert (call.dropped, call.fault) == ("no_words", "robot")


def test_a_dialogue_nobody_wrote_is_refused(clock: Clock, vera: Client) -> None:
    request = Request(client_id=vera.pk, dialogue="x", origin="t", origin_id=1, values={}, until=clock())
    with pytest.raises(NoDialogue):
        request_calls([request], now=clock())
    assert RobotCall.objects.count() == 0


def test_who_wants_a_person_keeps_the_line(
    town: Town, ask: Callable[..., RobotCall], vera: Client, boris_client: Client
) -> None:
    ask(vera)
    to_offer(town)
    perform(town, hear(line=town.line, text="соедините с человеком", confidence=0.9, now=town.now))
    town.listen()
    given = Call.objects.get()
    assert (given.client, given.number, given.state) == (vera, "+79170004108", "waiting")
    assert given.reason == "Даша, Продление, Даша: «соедините с человеком»"
    line = given.lines.get(role="client")
    assert (line.line, line.state, town.parted) == (town.line, "up", [])
    assert RobotCall.objects.get().outcome == "handed_over"
    assert reconcile(town.live(), now=town.now) == []


def test_nobody_is_rung_who_talks_with_us(town: Town, ask: Callable[..., RobotCall], vera: Client) -> None:
    ask(vera)
    Call.objects.create(direction="in", client=vera, state="talking", started_at=town.now)
    assert dial(town) == 0
