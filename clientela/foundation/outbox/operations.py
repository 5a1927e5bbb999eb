"""Publishing events and delivering them, once per handler."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.module_loading import import_string

from clientela.foundation.bulk import insert_rows
from clientela.foundation.claims import claim
from clientela.foundation.outbox.models import Delivery, Event

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
BATCH = 100

_handlers: dict[str, list[str]] = {}
_topics: dict[str, Callable[[Any], list[str]]] = {}
_types: dict[str, type] = {}
Follower = Callable[..., None]
_followers: list[Follower] = []


def subscribe(event_type: type, *handlers: str, topics: Callable[[Any], list[str]] | None = None) -> None:
    """Register dotted paths of handlers, and the live topics, for one event type (see config/subscriptions)."""
    name = event_name(event_type)
    _types[name] = event_type
    known = _handlers.setdefault(name, [])
    known.extend(h for h in handlers if h not in known)
    if topics:
        _topics[name] = topics


def follow(follower: Follower) -> None:
    """``follower([(id, name, payload), …], now=now)`` sees every event in the transaction that publishes it."""
    if follower not in _followers:
        _followers.append(follower)


def event_names() -> list[str]:
    """Every event that the product publishes."""
    return sorted(_types)


def event_name(event_type: type) -> str:
    """``renewals.TouchSent`` for ``clientela.modules.renewals.events.TouchSent``."""
    return f"{event_type.__module__.split('.')[-2]}.{event_type.__name__}"


def publish(event: Any, *, now: datetime) -> None:
    """Write ``event`` (a frozen dataclass of ids and primitives) and one delivery per subscribed handler."""
    publish_all([event], now=now)


def publish_all(events: list[Any], *, now: datetime) -> None:
    """Like ``publish`` for many events, in two statements. Must be called inside a transaction."""
    if not events:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("events are published inside the transaction that causes them")
    rows = []
    for event in events:
        if not is_dataclass(event) or isinstance(event, type):
            raise TypeError(f"{event!r} is not a dataclass instance")
        name = event_name(type(event))
        topics = " ".join(_topics[name](event)) if name in _topics else ""
        rows.append({"name": name, "payload": dict(vars(event)), "topics": topics, "at": now})
    ids = insert_rows(Event, rows)
    fresh = {
        "state": Delivery.State.PENDING,
        "attempts": 0,
        "error": "",
        "claimed_by": "",
        "next_attempt_at": now,
    }
    insert_rows(
        Delivery,
        [
            {"event": event_id, "handler": handler, **fresh}
            for event_id, row in zip(ids, rows, strict=True)
            for handler in _handlers.get(str(row["name"]), [])
        ],
    )
    for follower in _followers:
        follower([(pk, row["name"], row["payload"]) for pk, row in zip(ids, rows, strict=True)], now=now)


def deliver(*, worker: str, now: datetime, lease: timedelta) -> int:
    """Claim a batch of due deliveries and run them; returns how many were taken.

    Each handler runs in one transaction with the mark that it is done: a crash leaves it undone with no effect.
    """
    due = Delivery.objects.filter(next_attempt_at__lte=now).filter(
        models.Q(state=Delivery.State.PENDING) | models.Q(state=Delivery.State.RUNNING, lease_until__lt=now)
    )
    ids = claim(
        due.order_by("next_attempt_at", "id"),
        to_state=Delivery.State.RUNNING,
        worker=worker,
        now=now,
        lease=lease,
        limit=BATCH,
    )
    for delivery in Delivery.objects.filter(id__in=ids).select_related("event").order_by("id"):
        _run(delivery, worker=worker, now=now)
    return len(ids)


def _run(delivery: Delivery, *, worker: str, now: datetime) -> None:
    try:
        with transaction.atomic():
            mine = Delivery.objects.filter(
                id=delivery.pk, state=Delivery.State.RUNNING, claimed_by=worker
            ).update(state=Delivery.State.DONE, attempts=models.F("attempts") + 1, error="", lease_until=None)
            if not mine:
                return
            event_type = _types[delivery.event.name]
            import_string(delivery.handler)(event_type(**delivery.event.payload), now=now)
    except Exception:
        attempts = delivery.attempts + 1
        failed = attempts >= MAX_ATTEMPTS
        log.exception("outbox.handler_failed", extra={"delivery": delivery.pk, "handler": delivery.handler})
        Delivery.objects.filter(id=delivery.pk, claimed_by=worker).update(
            state=Delivery.State.FAILED if failed else Delivery.State.PENDING,
            attempts=attempts,
            next_attempt_at=now + timedelta(seconds=min(2**attempts, 3600)),
            lease_until=None,
            error=traceback.format_exc()[-4000:],
        )


def retry(delivery_id: int, *, now: datetime) -> bool:
    """Put a failed delivery back; False when it is not failed any more."""
    return bool(
        Delivery.objects.filter(id=delivery_id, state=Delivery.State.FAILED).update(
            state=Delivery.State.PENDING, attempts=0, next_attempt_at=now
        )
    )
