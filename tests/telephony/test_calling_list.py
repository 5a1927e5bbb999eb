"""An operator works through a calling list over the local exchange; a worker that comes back finishes one call."""

from datetime import timedelta

import pytest

from clientela.modules.calls.models import Call
from clientela.modules.dialler.models import Attempt, CallingList
from clientela.modules.dialler.operations.dialling import dial
from clientela.modules.dialler.operations.ending import finish
from clientela.modules.dialler.operations.lists import load_shipped
from clientela.modules.dialler.operations.requests import Request, request_calls
from clientela.modules.dialler.operations.taking import take_next
from clientela.modules.routing.models import Station
from tests.cast import VERAS_PHONE
from tests.telephony.conftest import Office

GLEBS_PHONE = "+79170005555"


@pytest.fixture
def calling(office: Office, vera, make_client, anna, centre_operator) -> CallingList:
    """Vera and Gleb wait on a list that calls by itself; the operator is available."""
    load_shipped(now=office.now)
    calling = CallingList.objects.get()
    CallingList.objects.update(mode="progressive")
    gleb = make_client(anna.agent, "Зимин", "Глеб", phone=GLEBS_PHONE)
    ends = office.now.date() + timedelta(days=10)
    request_calls(
        [
            Request(
                client_id=client.pk, list="renewal", origin="test", origin_id=client.pk,
                ends_on=ends + timedelta(days=place), until=office.now + timedelta(days=9),
            )
            for place, client in enumerate((vera, gleb))
        ],
        now=office.now,
    )  # fmt: skip
    Station.objects.update_or_create(
        user=centre_operator, defaults={"state": "available", "since": office.now, "idle_since": office.now}
    )
    office.settle()
    return calling


def test_the_loop_goes_on_after_no_answer_and_saves_a_talk(office: Office, calling, centre_operator) -> None:
    first = take_next(actor=centre_operator, now=office.now, calling=calling)
    call = dial(actor=centre_operator, now=office.now, entry=first)
    office.settle()
    assert office.phone(VERAS_PHONE).line
    office.settle(60)  # she does not pick up
    first.refresh_from_db()
    call.refresh_from_db()
    assert (call.outcome, first.state, first.outcome) == ("no_answer", "waiting", "no_answer")
    second = take_next(actor=centre_operator, now=office.now, calling=calling)
    dial(actor=centre_operator, now=office.now, entry=second)
    office.settle()
    office.lift(GLEBS_PHONE)
    assert Call.objects.get(client=second.client).state == "talking"
    finish(actor=centre_operator, now=office.now, entry=second, outcome="agreed")
    office.settle()
    assert office.exchange.handsets(GLEBS_PHONE) == []
    assert Call.objects.get(client=second.client).state == "ended"
    assert take_next(actor=centre_operator, now=office.now, calling=calling) is None


def test_a_worker_killed_while_it_dials_leaves_one_call(office: Office, calling, centre_operator) -> None:
    entry = take_next(actor=centre_operator, now=office.now, calling=calling)
    call = dial(actor=centre_operator, now=office.now, entry=entry)
    office.restart()  # nothing of the call was given to the exchange yet
    assert dial(actor=centre_operator, now=office.now, entry=entry) == call  # the page asks again
    office.restart()
    assert (Call.objects.count(), Attempt.objects.count(), len(office.exchange.handsets(VERAS_PHONE))) == (
        1,
        1,
        1,
    )
    office.lift(VERAS_PHONE)
    office.restart()
    call.refresh_from_db()
    entry.refresh_from_db()
    assert (call.state, entry.state, entry.attempts) == ("talking", "taken", 1)
