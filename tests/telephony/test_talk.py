"""During a call, and calls of ours."""

import pytest

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.calls.models import Call, CallBack, Recording
from clientela.modules.calls.operations import acts, outbound
from clientela.modules.calls.tasks import fetch
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.contacts.models import Consent
from tests.cast import VERAS_PHONE
from tests.telephony.conftest import BRANCH, desk

State = Call.State


@pytest.fixture
def talk(office, anna, vera) -> Call:
    """Анна and Вера talk."""
    call = office.call_in(VERAS_PHONE)
    office.dial(VERAS_PHONE, "1")
    acts.accept(actor=anna, now=office.now, call=call)
    office.settle()
    call.refresh_from_db()
    return call


def do(office, verb, actor, call, **values):
    verb(actor=actor, now=office.now, call=call, **values)
    office.settle()
    call.refresh_from_db()


def line(office, person):
    return office.phone(desk(person)).line


def test_click_to_call_rings_the_own_desk_then_the_client_with_the_number_of_the_branch(office, anna, vera):
    call = outbound.call_client(actor=anna, now=office.now, client=vera, reason="ОСАГО")
    office.settle()
    ringing = office.phone(VERAS_PHONE)
    assert (ringing.up, ringing.caller) == (False, BRANCH)
    office.lift(VERAS_PHONE)
    call.refresh_from_db()
    assert (call.state, call.person, call.verdict["decision"]) == (State.TALKING, anna, "send")
    assert office.talk(VERAS_PHONE) == {line(office, anna)}
    do(office, acts.hang_up_call, anna, call)
    assert (call.state, call.outcome) == (State.ENDED, "talked")
    assert office.exchange.handsets(VERAS_PHONE) == []


@pytest.mark.parametrize(
    ("number", "outcome"),
    [("+79170000486", "busy"), ("+79170000480", "unreachable"), ("+79170000404", "wrong_number"), ("+79170000603", "rejected")],
)  # fmt: skip
def test_what_the_network_says_becomes_the_outcome(office, anna, number, outcome):
    call = outbound.call_number(actor=anna, now=office.now, number=number)
    office.settle()
    call.refresh_from_db()
    assert (call.state, call.outcome) == (State.ENDED, outcome)
    assert call.cause == f"SIP {number[-3:]}"
    assert office.exchange.handsets(desk(anna)) == []


def test_nobody_picks_up(office, anna, vera):
    call = outbound.call_client(actor=anna, now=office.now, client=vera)
    office.settle()
    office.settle(41)
    call.refresh_from_db()
    assert (call.state, call.outcome) == (State.ENDED, "no_answer")


def test_the_policy_refuses_and_nothing_is_dialled(office, anna, vera):
    Consent.objects.filter(client=vera, channel="call").delete()
    with pytest.raises(outbound.NotNow) as refused:
        outbound.call_client(actor=anna, now=office.now, client=vera)
    assert refused.value.verdict.reason == "consent"
    assert not Call.objects.exists()


def test_nobody_calls_another_agents_client(office, anna, boris_client):
    with pytest.raises(NotAllowed):
        outbound.call_client(actor=anna, now=office.now, client=boris_client)
    assert not Call.objects.exists()


def test_hold_and_resume(office, anna, talk):
    do(office, acts.hold, anna, talk)
    assert office.phone(VERAS_PHONE).music
    assert office.talk(VERAS_PHONE) == set()
    do(office, acts.resume, anna, talk)
    assert office.talk(VERAS_PHONE) == {line(office, anna)}


def test_a_blind_transfer_rings_the_colleague_and_comes_to_the_queue_when_nobody_answers(
    office, anna, team_lead, talk
):
    do(office, acts.transfer, anna, talk, person=team_lead)
    assert (talk.state, talk.offered_to) == (State.RINGING, team_lead)
    assert office.exchange.handsets(desk(anna)) == []
    assert office.phone(VERAS_PHONE).music
    acts.accept(actor=team_lead, now=office.now, call=talk)
    office.settle()
    talk.refresh_from_db()
    assert (talk.state, talk.person) == (State.TALKING, team_lead)
    assert office.talk(VERAS_PHONE) == {line(office, team_lead)}


