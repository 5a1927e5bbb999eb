"""Whoever runs the line gives waiting calls out and takes talks over."""

import pytest

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.calls.models import Call
from clientela.modules.calls.operations import acts, supervising
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.organisation.models import Placement
from clientela.modules.routing.models import Station, WorkItem
from clientela.modules.routing.operations import set_state
from tests.cast import VERAS_PHONE
from tests.telephony.conftest import desk

State = Call.State


@pytest.fixture
def waits(office, anna, vera, team_lead) -> Call:
    """Вера waits: Анна has a break, and nobody else is there."""
    set_state(actor=anna, now=office.now, state="break")
    call = office.call_in(VERAS_PHONE)
    office.dial(VERAS_PHONE, "1")
    call.refresh_from_db()
    assert (call.state, call.queued_at) == (State.WAITING, office.now)
    return call


def run(office, verb, actor, call, **values):
    verb(actor=actor, now=office.now, call=call, **values)
    office.settle()
    call.refresh_from_db()


def test_a_waiting_call_is_given_to_a_person(office, waits, anna, team_lead):
    office.settle(8)
    run(office, supervising.assign, team_lead, waits, person=anna)
    assert (waits.state, waits.offered_to, office.rings(anna)) == (State.RINGING, anna, True)
    assert WorkItem.objects.get(kind="calls.call").assignee == anna
    assert Entry.objects.get(action="call.assigned").changes == {"person": [None, str(anna)]}
    acts.accept(actor=anna, now=office.now, call=waits)
    office.settle()
    waits.refresh_from_db()
    assert (waits.answered_at - waits.queued_at).total_seconds() == 8
    with pytest.raises(acts.NotYourCall):
        supervising.assign(actor=team_lead, now=office.now, call=waits, person=anna)


def test_a_talk_is_taken_over(office, waits, anna, team_lead):
    run(office, supervising.assign, team_lead, waits, person=anna)
    run(office, acts.accept, anna, waits)
    with pytest.raises(acts.CannotTakeCall):
        supervising.assign(actor=team_lead, now=office.now, call=Call.objects.create(
            direction="in", state="waiting", agent=anna.agent, branch=anna.agent.branch, started_at=office.now,
        ), person=anna)  # fmt: skip
    run(office, acts.listen, team_lead, waits, whisper=False)
    office.settle(2)
    run(office, supervising.take_over, team_lead, waits)
    assert (waits.state, waits.offered_to, office.rings(team_lead)) == (State.RINGING, team_lead, True)
    run(office, acts.accept, team_lead, waits)
    assert (waits.state, waits.person) == (State.TALKING, team_lead)
    assert office.talk(VERAS_PHONE) == {office.phone(desk(team_lead)).line}
    assert Station.objects.get(user=anna).load == 0
    assert Entry.objects.get(action="call.taken_over").changes == {"person": [str(anna), str(team_lead)]}
    with pytest.raises(acts.NotYourCall):
        supervising.take_over(actor=team_lead, now=office.now, call=waits)


def test_strangers_and_agents_run_no_line(office, waits, anna, boris, branch_head, make_user, ulyanovsk):
    stranger = make_user("branch_head", "Нина", "Котова")
    Placement.objects.create(user=stranger, branch=ulyanovsk)
    with pytest.raises(NotAllowed):
        supervising.assign(actor=stranger, now=office.now, call=waits, person=boris)
    with pytest.raises(PermissionDenied):
        supervising.assign(actor=anna, now=office.now, call=waits, person=anna)
    waits.refresh_from_db()
    assert (waits.state, waits.offered_to) == (State.WAITING, None)
