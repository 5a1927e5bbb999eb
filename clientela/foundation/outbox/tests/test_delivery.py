"""Every handler of an event runs once: it is tried again when it fails, taken over when its worker has died."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from clientela.foundation.outbox import operations
from clientela.foundation.outbox.models import Delivery, Event
from clientela.foundation.outbox.operations import MAX_ATTEMPTS, deliver, publish_all, retry, subscribe

LEASE = timedelta(seconds=60)
pytestmark = pytest.mark.django_db
State = Delivery.State


@dataclass(frozen=True)
class Rang:
    """An event of these tests."""

    number: int


heard: list[int] = []


def hear(event: Rang, *, now: datetime) -> None:
    heard.append(event.number)


def fail_after_writing(event: Rang, *, now: datetime) -> None:
    Event.objects.create(name="tests.Half", payload={}, at=now)
    raise ValueError(f"no answer to {event.number}")


def lose_the_rest(event: Rang, *, now: datetime) -> None:
    """Another worker takes what this one has not begun, as if the lease had ended meanwhile."""
    hear(event, now=now)
    Delivery.objects.filter(state=State.RUNNING).update(claimed_by="w2", lease_until=now + LEASE)


@pytest.fixture(autouse=True)
def _only_these_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_handlers", {})
    monkeypatch.setattr(operations, "_types", {})
    heard.clear()


def ring(handler: str, *numbers: int, now: datetime) -> list[Delivery]:
    subscribe(Rang, f"{__name__}.{handler}")
    publish_all([Rang(number) for number in numbers], now=now)
    return list(Delivery.objects.order_by("id"))


def run(now: datetime, worker: str = "w1") -> int:
    return deliver(worker=worker, now=now, lease=LEASE)


def test_an_event_is_handled_once(now: datetime) -> None:
    first, _ = ring("hear", 1, 2, now=now)

    assert [run(now), run(now)] == [2, 0]
    first.refresh_from_db()
    assert (heard, first.state, first.attempts) == ([1, 2], State.DONE, 1)


def test_a_handler_that_fails_leaves_nothing_and_is_tried_again_after_growing_pauses(now: datetime) -> None:
    (delivery,) = ring("fail_after_writing", 7, now=now)
    pauses, moment = [], now
    for _ in range(4):
        assert run(moment) == 1
        delivery.refresh_from_db()
        assert run(delivery.next_attempt_at - timedelta(seconds=1)) == 0
        pauses.append((delivery.next_attempt_at - moment).total_seconds())
        moment = delivery.next_attempt_at

    assert (delivery.state, delivery.attempts, pauses) == (State.PENDING, 4, [2, 4, 8, 16])
    assert "ValueError: no answer to 7" in delivery.error
    assert not Event.objects.filter(name="tests.Half").exists()


def test_a_handler_that_never_works_is_given_up_and_can_be_put_back(now: datetime) -> None:
    (delivery,) = ring("fail_after_writing", 7, now=now)
    for turn in range(1, MAX_ATTEMPTS + 1):
        assert run(now + turn * timedelta(days=1)) == 1
    later = now + timedelta(days=30)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, run(later)) == (State.FAILED, MAX_ATTEMPTS, 0)

    assert [retry(delivery.pk, now=later), retry(delivery.pk, now=later)] == [True, False]

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.next_attempt_at) == (State.PENDING, 0, later)
    assert run(later) == 1


def test_a_handler_that_fails_does_not_stop_the_others(now: datetime) -> None:
    subscribe(Rang, f"{__name__}.fail_after_writing")
    ring("hear", 5, now=now)

    assert (run(now), heard) == (2, [5])


def test_what_a_dead_worker_left_is_taken_by_another_when_its_lease_has_ended(now: datetime) -> None:
    (delivery,) = ring("hear", 3, now=now)
    Delivery.objects.update(state=State.RUNNING, claimed_by="dead", lease_until=now + LEASE)

    assert [run(now + LEASE), heard] == [0, []]
    assert run(now + LEASE + timedelta(seconds=1)) == 1
    delivery.refresh_from_db()
    assert (heard, delivery.state, delivery.claimed_by) == ([3], State.DONE, "w1")


def test_a_delivery_that_another_worker_has_taken_meanwhile_is_left_to_it(now: datetime) -> None:
    _, second = ring("lose_the_rest", 1, 2, now=now)

    assert (run(now), heard) == (2, [1])
    second.refresh_from_db()
    assert (second.state, second.claimed_by, second.attempts) == (State.RUNNING, "w2", 0)
