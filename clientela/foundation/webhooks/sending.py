"""Sending what waits: one attempt at a time for an address, growing pauses, an end after three days.

At least once: the message is marked after the receiver has answered, so a death in between sends it again with
the same ``webhook-id``.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections, models, transaction
from django.utils import timezone

from clientela.foundation.claims import claim
from clientela.foundation.webhooks import signing
from clientela.foundation.webhooks.models import Delivery, Endpoint
from clientela.foundation.webhooks.operations import put
from clientela.foundation.webhooks.posting import Answer, post

log = logging.getLogger(__name__)

# The schedule of the specification: ten attempts over three days and four hours.
PAUSES = [
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
]  # fmt: skip
OFF_AFTER = timedelta(days=5)
GONE = 410
MOST_AT_ONCE = 8


def _due(now: datetime) -> "models.QuerySet[Delivery]":
    ready = models.Q(state=Delivery.State.PENDING) | models.Q(
        state=Delivery.State.RUNNING, lease_until__lt=now
    )
    return Delivery.objects.filter(next_attempt_at__lte=now).filter(ready)


def due_endpoints(now: datetime) -> list[int]:
    """Addresses that are on and have something to hear."""
    on = Endpoint.objects.filter(off="")
    return list(
        on.filter(models.Exists(_due(now).filter(endpoint=models.OuterRef("pk")))).values_list(
            "pk", flat=True
        )
    )


def send_next(endpoint_id: int, *, worker: str, now: datetime, lease: timedelta) -> bool:
    """Send one due message of the address; False when there is none."""
    endpoint = Endpoint.objects.filter(pk=endpoint_id, off="").first()
    if endpoint is None:
        return False
    ready = _due(now).filter(endpoint=endpoint).order_by("next_attempt_at", "id")
    ids = claim(ready, to_state=Delivery.State.RUNNING, worker=worker, now=now, lease=lease, limit=1)
    if not ids:
        return False
    delivery = Delivery.objects.get(pk=ids[0])
    headers = signing.headers(
        message_id=delivery.message_id,
        timestamp=int(now.timestamp()),
        body=delivery.body,
        keys=endpoint.secrets(now),
    )
    answer = post(endpoint.url, headers, delivery.body, open_networks=settings.WEBHOOK_NETWORKS)
    _settle(delivery, answer, worker=worker, now=now)
    return True


@transaction.atomic
def _settle(delivery: Delivery, answer: Answer, *, worker: str, now: datetime) -> None:
    attempts = delivery.attempts + 1
    values = {"attempts": attempts, "tried_at": now, "took_ms": answer.took_ms, "status": answer.status}
    values |= {"fault": answer.fault, "answer": answer.text, "lease_until": None}
    if not answer.fault:
        values["state"] = Delivery.State.DONE
    elif attempts > len(PAUSES):
        values["state"] = Delivery.State.FAILED
    else:
        values |= {"state": Delivery.State.PENDING, "next_attempt_at": now + PAUSES[attempts - 1]}
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.RUNNING, claimed_by=worker)
    if not mine.update(**values):
        return  # the lease ran out and another worker has it
    endpoint = Endpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    if endpoint.off:
        return
    if answer.status == GONE:
        put(endpoint, off=Endpoint.Off.GONE, actor=None, now=now)
    elif not answer.fault:
        Endpoint.objects.filter(pk=endpoint.pk, failing_since__isnull=False).update(failing_since=None)
    elif endpoint.failing_since is None:
        Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=now)
    elif now - endpoint.failing_since >= OFF_AFTER:
        put(endpoint, off=Endpoint.Off.FAILING, actor=None, now=now)


class Couriers:
    """One thread for each address with work, so that a slow receiver holds nobody else up."""

    def __init__(self, *, worker: str, lease: timedelta, stopping: Callable[[], bool]) -> None:
        self.worker, self.lease, self.stopping = worker, lease, stopping
        self._busy: set[int] = set()

    def look(self, now: datetime) -> bool:
        """Start a courier for each address that has none; False when there was nothing to start."""
        started = False
        for endpoint_id in due_endpoints(now):
            if endpoint_id in self._busy or len(self._busy) >= MOST_AT_ONCE:
                continue
            self._busy.add(endpoint_id)
            name = f"webhook-{endpoint_id}"
            threading.Thread(target=self._work, args=(endpoint_id,), name=name, daemon=True).start()
            started = True
        return started

    def _work(self, endpoint_id: int) -> None:
        try:
            while not self.stopping() and send_next(
                endpoint_id, worker=self.worker, now=timezone.now(), lease=self.lease
            ):
                pass
        except Exception:
            log.exception("webhooks.courier_failed", extra={"endpoint": endpoint_id})
        finally:
            connections.close_all()
            self._busy.discard(endpoint_id)
