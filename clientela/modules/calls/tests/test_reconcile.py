"""Our records and the exchange's: what is missing is made up for, what differs is put right, and once."""

from datetime import datetime, timedelta

import pytest

from clientela.modules.calls.models import Call, CallBack, Line, Order
from clientela.modules.calls.operations.desk import reconcile, take
from clientela.modules.calls.operations.reconcile import Difference, compare_records
from clientela.modules.calls.ports import ExchangeRecord, LineArrived
from clientela.modules.clients.models import Client, ContactPoint

pytestmark = pytest.mark.django_db
OURS = "+74951234567"


@pytest.fixture
def number(vera: Client) -> str:
    return ContactPoint.objects.filter(client=vera, kind="phone").values_list("value", flat=True)[0]


def _record(
    line: str, number: str, ended: datetime, *, arrived: bool = True, answered: bool = False
) -> ExchangeRecord:
    began = ended - timedelta(seconds=40)
    return ExchangeRecord(line, number, OURS, arrived, began, began if answered else None, ended)


def _compare(*records: ExchangeRecord, now: datetime, mend: bool = True) -> list[Difference]:
    return compare_records(records, since=now - timedelta(days=1), now=now, mend=mend)


def test_a_call_that_came_while_nobody_listened_is_a_missed_one(
    vera: Client, number: str, now: datetime
) -> None:
    record = _record("1.1", number, now - timedelta(minutes=20))

    assert _compare(record, now=now, mend=False) == [Difference("1.1", "missed", False)]
    assert not Call.objects.exists()
    assert _compare(record, now=now) == [Difference("1.1", "missed", True)]

    call = Call.objects.get()
    assert (call.client, call.outcome, call.started_at, call.ended_at) == (
        vera, "missed", record.began_at, record.ended_at,
    )  # fmt: skip
    assert CallBack.objects.get().number == number
    assert not Order.objects.exists()
    assert _compare(record, now=now) == []


def test_a_line_left_open_is_closed_at_its_moment(vera: Client, number: str, now: datetime) -> None:
    record = _record("1.2", number, now - timedelta(minutes=20), answered=True)
    take(LineArrived("1.2", number, OURS, record.began_at), now=record.began_at)

    assert _compare(record, now=now) == [Difference("1.2", "left_open", True)]

    call = Call.objects.get()
    assert (call.state, call.ended_at) == ("ended", record.ended_at)
    assert _compare(record, now=now) == []


def test_the_moment_of_a_lost_line_is_put_right(vera: Client, number: str, now: datetime) -> None:
    record = _record("1.3", number, now - timedelta(minutes=20), answered=True)
    take(LineArrived("1.3", number, OURS, record.began_at), now=record.began_at)
    reconcile([], now=now - timedelta(minutes=5))

    assert _compare(record, now=now) == [Difference("1.3", "ended_otherwise", True)]

    assert Line.objects.get(line="1.3").ended_at == Call.objects.get().ended_at == record.ended_at
    assert _compare(record, now=now) == []


def test_what_cannot_be_known_is_only_told(vera: Client, number: str, now: datetime) -> None:
    ended = now - timedelta(minutes=20)
    take(LineArrived("1.4", number, OURS, ended), now=ended)
    reconcile([], now=ended)
    records = [
        _record("1.5", number, ended, answered=True),
        _record("not-rung-by-us", number, ended, arrived=False),
        _record("1.6", number, now),  # it may just now be on its way
    ]

    assert _compare(*records, now=now) == [
        Difference("1.5", "not_known", False), Difference("1.4", "not_recorded", False),
    ]  # fmt: skip
    assert Call.objects.count() == 1
