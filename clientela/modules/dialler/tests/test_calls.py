"""From a request to an outcome: taking, dialling, saying how it came out, taking that back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry as Journal
from clientela.foundation.outbox.operations import deliver
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call
from clientela.modules.calls.ports import Ending
from clientela.modules.clients.models import Client, ProfileAnswer
from clientela.modules.clients.operations import merge_clients
from clientela.modules.contacts import guards
from clientela.modules.contacts.models import Consent
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.operations.dialling import NotFree, NotToBeCalled, dial
from clientela.modules.dialler.operations.ending import BadMoment, NothingToUndo, finish, preview, undo
from clientela.modules.dialler.operations.requests import postpone, request_calls, withdraw
from clientela.modules.dialler.operations.returning import give_back
from clientela.modules.dialler.operations.states import NotYours
from clientela.modules.dialler.operations.taking import InHand, NoReason, let_go, skip, take, take_next
from clientela.modules.dialler.queries.facts import opens
from clientela.modules.dialler.queries.lists import figures
from clientela.modules.dialler.queries.words import reason_of, why
from clientela.modules.dialler.rules.questions import BadAnswer
from clientela.modules.dialler.tasks import tend
from clientela.modules.dialler.tests.conftest import answer, not_answered, put_down

State = Entry.State
Ask = Callable[..., Entry]


@pytest.fixture
def entry(ask: Ask, vera: Client) -> Entry:
    return ask(
        vera, ends_on=vera.created_at.date().replace(2026, 12, 5), reasons=["Did not answer the letters"]
    )


@pytest.fixture
def in_hand(entry: Entry, calling: CallingList, centre_operator: User, now: datetime) -> Entry:
    taken = take_next(actor=centre_operator, now=now, calling=calling)
    assert taken is not None
    return taken


def test_a_request_is_one_entry_however_often_it_is_made(ask: Ask, entry: Entry, vera: Client) -> None:
    ask(vera)
    assert Entry.objects.count() == 1
    assert entry.state == State.WAITING


def test_an_entry_says_why(entry: Entry, now: datetime) -> None:
    assert why(entry, now=now) == ["the policy ends in 17 days", "Did not answer the letters"]


def test_the_database_orders_as_the_rule_does(
    ask: Ask, make_client: Callable[..., Client], anna: User, now: datetime
) -> None:
    for number in range(12):
        client = make_client(anna.agent, f"Клиент{number}", phone=f"+7917000{number:04}")
        ends = now.date() + timedelta(days=number % 3) if number % 4 else None
        ask(client, number, ends_on=ends, premium=number * 7 % 5 or None, asked=number == 7)
    rows = list(Entry.objects.first_comes())
    assert rows == sorted(rows, key=lambda one: one.place.key)
    assert rows[0].origin_id == 7


def test_who_takes_the_next_has_it_alone(
    in_hand: Entry, calling: CallingList, centre_operator: User, renewals_manager: User, now: datetime
) -> None:
    assert (in_hand.state, in_hand.taken_by) == (State.TAKEN, centre_operator)
    assert take_next(actor=renewals_manager, now=now, calling=calling) is None
    assert take_next(actor=centre_operator, now=now, calling=calling) == in_hand
    with pytest.raises(NotYours):
        take(actor=renewals_manager, now=now, entry=in_hand)


def test_one_client_on_two_lists_is_in_one_hand(
    in_hand: Entry, ask: Ask, calling: CallingList, vera: Client, renewals_manager: User, now: datetime
) -> None:
    other = ask(vera, 2)
    assert take_next(actor=renewals_manager, now=now, calling=calling) is None
    with pytest.raises(NotYours):
        take(actor=renewals_manager, now=now, entry=other)


def test_a_foreign_client_is_nobody_s_turn(
    ask: Ask, boris_client: Client, calling: CallingList, centre_operator: User, auditor: User, now: datetime
) -> None:
    ask(boris_client)
    assert take_next(actor=centre_operator, now=now, calling=calling) is None
    with pytest.raises(PermissionDenied):
        take_next(actor=auditor, now=now, calling=calling)
    assert Entry.objects.get().state == State.WAITING


def test_a_list_of_another_branch_is_not_worked_with(
    entry: Entry, calling: CallingList, ulyanovsk: object, anna: User, now: datetime
) -> None:
    CallingList.objects.update(branch=ulyanovsk)
    with pytest.raises(PermissionDenied):
        take_next(actor=anna, now=now, calling=calling)
    assert not Entry.objects.visible_to(anna).exists()


def test_who_falls_silent_gives_the_client_back(in_hand: Entry, now: datetime) -> None:
    assert give_back(now=now + timedelta(minutes=2)) == 0
    assert give_back(now=now + timedelta(minutes=4)) == 1
    in_hand.refresh_from_db()
    assert (in_hand.state, in_hand.taken_by, in_hand.attempts) == (State.WAITING, None, 0)


def test_a_skip_says_why(in_hand: Entry, centre_operator: User, now: datetime) -> None:
    with pytest.raises(NoReason):
        skip(actor=centre_operator, now=now, entry=in_hand, reason=" ")
    skip(actor=centre_operator, now=now, entry=in_hand, reason="Звонил агент")
    in_hand.refresh_from_db()
    assert (in_hand.state, in_hand.next_at) == (State.WAITING, now + timedelta(days=1))
    assert Journal.objects.get(action="dialler.skipped").reason == "Звонил агент"


def test_dialled_twice_is_one_call(in_hand: Entry, centre_operator: User, now: datetime) -> None:
    first = dial(actor=centre_operator, now=now, entry=in_hand)
    assert dial(actor=centre_operator, now=now, entry=in_hand) == first
    assert (Call.objects.count(), Attempt.objects.get().call) == (1, first)
    with pytest.raises(InHand):
        skip(actor=centre_operator, now=now, entry=in_hand, reason="x")
    let_go(actor=centre_operator, now=now)
    in_hand.refresh_from_db()
    assert (in_hand.state, in_hand.attempts) == (State.TAKEN, 1)


def test_the_policy_has_the_last_word_when_it_is_dialled(
    in_hand: Entry, vera: Client, centre_operator: User, now: datetime
) -> None:
    Consent.objects.filter(channel="call").delete()
    with pytest.raises(NotToBeCalled, match="consent"):
        dial(actor=centre_operator, now=now, entry=in_hand)
    in_hand.refresh_from_db()
    assert (in_hand.state, in_hand.dropped, in_hand.fault) == (State.DROPPED, "consent", "policy")
    assert in_hand.verdict["decision"] == "drop"
    assert "consent" in reason_of(in_hand, now=now)
    assert not Call.objects.exists()


def test_at_night_the_entry_waits_for_the_client_s_morning(
    entry: Entry, vera: Client, calling: CallingList, centre_operator: User, now: datetime
) -> None:
    Client.objects.update(time_zone="Asia/Vladivostok")
    evening = now.replace(hour=16)  # 23:00 there
    assert take_next(actor=centre_operator, now=evening, calling=calling) is None
    assert figures(centre_operator, [calling], now=evening, since=now)[calling.pk].due == 0
    morning = opens(Entry.objects.get(), now=evening).astimezone(UTC)
    assert morning == datetime(2026, 11, 18, 23, tzinfo=UTC)
    Client.objects.update(time_zone="Europe/Moscow", contact_from="18:00")
    assert take_next(actor=centre_operator, now=evening, calling=calling) is None
    entry.refresh_from_db()
    assert entry.next_at == evening.replace(hour=18, minute=0)


def test_the_asker_s_guard_takes_it_off(
    entry: Entry, calling: CallingList, centre_operator: User, now: datetime
) -> None:
    guards.register("test", lambda ids: dict.fromkeys(ids, "paid"))
    try:
        assert take_next(actor=centre_operator, now=now, calling=calling) is None
    finally:
        guards._guards.pop("test")
    entry.refresh_from_db()
    assert (entry.state, entry.dropped, entry.fault) == (State.DROPPED, "paid", "guard")


def test_an_unanswered_call_waits_for_its_outcome(
    in_hand: Entry, centre_operator: User, now: datetime
) -> None:
    call = dial(actor=centre_operator, now=now, entry=in_hand)
    not_answered(call, now, Ending.BUSY)
    finish(actor=centre_operator, now=now, entry=in_hand, outcome="busy")
    in_hand.refresh_from_db()
    assert (in_hand.state, in_hand.next_at, in_hand.attempts) == (
        State.WAITING,
        now + timedelta(minutes=15),
        1,
    )


def test_a_progressive_list_takes_the_network_s_word(
    in_hand: Entry, centre_operator: User, at_work: Callable[..., None], now: datetime
) -> None:
    CallingList.objects.update(mode="progressive")
    with pytest.raises(NotFree):
        dial(actor=centre_operator, now=now, entry=in_hand)
    at_work(centre_operator)
    call = dial(actor=centre_operator, now=now, entry=in_hand)
    not_answered(call, now, Ending.BUSY)
    while deliver(worker="test", now=now, lease=timedelta(minutes=1)):
        pass
    in_hand.refresh_from_db()
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.by_itself) == ("busy", True)
    assert (in_hand.state, in_hand.next_at) == (State.WAITING, now + timedelta(minutes=15))


def test_a_digit_closes_the_talk(in_hand: Entry, centre_operator: User, now: datetime) -> None:
    call = dial(actor=centre_operator, now=now, entry=in_hand)
    answer(call, now)
    said = {"mileage": "18,5", "drives": "сам", "home": ""}
    finish(actor=centre_operator, now=now, entry=in_hand, outcome="agreed", note="Ждёт Анну", answers=said)
    call.refresh_from_db()
    in_hand.refresh_from_db()
    assert set(call.lines.values_list("state", flat=True)) == {"leaving"}
    assert (call.outcome, call.note) == ("agreed", "Ждёт Анну")
    assert (in_hand.state, in_hand.outcome, in_hand.ended_at) == (State.DONE, "agreed", now)
    kept = ProfileAnswer.objects.order_by("key")
    assert [(one.key, one.value, one.unit, one.source) for one in kept] == [
        ("drives", "сам", "", "Возобновление"), ("mileage", "18.5", "тыс. км", "Возобновление"),
    ]  # fmt: skip
    assert Journal.objects.filter(action="client.answered").count() == 1


def test_a_bad_answer_changes_nothing(in_hand: Entry, centre_operator: User, now: datetime) -> None:
    with pytest.raises(BadAnswer):
        finish(actor=centre_operator, now=now, entry=in_hand, outcome="agreed", answers={"mileage": "много"})
    in_hand.refresh_from_db()
    assert (in_hand.state, Attempt.objects.count(), ProfileAnswer.objects.count()) == (State.TAKEN, 0, 0)


def test_a_client_names_a_moment(in_hand: Entry, centre_operator: User, now: datetime) -> None:
    for moment in (None, now - timedelta(minutes=1), now + timedelta(days=13)):
        with pytest.raises(BadMoment):
            finish(actor=centre_operator, now=now, entry=in_hand, outcome="later", moment=moment)
    asked = now + timedelta(hours=4)
    assert preview(in_hand, "later", now=now, asked=asked).at == asked
    finish(actor=centre_operator, now=now, entry=in_hand, outcome="later", moment=asked)
    in_hand.refresh_from_db()
    assert (in_hand.state, in_hand.next_at, in_hand.asked) == (State.WAITING, asked, True)
    assert why(in_hand, now=asked)[0] == "asked to be called at this time"


def test_do_not_call_holds_at_once_and_can_be_taken_back(
    in_hand: Entry, vera: Client, centre_operator: User, now: datetime
) -> None:
    attempt = finish(actor=centre_operator, now=now, entry=in_hand, outcome="do_not_call", note="Сердится")
    vera.refresh_from_db()
    assert (vera.do_not_contact, vera.do_not_contact_reason) == (True, "Сердится")
    undo(actor=centre_operator, now=now + timedelta(minutes=1), attempt=attempt)
    vera.refresh_from_db()
    in_hand.refresh_from_db()
    assert (vera.do_not_contact, in_hand.state, in_hand.outcome) == (False, State.TAKEN, "")
    assert in_hand.attempts == 1


def test_a_wrong_number_is_marked(in_hand: Entry, vera: Client, centre_operator: User, now: datetime) -> None:
    answer(dial(actor=centre_operator, now=now, entry=in_hand), now)
    finish(actor=centre_operator, now=now, entry=in_hand, outcome="wrong_number")
    assert vera.contact_points.get(kind="phone").do_not_use


def test_an_outcome_is_taken_back_only_for_a_while_and_by_its_person(
    in_hand: Entry, centre_operator: User, renewals_manager: User, now: datetime
) -> None:
    attempt = finish(actor=centre_operator, now=now, entry=in_hand, outcome="refused")
    for actor, moment in ((renewals_manager, now), (centre_operator, now + timedelta(minutes=11))):
        with pytest.raises(NothingToUndo):
            undo(actor=actor, now=moment, attempt=attempt)
    in_hand.refresh_from_db()
    assert in_hand.state == State.DONE


def test_a_talk_nobody_described_is_tried_the_next_morning(
    in_hand: Entry, centre_operator: User, now: datetime
) -> None:
    call = dial(actor=centre_operator, now=now, entry=in_hand)
    answer(call, now)
    assert give_back(now=now + timedelta(hours=1)) == 0  # they talk
    put_down(call, now + timedelta(hours=1))
    assert give_back(now=now + timedelta(hours=1)) == 1
    in_hand.refresh_from_db()
    assert (in_hand.outcome, in_hand.state) == ("unsaid", State.WAITING)
    assert in_hand.next_at == now.replace(day=19, hour=10, minute=0)


def test_what_its_asker_does_not_want_goes_and_comes_back(
    in_hand: Entry, ask: Ask, vera: Client, centre_operator: User, now: datetime
) -> None:
    assert withdraw(origin="test", reasons={1: "paid"}, now=now) == 1
    in_hand.refresh_from_db()
    assert (in_hand.state, in_hand.dropped, in_hand.taken_by) == (State.DROPPED, "paid", None)
    assert ask(vera).state == State.WAITING


def test_a_talk_is_not_taken_away(in_hand: Entry, centre_operator: User, now: datetime) -> None:
    dial(actor=centre_operator, now=now, entry=in_hand)
    assert withdraw(origin="test", reasons={1: "paid"}, now=now) == 0
    assert request_calls([], now=now) == 0


def test_too_late_is_the_end(entry: Entry, now: datetime) -> None:
    assert tend(now=now) == 0
    assert tend(now=now + timedelta(days=13)) == 1
    entry.refresh_from_db()
    assert (entry.state, entry.dropped) == (State.DROPPED, "too_late")


def test_a_hold_lets_the_entry_wait(entry: Entry, now: datetime) -> None:
    until = now + timedelta(days=2)
    assert postpone(origin="test", origin_ids=[1], until=until) == 1
    assert postpone(origin="test", origin_ids=[1], until=now) == 0
    entry.refresh_from_db()
    assert entry.next_at == until


def test_two_cards_in_two_hands_become_one_client_in_one(
    in_hand: Entry, ask: Ask, calling: CallingList, vera: Client, make_client: Callable[..., Client], anna: User,
    renewals_manager: User, now: datetime,
) -> None:  # fmt: skip
    twin = make_client(anna.agent, "Орлова", "Вера", phone="+79170005555")
    other = take(actor=renewals_manager, now=now, entry=ask(twin, 2))
    merge_clients(actor=renewals_manager, now=now, kept=vera, gone=twin)
    other.refresh_from_db()
    assert (other.client, other.state, other.taken_by) == (vera, State.WAITING, None)
    assert Entry.objects.get(pk=in_hand.pk).state == State.TAKEN
