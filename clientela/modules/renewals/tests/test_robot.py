"""Days 29 … 17: touches become calls of the robot, and what clients say comes back to the term."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.products.models import Product
from clientela.modules.renewals.handlers import on_robot_call
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.operations.dispatch import dispatch_due
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.modules.renewals.queries.texts import spoken
from clientela.modules.robot.events import RobotCallEnded
from clientela.modules.robot.models import RobotCall
from clientela.modules.robot.operations.dialling import dial_due
from clientela.modules.robot.operations.shipped import load_shipped as load_dialogues

DAY = date(2026, 11, 18)
MOSCOW = ZoneInfo("Europe/Moscow")
LEASE = timedelta(minutes=1)


@pytest.fixture
def robots(vera: Client, osago: Product, make_policy: Callable[..., Policy], now: datetime) -> None:
    """Vera's policy ends in 29 days: the robot's first day. The dialogue is in force."""
    load_shipped(now=now, active_from=date(2026, 1, 1))
    load_dialogues(now=now, active_from=date(2026, 1, 1))
    make_policy(vera, osago, number="ХХХ 0412773905", end=DAY + timedelta(days=29))
    plan_day(day=DAY, now=now)


@pytest.fixture
def call(robots: None, now: datetime) -> RobotCall:
    dispatch_due(worker="w", now=now.replace(hour=11, minute=1), lease=LEASE)
    return RobotCall.objects.get()


def ended(call: RobotCall, now: datetime, **values: Any) -> Touch:
    """What became of the touch when the call ended so."""
    on_robot_call(RobotCallEnded(call.pk, call.client_id, call.origin, call.origin_id, **values), now=now)
    return Touch.objects.get(pk=call.origin_id)


def test_a_touch_asks_for_one_call_with_its_words(call: RobotCall, now: datetime) -> None:
    touch = Touch.objects.get(channel="robot")
    assert (touch.state, call.origin, call.origin_id) == ("queued", "renewals.touch", touch.pk)
    assert call.values == {
        "name": "Вера Николаевна", "company": "Причал Страхование", "product": "ОСАГО", "object": "Hyundai Creta",
        "end_date": "семнадцатого декабря", "price": "", "agent_name": "Анна Соколова", "robot": "Даша",
        "agent_phone": "+7 917 200-01-01",
    }  # fmt: skip
    assert call.until == datetime(2026, 11, 30, 21, tzinfo=MOSCOW).astimezone(UTC)
    dispatch_due(worker="w", now=now + timedelta(hours=2), lease=LEASE)
    assert RobotCall.objects.count() == 1


def test_without_a_dialogue_the_touch_says_so(
    vera: Client, osago: Product, make_policy: Callable[..., Policy], now: datetime
) -> None:
    load_shipped(now=now, active_from=date(2026, 1, 1))
    make_policy(vera, osago, number="ХХХ 0412773905", end=DAY + timedelta(days=29))
    plan_day(day=DAY, now=now)
    dispatch_due(worker="w", now=now.replace(hour=11, minute=1), lease=LEASE)
    touch = Touch.objects.get(channel="robot")
    assert (touch.state, touch.reason) == ("dropped", "no_robot")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"paid_at": datetime(2026, 11, 18, tzinfo=UTC)}, "paid"), ({"last_replied_at": datetime(2026, 11, 18, tzinfo=UTC)}, "replied")],
)  # fmt: skip
def test_what_happens_meanwhile_stops_the_call(
    call: RobotCall, now: datetime, changes: dict[str, Any], reason: str
) -> None:
    Renewal.objects.update(**changes)
    assert dial_due(worker="w", now=now.replace(hour=12), lease=LEASE) == []
    call.refresh_from_db()
    assert (call.state, call.dropped, call.fault) == ("dropped", reason, "guard")
    touch = ended(call, now, dropped=call.dropped, fault=call.fault)
    assert (touch.state, touch.reason) == ("dropped", reason)


def test_what_the_policy_forbids_is_written_on_the_touch(call: RobotCall, now: datetime) -> None:
    touch = ended(call, now, dropped="consent", fault="policy")
    assert (touch.state, touch.reason, touch.reason_detail) == ("dropped", "policy", "consent")


@pytest.mark.parametrize(
    ("outcome", "code"), [("sold", "sold"), ("loan_closed", "loan-closed"), ("elsewhere", "elsewhere")]
)
def test_a_loss_is_written_to_the_term(call: RobotCall, now: datetime, outcome: str, code: str) -> None:
    touch = ended(call, now, outcome=outcome)
    term = Renewal.objects.select_related("lost_reason").get()
    assert (touch.state, touch.reason_detail) == ("done", outcome)
    assert term.lost_reason is not None
    assert (term.state, term.lost_reason.code) == ("lost", code)


@pytest.mark.parametrize("outcome", ["handed_over", "too_dear", "renewed"])
def test_what_the_robot_cannot_settle_comes_to_a_person(call: RobotCall, now: datetime, outcome: str) -> None:
    for _ in range(2):
        ended(call, now, outcome=outcome)
    person = Touch.objects.get(step_key="robot.person")
    assert (person.channel, person.state, person.due_at) == ("operator", "planned", now)
    assert Renewal.objects.get().last_replied_at == now
    dispatch_due(worker="w", now=now, lease=LEASE)
    person.refresh_from_db()
    assert person.state == "queued"


def test_a_day_that_was_promised_is_left_in_peace_until_then(call: RobotCall, now: datetime) -> None:
    ended(call, now, outcome="promised", promised="2026-11-21")
    term = Renewal.objects.get()
    assert term.held_until == date(2026, 11, 20)
    again = Touch.objects.get(step_key="robot.promise.1121")
    assert (again.channel, again.due_at.astimezone(MOSCOW)) == (
        "robot",
        datetime(2026, 11, 21, 10, tzinfo=MOSCOW),
    )
    dispatch_due(worker="w", now=again.due_at, lease=LEASE)
    asked = RobotCall.objects.latest("id")
    assert (asked.origin_id, asked.until.astimezone(MOSCOW)) == (
        again.pk,
        datetime(2026, 11, 23, 21, tzinfo=MOSCOW),
    )
    assert len(dial_due(worker="w", now=again.due_at, lease=LEASE)) == 1


def test_late_a_person_keeps_the_promise(call: RobotCall, now: datetime) -> None:
    ended(call, now, outcome="promised", promised="2026-12-05")
    assert Touch.objects.get(step_key="robot.promise.1205").channel == "operator"


def test_the_robot_names_the_price_and_what_is_insured(vera_renewal: Renewal, now: datetime) -> None:
    vera_renewal.next_premium = Decimal("13296.00")
    assert spoken(vera_renewal)["price"] == "тринадцать тысяч двести девяносто шесть рублей"
    InsuredObject.objects.update(make="", model="")
    vera_renewal.policy.insured_object = InsuredObject.objects.get()
    assert spoken(vera_renewal)["object"] == ""
