"""Sending what waits: one attempt at a time for an address, growing pauses, an end after some three days.

At least once: the message is marked after the receiver has answered, so a death in between sends it again with
the same ``webhook-id``.
"""

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections, models, transaction
from django.utils import timezone
from django.utils.http import parse_http_date_safe

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
# Each pause is up to a tenth longer, so that what failed together does not come back together.
JITTER = 0.1
LONGEST_ASKED = timedelta(days=1)
OFF_AFTER = timedelta(days=5)
GONE = 410
MOST_AT_ONCE = 8


def asked_pause(retry_after: str, *, now: datetime) -> timedelta:
    """How long a receiver asks to wait by ``Retry-After`` (RFC 9110, 10.2.3): seconds or an HTTP date.

    A day at most; nothing for a moment in the past and for a header that is neither.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        seconds = int(text) if len(text) < 10 else LONGEST_ASKED.total_seconds()
    else:
        moment = parse_http_date_safe(text)
        seconds = moment - now.timestamp() if moment is not None else 0
    return timedelta(seconds=min(max(seconds, 0), LONGEST_ASKED.total_seconds()))


def _on(now: datetime) -> "models.QuerySet[Endpoint]":
    quiet = models.Q(quiet_until__gt=now)
    return Endpoint.objects.filter(~quiet, off="")


def _due(now: datetime) -> "models.QuerySet[Delivery]":
    ready = models.Q(state=Delivery.State.PENDING) | models.Q(
        state=Delivery.State.RUNNING, lease_until__lt=now
    )
    return Delivery.objects.filter(next_attempt_at__lte=now).filter(ready)


def due_endpoints(now: datetime) -> list[int]:
    """Addresses that are on, did not ask for quiet and have something to hear."""
    waits = models.Exists(_due(now).filter(endpoint=models.OuterRef("pk")))
    return list(_on(now).filter(waits).values_list("pk", flat=True))


def send_next(endpoint_id: int, *, worker: str, now: datetime, lease: timedelta) -> bool:
    """Send one due message of the address; False when there is none."""
    endpoint = _on(now).filter(pk=endpoint_id).first()
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
    attempts, asked = delivery.attempts + 1, asked_pause(answer.retry_after, now=now)
    values = {"attempts": attempts, "tried_at": now, "took_ms": answer.took_ms, "status": answer.status}
    values |= {"fault": answer.fault, "answer": answer.text, "lease_until": None}
    if not answer.fault:
        values["state"] = Delivery.State.DONE
    elif attempts > len(PAUSES):
        values["state"] = Delivery.State.FAILED
    else:
        pause = max(PAUSES[attempts - 1] * random.uniform(1, 1 + JITTER), asked)
        values |= {"state": Delivery.State.PENDING, "next_attempt_at": now + pause}
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.RUNNING, claimed_by=worker)
    if not mine.update(**values):
        return  # the lease ran out and another worker has it
    endpoint = Endpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    if endpoint.off:
        return
    if answer.fault and asked:
        Endpoint.objects.filter(pk=endpoint.pk).update(quiet_until=now + asked)
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
