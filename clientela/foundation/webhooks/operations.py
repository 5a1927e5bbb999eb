"""Who hears of our events: addresses, their secrets, and sending again."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

import httpx
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.outbox.operations import event_names
from clientela.foundation.refusals import Refusal
from clientela.foundation.webhooks import posting, signing
from clientela.foundation.webhooks.keeping import fresh
from clientela.foundation.webhooks.models import Delivery, Endpoint

PERMISSION = "webhooks.write"
TEST_EVENT = "webhooks.Test"
OVERLAP = timedelta(hours=24)
MOST_ENDPOINTS = 50
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_NUMBERS = re.compile(r"[0-9.]+")


class BadAddress(Refusal):
    """The address cannot be written to."""

    field = "url"

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


class UnknownEvent(Refusal):
    """Nobody publishes this event, or none was chosen."""

    message = _("Choose at least one event of the list.")
    field = "events"


class TooManyEndpoints(Refusal):
    """Every event is written once for each address, so their number has a bound."""

    message = _("There are 50 addresses already: remove one first.")


class SwitchedOff(Refusal):
    """Nothing is sent to an address that is off."""

    message = _("The address is switched off: switch it on first.")


class StillOpen(Refusal):
    """The delivery waits or is being sent."""

    message = _("This delivery is on its way already.")


def ensure(actor: Any) -> None:
    """Raise ``PermissionDenied`` unless this person may manage webhooks; ``None`` is the system itself."""
    if actor is not None and not (getattr(actor, "is_active", False) and actor.can(PERMISSION)):
        raise PermissionDenied(PERMISSION)


@transaction.atomic
def create_endpoint(
    *, actor: Any, now: datetime, name: str, url: str, events: Iterable[str]
) -> tuple[Endpoint, str]:
    """An address that hears of ``events`` from now on, and its secret, which can be shown only now.

    Raises BadAddress, UnknownEvent, TooManyEndpoints.
    """
    ensure(actor)
    chosen = _checked(url, events)
    if Endpoint.objects.count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    secret = signing.new_secret()
    endpoint = Endpoint.objects.create(
        name=name, url=url, events=chosen, secret=signing.seal(secret), created_at=now, updated_at=now
    )
    changes = {"name": ["", name], "url": ["", url], "events": [[], chosen]}
    record(actor=actor, now=now, action="webhook.created", obj=endpoint, changes=changes)
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    *, actor: Any, now: datetime, endpoint: Endpoint, name: str, url: str, events: Iterable[str]
) -> Endpoint:
    """Change name, address or events; what waits goes to the new address. Raises BadAddress, UnknownEvent."""
    ensure(actor)
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    values = {"name": name, "url": url, "events": _checked(url, events)}
    changes = changed(endpoint, values)
    if changes:
        for field, value in values.items():
            setattr(endpoint, field, value)
        endpoint.updated_at = now
        if "url" in changes:
            endpoint.quiet_until = None  # what another receiver asked for
        endpoint.save(update_fields=[*values, "quiet_until", "updated_at"])
        record(actor=actor, now=now, action="webhook.changed", obj=endpoint, changes=changes)
    return endpoint


@transaction.atomic
def rotate_secret(*, actor: Any, now: datetime, endpoint: Endpoint) -> str:
    """A new secret, shown only now; for a day messages are signed with the old one too."""
    ensure(actor)
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    secret = signing.new_secret()
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, now + OVERLAP
    endpoint.secret, endpoint.updated_at = signing.seal(secret), now
    endpoint.save(update_fields=["old_secret", "old_secret_until", "secret", "updated_at"])
    record(actor=actor, now=now, action="webhook.secret", obj=endpoint)
    return secret


@transaction.atomic
def switch(*, actor: Any, now: datetime, endpoint: Endpoint, on: bool) -> None:
    """Off: events of that time are not kept for it, and what waits stays. On: sending goes on."""
    ensure(actor)
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if on == (not endpoint.off):
        return
    put(endpoint, off="" if on else Endpoint.Off.PERSON, actor=actor, now=now)


def put(endpoint: Endpoint, *, off: str, actor: Any, now: datetime) -> None:
    """Switch on or off with an entry in the journal; inside a transaction."""
    changes = {"off": [endpoint.off, off]}
    endpoint.off, endpoint.failing_since, endpoint.quiet_until, endpoint.updated_at = off, None, None, now
    endpoint.save(update_fields=["off", "failing_since", "quiet_until", "updated_at"])
    action = "webhook.off" if off else "webhook.on"
    record(actor=actor, now=now, action=action, obj=endpoint, changes=changes)


@transaction.atomic
def remove_endpoint(*, actor: Any, now: datetime, endpoint: Endpoint) -> None:
    """Remove the address with everything kept for it."""
    ensure(actor)
    record(actor=actor, now=now, action="webhook.removed", obj=endpoint, changes={"url": [endpoint.url, ""]})
    endpoint.delete()


@transaction.atomic
def send_test(*, actor: Any, now: datetime, endpoint: Endpoint) -> Delivery:
    """Queue a message that says nothing, to try the address. Raises SwitchedOff."""
    ensure(actor)
    _ensure_on(endpoint)
    values = fresh(endpoint.pk, TEST_EVENT, {}, now)
    delivery = Delivery.objects.create(**values | {"endpoint": endpoint})
    record(actor=actor, now=now, action="webhook.tested", obj=endpoint)
    return delivery


@transaction.atomic
def replay(*, actor: Any, now: datetime, delivery: Delivery) -> None:
    """Send one message again, with its own id and body. Raises SwitchedOff, StillOpen."""
    ensure(actor)
    _ensure_on(delivery.endpoint)
    ended = [Delivery.State.DONE, Delivery.State.FAILED]
    if not _put_back(Delivery.objects.filter(pk=delivery.pk, state__in=ended), now):
        raise StillOpen
    record(
        actor=actor, now=now, action="webhook.replayed", obj=delivery.endpoint,
        changes={"message_id": ["", delivery.message_id]},
    )  # fmt: skip


@transaction.atomic
def replay_failed(*, actor: Any, now: datetime, endpoint: Endpoint, since: datetime) -> int:
    """Send everything again that failed and happened at ``since`` or later; returns how many. Raises SwitchedOff."""
    ensure(actor)
    _ensure_on(endpoint)
    failed = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.FAILED, created_at__gte=since)
    count = _put_back(failed, now)
    if count:
        changes = {"since": ["", since], "count": [0, count]}
        record(actor=actor, now=now, action="webhook.replayed", obj=endpoint, changes=changes)
    return count


def _put_back(deliveries: Any, now: datetime) -> int:
    return int(deliveries.update(state=Delivery.State.PENDING, attempts=0, next_attempt_at=now))


def _ensure_on(endpoint: Endpoint) -> None:
    if endpoint.off:
        raise SwitchedOff


def _checked(url: str, events: Iterable[str]) -> list[str]:
    _check_address(url)
    chosen = sorted(set(events))
    if not chosen or not set(chosen) <= set(event_names()):
        raise UnknownEvent
    return chosen


def _check_address(url: str) -> None:
    """What can be told of an address by its looks; where its name leads is checked at each send."""
    try:
        parts = httpx.URL(url)
        host, plain = parts.host, parts.raw_host.decode()
        literal = ip_address(host) if ":" in host or _NUMBERS.fullmatch(host) else None
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise BadAddress(_("This is not an address of the web.")) from None
    if plain and literal is None and not _NAME.fullmatch(plain):
        raise BadAddress(_("This is not an address of the web."))
    if not host or parts.scheme not in {"http", "https"}:
        raise BadAddress(_("The address starts with https://."))
    if parts.userinfo or parts.fragment:
        raise BadAddress(_("The address has no name, password or # part."))
    local = host == "localhost" or (literal is not None and literal.is_loopback)
    if parts.scheme == "http" and not (settings.DEMO or local):
        raise BadAddress(_("Only https: the events tell of people."))
    shown = str(literal) if literal else "127.0.0.1" if host == "localhost" else None
    if shown and not posting.allowed(shown, settings.WEBHOOK_NETWORKS):
        raise BadAddress(_("This address lies in a closed network. CLIENTELA_WEBHOOK_NETWORKS can open it."))