def test_a_colleague_is_asked_then_joins_or_takes_over(office, anna, team_lead, talk):
    do(office, acts.consult, anna, talk, person=team_lead)
    office.lift(desk(team_lead))
    assert office.talk(desk(anna)) == {line(office, team_lead)}
    assert office.phone(VERAS_PHONE).music
    do(office, acts.confer, anna, talk)
    assert office.talk(VERAS_PHONE) == {line(office, anna), line(office, team_lead)}
    do(office, acts.hand_over, anna, talk)
    assert (talk.state, talk.person) == (State.TALKING, team_lead)
    assert office.talk(VERAS_PHONE) == {line(office, team_lead)}
    assert Entry.objects.filter(action="call.transferred").count() == 1
    with pytest.raises(acts.NotYourCall):
        acts.hold(actor=anna, now=office.now, call=talk)


def test_a_supervisor_hears_and_it_stands_in_the_journal(office, anna, team_lead, talk):
    do(office, acts.listen, team_lead, talk, whisper=False)
    assert [e.action for e in Entry.objects.filter(actor=team_lead)] == ["call.listen"]
    with pytest.raises(PermissionDenied):
        acts.listen(actor=anna, now=office.now, call=talk, whisper=True)
    office.put_down(desk(team_lead))
    talk.refresh_from_db()
    assert talk.state == State.TALKING
    assert office.talk(VERAS_PHONE) == {line(office, anna)}


def test_recording_is_announced_and_kept(office, anna, talk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    do(office, acts.switch_recording, anna, talk, on=True)
    assert office.phone(VERAS_PHONE).said[-1][1] == "Разговор записывается."
    office.settle(30)
    office.put_down(VERAS_PHONE)
    assert fetch(office.exchange, now=office.now) == 1
    recording = Recording.objects.get()
    with recording.file.open() as file:
        assert (recording.seconds, file.read(4)) == (30, b"RIFF")
    with pytest.raises(LookupError):
        office.exchange.fetch_recording(recording.name)


def test_a_talk_closes_what_was_to_be_called_back(office, anna, vera):
    office.call_in(VERAS_PHONE)
    office.put_down(VERAS_PHONE)
    assert CallBack.objects.open().count() == 1
    outbound.call_client(actor=anna, now=office.now, client=vera)
    office.settle()
    office.lift(VERAS_PHONE)
    assert CallBack.objects.get().done_by == anna


def test_a_restart_ends_what_is_gone_and_lets_the_others_talk(office, anna, vera, talk, make_client):
    make_client(anna.agent, "Вторая", phone="+79170005555")
    second = office.call_in("+79170005555")
    office.exchange.put_down(office.phone("+79170005555").line)  # nobody listens at this moment
    office.restart()
    second.refresh_from_db()
    talk.refresh_from_db()
    assert (second.state, second.cause, second.ended_at) == (State.ENDED, "lost", office.now)
    assert CallBack.objects.get().number == "+79170005555"
    assert talk.state == State.TALKING
    assert office.talk(VERAS_PHONE) == {line(office, anna)}


def test_orders_of_a_killed_worker_are_given_by_the_next(office, anna, vera):
    call = outbound.call_client(actor=anna, now=office.now, client=vera)
    office.restart()
    call.refresh_from_db()
    assert call.state == State.RINGING
    assert not office.phone(VERAS_PHONE).up


def test_the_outcome_is_said_once_and_only_by_who_sees_the_call(office, anna, boris, talk):
    office.put_down(VERAS_PHONE)
    do(office, acts.note_outcome, anna, talk, outcome="agreed", note="В пятницу")
    assert (talk.outcome, talk.note) == ("agreed", "В пятницу")
    with pytest.raises(NotAllowed):
        acts.note_outcome(actor=boris, now=office.now, call=talk, outcome="refused")
    with pytest.raises(acts.NoSuchOutcome):
        acts.note_outcome(actor=anna, now=office.now, call=talk, outcome="missed")
