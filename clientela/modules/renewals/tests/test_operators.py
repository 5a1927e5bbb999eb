"""Days 17 … 1: touches become entries of the calling list, and what clients say comes back to the term."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clientela.foundation.outbox.models import Delivery
from clientela.foundation.outbox.operations import deliver
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.dialler.operations.ending import finish, undo
from clientela.modules.dialler.operations.lists import load_shipped as load_lists
from clientela.modules.dialler.operations.taking import take_next
from clientela.modules.products.models import Product
from clientela.modules.renewals.models import LossReason, Renewal, Touch
from clientela.modules.renewals.operations.dispatch import dispatch_due
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.modules.renewals.operations.work import (
    complete_touch,
    drop_blocked,
    hold_plan,
    mark_lost,
    release_plan,
    reopen,
)

DAY = date(2026, 11, 18)
LEASE = timedelta(minutes=1)


@pytest.fixture
def noon(now: datetime) -> datetime:
    return now.replace(hour=12)


@pytest.fixture
def entry(
    vera: Client, osago: Product, make_policy: Callable[..., Policy], now: datetime, noon: datetime
) -> Entry:
    """Vera's policy ends in 17 days: the operators' first day."""
    load_shipped(now=now, active_from=date(2026, 1, 1))
    load_lists(now=now)
    make_policy(vera, osago, number="ХХХ 0412773905", end=DAY + timedelta(days=17))
    plan_day(day=DAY, now=now)
    dispatch_due(worker="w", now=noon, lease=LEASE)
    return Entry.objects.get()


@pytest.fixture
def said(entry: Entry, centre_operator: User, noon: datetime) -> Callable[..., Touch]:
    """``said("agreed")``: the operator takes the entry and says how it came out; everybody is told."""

    def say(outcome: str, **values: Any) -> Touch:
        taken = take_next(actor=centre_operator, now=noon, calling=CallingList.objects.get())
        assert taken == entry
        finish(actor=centre_operator, now=noon, entry=taken, outcome=outcome, **values)
        told(noon)
        return touch()

    return say


def told(now: datetime) -> None:
    while deliver(worker="test", now=now, lease=LEASE):
        pass
    assert not Delivery.objects.exclude(state="done").exists(), Delivery.objects.exclude(state="done")[
        0
    ].error


def touch() -> Touch:
    return Touch.objects.select_related("renewal__lost_reason").get(channel="operator")


def test_a_touch_is_one_entry_with_its_reasons(entry: Entry, noon: datetime) -> None:
    assert (entry.origin, entry.origin_id, touch().state) == ("renewals.touch", touch().pk, "queued")
    assert entry.subject == "ОСАГО ХХХ 0412773905 · Hyundai Creta, 2021"
    assert (entry.ends_on, entry.premium) == (date(2026, 12, 5), touch().renewal.premium)
    assert entry.reasons == ["renews for the first time", "no project yet"]
    assert entry.until == datetime(2026, 12, 4, 18, tzinfo=UTC)  # the evening of the last day in Moscow
    dispatch_due(worker="w", now=noon + timedelta(hours=2), lease=LEASE)
    assert Entry.objects.count() == 1


def test_without_a_list_it_stays_a_task_of_the_day(entry: Entry, noon: datetime) -> None:
    CallingList.objects.all().delete()
    Touch.objects.filter(channel="operator").update(state="planned")
    dispatch_due(worker="w", now=noon, lease=LEASE)
    assert (touch().state, Entry.objects.count()) == ("queued", 0)


def test_the_agent_keeps_term_and_client(said: Callable[..., Touch], anna: User) -> None:
    found = said("agreed")
    assert (found.state, found.reason_detail, found.renewal.agent) == ("done", "agreed", anna.agent)
    assert found.renewal.last_replied_at == found.sent_at


@pytest.mark.parametrize(
    ("outcome", "code"), [("sold", "sold"), ("elsewhere", "elsewhere"), ("refused", "no-need")]
)
def test_a_loss_is_written_to_the_term_and_taken_back_with_the_outcome(
    said: Callable[..., Touch], entry: Entry, centre_operator: User, noon: datetime, outcome: str, code: str
) -> None:
    lost = said(outcome)
    assert (lost.state, lost.renewal.state, lost.renewal.lost_reason.code) == ("done", "lost", code)
    undo(actor=centre_operator, now=noon, attempt=entry.tries.get())
    told(noon)
    assert (touch().state, touch().renewal.state) == ("queued", "nothing")


def test_no_answer_leaves_the_touch_on_its_way(said: Callable[..., Touch], entry: Entry) -> None:
    assert (said("no_answer").state, touch().renewal.last_replied_at) == ("queued", None)
    entry.refresh_from_db()
    assert entry.state == "waiting"


def test_a_promise_holds_the_plan_and_keeps_the_call(
    said: Callable[..., Touch], entry: Entry, noon: datetime
) -> None:
    found = said("promised", moment=noon + timedelta(days=3))
    assert (found.state, found.renewal.held_until, found.renewal.held_reason) == (
        "queued",
        date(2026, 11, 20),
        "operator",
    )
    entry.refresh_from_db()
    assert (entry.state, entry.next_at, entry.asked) == ("waiting", noon + timedelta(days=3), True)


@pytest.mark.parametrize(
    ("changes", "reason"), [({"has_project": True}, "has_project"), ({"paid_at": datetime(2026, 11, 18, tzinfo=UTC)}, "paid")]
)  # fmt: skip
def test_what_happens_meanwhile_takes_it_off(
    entry: Entry, centre_operator: User, noon: datetime, changes: dict[str, Any], reason: str
) -> None:
    Renewal.objects.update(**changes)
    drop_blocked(list(Renewal.objects.values_list("pk", flat=True)), now=noon)
    entry.refresh_from_db()
    assert (entry.state, entry.dropped, touch().state, touch().reason) == (
        "dropped",
        reason,
        "dropped",
        reason,
    )


def test_the_guard_has_the_last_word(entry: Entry, centre_operator: User, noon: datetime) -> None:
    Renewal.objects.update(in_dispute=True)  # nobody told us
    assert take_next(actor=centre_operator, now=noon, calling=CallingList.objects.get()) is None
    told(noon)
    assert (touch().state, touch().reason) == ("dropped", "in_dispute")


def test_what_the_policy_forbids_is_written_on_the_touch(
    entry: Entry, vera: Client, centre_operator: User, noon: datetime
) -> None:
    vera.consents.all().delete()
    assert take_next(actor=centre_operator, now=noon, calling=CallingList.objects.get()) is None
    told(noon)
    assert (touch().state, touch().reason, touch().reason_detail) == ("dropped", "policy", "consent")


def test_done_by_hand_goes_off_the_list(entry: Entry, centre_operator: User, noon: datetime) -> None:
    complete_touch(actor=centre_operator, now=noon, touch=touch(), outcome="reached")
    told(noon)
    entry.refresh_from_db()
    assert (entry.state, entry.dropped, touch().state) == ("dropped", "done", "done")


def test_a_held_plan_lets_it_wait_and_a_lost_term_that_is_reopened_comes_back(
    entry: Entry, anna: User, noon: datetime
) -> None:
    term = touch().renewal
    hold_plan(actor=anna, now=noon, renewal=term, until=date(2026, 11, 20))
    entry.refresh_from_db()
    assert (entry.state, entry.next_at) == ("waiting", datetime(2026, 11, 21, 7, tzinfo=UTC))
    release_plan(actor=anna, now=noon, renewal=term)
    entry.refresh_from_db()
    assert entry.next_at == noon
    mark_lost(actor=anna, now=noon, renewal=term, reason=LossReason.objects.first())
    entry.refresh_from_db()
    assert (entry.state, touch().state) == ("dropped", "dropped")
    reopen(actor=anna, now=noon, renewal=term)
    dispatch_due(worker="w", now=noon, lease=LEASE)
    entry.refresh_from_db()
    assert (entry.state, touch().state, Entry.objects.count()) == ("waiting", "queued", 1)
