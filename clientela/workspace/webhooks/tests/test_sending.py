"""From the event to the receiver: kept with the event, sent, tried again, given up, sent anew."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from clientela.foundation.audit.models import Entry
from clientela.foundation.claims import claim
from clientela.foundation.outbox.models import Event
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.webhooks import operations
from clientela.foundation.webhooks.models import Delivery, Endpoint
from clientela.foundation.webhooks.sending import (
    JITTER,
    LONGEST_ASKED,
    OFF_AFTER,
    PAUSES,
    due_endpoints,
    send_next,
)
from clientela.modules.claims.events import ClaimOpened
from clientela.modules.renewals.events import RenewalChanged

pytestmark = [pytest.mark.server, pytest.mark.django_db]
LEASE = timedelta(seconds=60)
State = Delivery.State


def happen(now, *numbers):
    with transaction.atomic():
        publish_all([RenewalChanged(renewal_id=number, client_id=7) for number in numbers], now=now)


def send(endpoint, now, worker="w1"):
    return send_next(endpoint.pk, worker=worker, now=now, lease=LEASE)


def good(taken, secret):
    """Whether one of the signatures is made with ``secret``."""
    signed = f"{taken.headers['webhook-id']}.{taken.headers['webhook-timestamp']}.{taken.body}".encode()
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}" in taken.headers["webhook-signature"].split(" ")


def test_an_event_reaches_the_receiver_once(endpoint, receiver, now):
    happen(now, 11)

    assert due_endpoints(now) == [endpoint.pk]
    assert send(endpoint, now)
    assert not send(endpoint, now)

    [taken] = receiver.taken
    delivery = Delivery.objects.get()
    assert json.loads(taken.body) == {
        "type": "renewals.RenewalChanged",
        "timestamp": "2026-11-18T07:42:00.000Z",
        "data": {"renewal_id": 11, "client_id": 7},
    }
    assert taken.headers["webhook-id"] == delivery.message_id
    assert taken.headers["webhook-timestamp"] == str(int(now.timestamp()))
    assert good(taken, endpoint.shown)
    assert (delivery.state, delivery.attempts, delivery.status) == (State.DONE, 1, 200)
    assert delivery.answer == '{"ok":true}'
    assert due_endpoints(now) == []


def test_only_the_chosen_events_are_kept(endpoint, now):
    with transaction.atomic():
        publish_all([ClaimOpened(claim_id=1, policy_id=1, client_id=1)], now=now)

    assert Delivery.objects.count() == 0


def test_an_event_taken_back_is_not_sent(endpoint, now):
    with transaction.atomic():
        publish_all([RenewalChanged(renewal_id=1, client_id=7)], now=now)
        transaction.set_rollback(True)

    assert (Event.objects.count(), Delivery.objects.count()) == (0, 0)


def test_the_secret_is_not_in_the_database(endpoint):
    stored = Endpoint.objects.values().get()
    assert endpoint.shown not in json.dumps(stored, default=str)
    assert Entry.objects.filter(action="webhook.created").count() == 1
    assert endpoint.shown not in json.dumps(list(Entry.objects.values("changes")))


def test_pauses_grow_for_three_days_and_then_it_gives_up(endpoint, receiver, now):
    receiver.does = 500
    happen(now, 11)
    waits = []
    while (delivery := Delivery.objects.get()).state == State.PENDING:
        assert not send(endpoint, delivery.next_attempt_at - timedelta(seconds=1))
        at = delivery.next_attempt_at
        assert send(endpoint, at)
        waits.append(Delivery.objects.get().next_attempt_at - at)

    assert len(waits) == len(PAUSES) + 1
    for waited, pause in zip(waits, PAUSES, strict=False):
        assert pause <= waited <= pause * (1 + JITTER)
    assert timedelta(days=3) < sum(PAUSES, timedelta()) < timedelta(days=3, hours=4)
    assert (delivery.state, delivery.attempts, delivery.fault) == (State.FAILED, 10, "status")
    assert {taken.headers["webhook-id"] for taken in receiver.taken} == {delivery.message_id}
    assert {taken.body for taken in receiver.taken} == {delivery.body}


def test_what_failed_together_does_not_come_back_together(endpoint, receiver, now):
    receiver.does = 500
    happen(now, 1, 2, 3, 4)
    for _ in range(4):
        assert send(endpoint, now)

    assert len(set(Delivery.objects.values_list("next_attempt_at", flat=True))) == 4


@pytest.mark.parametrize(
    ("does", "header", "quiet"),
    [
        (429, "120", timedelta(minutes=2)),
        (503, "Wed, 18 Nov 2026 09:42:00 GMT", timedelta(hours=2)),
        (500, "2592000", LONGEST_ASKED),
    ],
)
def test_a_receiver_that_asks_to_wait_hears_nothing_until_then(endpoint, receiver, now, does, header, quiet):
    receiver.does, receiver.retry_after = does, header
    happen(now, 1, 2)
    assert send(endpoint, now)

    assert Delivery.objects.get(attempts=1).next_attempt_at == now + quiet
    receiver.does = 200
    early = now + quiet - timedelta(seconds=1)
    assert (due_endpoints(early), send(endpoint, early)) == ([], False)
    assert len(receiver.taken) == 1
    assert due_endpoints(now + quiet) == [endpoint.pk]
    assert send(endpoint, now + quiet)
    assert send(endpoint, now + quiet)
    assert not Delivery.objects.exclude(state=State.DONE).exists()


@pytest.mark.parametrize(
    ("does", "header"), [(503, "1"), (503, "Wed, 18 Nov 2026 07:00:00 GMT"), (503, "soon"), (200, "3600")]
)
def test_a_shorter_wait_and_one_after_success_change_nothing(endpoint, receiver, now, does, header):
    receiver.does, receiver.retry_after = does, header
    happen(now, 1, 2)
    send(endpoint, now)
    receiver.does = 200

    tried = Delivery.objects.get(attempts=1)
    assert tried.state == State.DONE or now + PAUSES[0] <= tried.next_attempt_at <= now + PAUSES[0] * 1.1
    assert send(endpoint, now + timedelta(seconds=1))


def test_a_new_address_has_not_asked_to_wait(endpoint, receiver, administrator, now):
    receiver.does, receiver.retry_after = 429, "3600"
    happen(now, 1)
    send(endpoint, now)
    receiver.does = 200

    operations.change_endpoint(
        actor=administrator, now=now, endpoint=endpoint, name="1С", url=receiver.url + "&v=2", events=endpoint.events
    )  # fmt: skip

    assert Endpoint.objects.get().quiet_until is None


def test_long_failure_switches_the_address_off_with_an_entry(endpoint, receiver, now):
    receiver.does = 500
    happen(now, 1, 2)
    send(endpoint, now)
    assert Endpoint.objects.get().failing_since == now

    send(endpoint, now + OFF_AFTER)

    assert Endpoint.objects.get().off == Endpoint.Off.FAILING
    entry = Entry.objects.get(action="webhook.off")
    assert (entry.actor_name, entry.changes) == ("system", {"off": ["", "failing"]})
    happen(now + OFF_AFTER, 3)
    assert Delivery.objects.count() == 2
    assert due_endpoints(now + OFF_AFTER + timedelta(days=9)) == []


def test_one_success_ends_the_count(endpoint, receiver, now):
    receiver.does = 500
    happen(now, 1, 2)
    send(endpoint, now)
    receiver.does = 200
    send(endpoint, now)

    assert Endpoint.objects.get().failing_since is None


def test_gone_means_gone(endpoint, receiver, now):
    receiver.does = 410
    happen(now, 1)
    send(endpoint, now)

    assert Endpoint.objects.get().off == Endpoint.Off.GONE


def test_a_dead_workers_message_goes_again_with_its_own_id(endpoint, receiver, now):
    happen(now, 11)
    ready = Delivery.objects.filter(endpoint=endpoint)
    claim(ready.order_by("id"), to_state=State.RUNNING, worker="dead", now=now, lease=LEASE, limit=1)

    assert not send(endpoint, now + LEASE)
    assert send(endpoint, now + LEASE + timedelta(seconds=1), worker="w2")

    [taken] = receiver.taken
    assert taken.headers["webhook-id"] == Delivery.objects.get(state=State.DONE).message_id


def test_a_delivery_is_sent_again_as_it_was(endpoint, receiver, administrator, now):
    happen(now, 11)
    send(endpoint, now)

    operations.replay(actor=administrator, now=now, delivery=Delivery.objects.get())
    with pytest.raises(operations.StillOpen):
        operations.replay(actor=administrator, now=now, delivery=Delivery.objects.get())
    send(endpoint, now + timedelta(minutes=1))

    first, second = receiver.taken
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert Entry.objects.filter(action="webhook.replayed").count() == 1


def test_what_failed_since_a_time_is_sent_again(endpoint, receiver, administrator, now):
    for hours in (3, 2, 1):
        happen(now - timedelta(hours=hours), hours)
    Delivery.objects.update(state=State.FAILED, attempts=10)
    Delivery.objects.filter(created_at=now - timedelta(hours=1)).update(state=State.DONE)

    count = operations.replay_failed(
        actor=administrator, now=now, endpoint=endpoint, since=now - timedelta(hours=2)
    )

    assert count == 1
    assert send(endpoint, now)
    assert not send(endpoint, now)
    assert json.loads(receiver.taken[0].body)["data"]["renewal_id"] == 2


def test_both_secrets_are_good_for_a_day(endpoint, receiver, administrator, now):
    fresh = operations.rotate_secret(actor=administrator, now=now, endpoint=endpoint)
    happen(now, 1)
    send(endpoint, now + timedelta(hours=23))
    happen(now, 2)
    send(endpoint, now + timedelta(hours=24))

    during, after = receiver.taken
    assert (good(during, endpoint.shown), good(during, fresh)) == (True, True)
    assert (good(after, endpoint.shown), good(after, fresh)) == (False, True)


def test_a_test_message_says_nothing(endpoint, receiver, administrator, now):
    operations.send_test(actor=administrator, now=now, endpoint=endpoint)
    operations.send_test(actor=administrator, now=now, endpoint=endpoint)
    send(endpoint, now)

    body = json.loads(receiver.taken[0].body)
    assert (body["type"], body["data"]) == ("webhooks.Test", {})
    assert Delivery.objects.count() == 2


def test_an_address_that_is_off_gets_nothing(endpoint, receiver, administrator, now):
    happen(now, 1)
    operations.switch(actor=administrator, now=now, endpoint=endpoint, on=False)
    happen(now, 2)

    assert not send(endpoint, now)
    for act in (operations.send_test, operations.replay_failed):
        more = {"since": now} if act is operations.replay_failed else {}
        with pytest.raises(operations.SwitchedOff):
            act(actor=administrator, now=now, endpoint=Endpoint.objects.get(), **more)
    operations.switch(actor=administrator, now=now, endpoint=endpoint, on=True)
    assert send(endpoint, now)
    assert not send(endpoint, now)
    assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://crm.example/", "crm.example/hook", "https://", "https://user:pass@crm.example/", "https://crm.example/#x",
        "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "http://localhost:8000/", "https://[bad/",
    ],
)  # fmt: skip
def test_bad_addresses_are_refused(url, administrator, now, settings):
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises(operations.BadAddress):
        operations.create_endpoint(
            actor=administrator, now=now, name="x", url=url, events=["renewals.RenewalChanged"]
        )
    assert Endpoint.objects.count() == 0


def test_only_https_outside_the_demo(administrator, now, settings):
    values = {"actor": administrator, "now": now, "name": "x", "events": ["renewals.RenewalChanged"]}
    settings.WEBHOOK_NETWORKS, settings.DEMO = ["127.0.0.0/8"], False

    with pytest.raises(operations.BadAddress):
        operations.create_endpoint(url="http://crm.example/", **values)
    operations.create_endpoint(url="http://localhost:9000/", **values)
    operations.create_endpoint(url="https://crm.example/", **values)
    settings.DEMO = True
    operations.create_endpoint(url="http://crm.example/", **values)


@pytest.mark.parametrize("events", [[], ["renewals.Unheard"]])
def test_events_are_those_of_the_product(events, administrator, now):
    with pytest.raises(operations.UnknownEvent):
        operations.create_endpoint(
            actor=administrator, now=now, name="x", url="https://crm.example/", events=events
        )


def test_only_an_administrator_may(endpoint, renewals_manager, now):
    before = Endpoint.objects.values().get()
    acts = [
        lambda who: operations.create_endpoint(actor=who, now=now, name="x", url="https://x.example/", events=[]),
        lambda who: operations.change_endpoint(
            actor=who, now=now, endpoint=endpoint, name="x", url="https://x.example/", events=["renewals.DayPlanned"]
        ),
        lambda who: operations.rotate_secret(actor=who, now=now, endpoint=endpoint),
        lambda who: operations.switch(actor=who, now=now, endpoint=endpoint, on=False),
        lambda who: operations.send_test(actor=who, now=now, endpoint=endpoint),
        lambda who: operations.remove_endpoint(actor=who, now=now, endpoint=endpoint),
        lambda who: operations.replay_failed(actor=who, now=now, endpoint=endpoint, since=now),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(PermissionDenied):
            act(renewals_manager)

    assert Endpoint.objects.values().get() == before
    assert Delivery.objects.count() == 0
