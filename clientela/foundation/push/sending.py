"""The worker's part: what waits goes to the push services of its browsers."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from webpush import WebPush, WebPushSubscription
from webpush.types import WebPushKeys

from clientela.foundation.claims import claim
from clientela.foundation.push.keys import Vapid, vapid
from clientela.foundation.push.models import Alert, Delivery, Preference, Subscription
from clientela.foundation.push.topics import TOPICS
from clientela.foundation.webhooks.posting import Answer, post
from clientela.foundation.webhooks.sending import asked_pause

BATCH = 16
AT_ONCE = 8
TIMEOUT_SECONDS = 10.0
# What comes later than this is no news.
WORTH = timedelta(hours=4)
LONGEST_PAUSE = timedelta(minutes=30)
GONE = {404, 410}
AGAIN = {408, 425, 429}


@dataclass(frozen=True)
class _Letter:
    delivery: Delivery
    headers: dict[str, str]
    body: bytes


def send_due(*, worker: str, now: datetime, lease: timedelta) -> int:
    """Claim a batch of due deliveries and send them; returns how many were taken."""
    ready = Q(state=Delivery.State.PENDING) | Q(state=Delivery.State.RUNNING, lease_until__lt=now)
    due = Delivery.objects.filter(ready, next_attempt_at__lte=now).order_by("next_attempt_at", "id")
    ids = claim(due, to_state=Delivery.State.RUNNING, worker=worker, now=now, lease=lease, limit=BATCH)
    if not ids:
        return 0
    rows = Delivery.objects.filter(pk__in=ids).select_related("alert", "subscription__user__alerting")
    key = vapid()
    letters = []
    for row in rows.order_by("pk"):
        if now - row.alert.created_at > WORTH or not row.subscription.user.is_active:
            _mine(row, worker).update(state=Delivery.State.FAILED, fault="late", lease_until=None)
        else:
            letters.append(_letter(row, key, now))
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push") as pool:
        for letter, answer in zip(letters, pool.map(_post, letters), strict=True):
            _settle(letter.delivery, answer, worker=worker, now=now)
    return len(ids)


def _mine(delivery: Delivery, worker: str) -> Any:
    return Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.RUNNING, claimed_by=worker)


def words(alert: Alert, chosen: Preference | None, language: str) -> dict[str, str]:
    """What the browser shows: the topic's neutral words, or who and what if the person chose so."""
    if chosen is not None and chosen.shows_words:
        return {"title": alert.title, "body": alert.body}
    with translation.override(language):
        return {"title": str(TOPICS[alert.topic].neutral), "body": ""}


def _letter(delivery: Delivery, key: Vapid, now: datetime) -> _Letter:
    alert, to = delivery.alert, delivery.subscription
    user: Any = to.user
    said = words(alert, getattr(user, "alerting", None), user.language)
    said |= {"url": alert.url, "tag": f"alert-{alert.pk}"}
    keys = WebPushKeys(auth=to.auth, p256dh=to.p256dh)
    subscription = WebPushSubscription(endpoint=to.endpoint, keys=keys)
    left = int((alert.created_at + WORTH - now).total_seconds())
    sealed = WebPush(key.private, key.public, settings.PUSH_CONTACT).get(
        orjson.dumps(said), subscription, ttl=max(left, 1)
    )
    headers = {"Content-Type": "application/octet-stream", "Urgency": "high", "Topic": f"alert-{alert.pk}"}
    return _Letter(delivery, {**sealed.headers, **headers}, sealed.encrypted)


def _post(letter: _Letter) -> Answer:
    endpoint = letter.delivery.subscription.endpoint
    return post(
        endpoint,
        letter.headers,
        letter.body,
        open_networks=settings.WEBHOOK_NETWORKS,
        timeout=TIMEOUT_SECONDS,
    )


@transaction.atomic
def _settle(delivery: Delivery, answer: Answer, *, worker: str, now: datetime) -> None:
    attempts = delivery.attempts + 1
    values: dict[str, Any] = {"attempts": attempts, "lease_until": None, "fault": answer.fault}
    refused = answer.status is not None and answer.status < 500 and answer.status not in AGAIN
    if not answer.fault:
        values["state"] = Delivery.State.DONE
    elif refused:
        values |= {"state": Delivery.State.FAILED, "fault": f"{answer.fault} {answer.status}"}
    else:
        pause = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE)
        pause = max(pause, asked_pause(answer.retry_after, now=now))
        values |= {"state": Delivery.State.PENDING, "next_attempt_at": now + pause}
    if not _mine(delivery, worker).update(**values):
        return  # the lease ran out and another worker has it
    if answer.status in GONE:
        Subscription.objects.filter(pk=delivery.subscription_id).delete()
    elif not answer.fault:
        Subscription.objects.filter(pk=delivery.subscription_id).update(heard_at=now)
