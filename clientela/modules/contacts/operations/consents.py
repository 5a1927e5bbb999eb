"""Consents: given, withdrawn, and what a withdrawal stops at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish, publish_all
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import require
from clientela.modules.contacts.events import ConsentChanged, MessageStateChanged
from clientela.modules.contacts.models import Channel, Consent, Message, Purpose
from clientela.modules.contacts.rules import Check, Code, Verdict, consent_channel

# “data” is no way to write: a consent to take and use data is given for it.
CONSENT_CHANNELS = ("sms", "email", "vk", "telegram", "webchat", "call", "data")

_reactions: list[Callable[[int, str, datetime, Any], None]] = []


def when_ended(react: Callable[[int, str, datetime, Any], None]) -> None:
    """Called once when the apps are ready: ``react(client_id, purpose, now, actor)`` runs in the withdrawal's transaction."""
    if react not in _reactions:
        _reactions.append(react)


class UnknownConsent(ValueError):
    """There is no such purpose or no such channel to consent to."""


def _known(purpose: str, channel: str) -> None:
    if purpose not in Purpose.values or channel not in CONSENT_CHANNELS:
        raise UnknownConsent(f"{purpose}/{channel}")


def grant_consent(
    *,
    actor: Any,
    now: datetime,
    client: Client,
    purpose: str,
    channel: str,
    text_version: str = "",
    source: str = "",
) -> Consent:
    """Keep a consent the client gave; one in force already is returned as it is.

    Raises `UnknownConsent`, PermissionDenied.
    """
    _known(purpose, channel)
    require(actor, Permission.CONTACTS_WRITE, client.pk)
    in_force = Consent.objects.filter(
        client=client, purpose=purpose, channel=channel, withdrawn_at__isnull=True
    )
    known = in_force.first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            consent = Consent.objects.create(
                client=client,
                purpose=purpose,
                channel=channel,
                granted_at=now,
                text_version=text_version,
                source=source,
            )
            record(
                actor=actor,
                now=now,
                action="consent.granted",
                obj=client,
                changes={f"{purpose}/{channel}": [None, now]},
                reason=source,
            )
            publish(ConsentChanged(client.pk), now=now)
    except IntegrityError:  # somebody kept the same consent at the same moment
        return in_force.get()
    return consent


@transaction.atomic
def withdraw_consent(
    *, actor: Any, now: datetime, client: Client, purpose: str | None, channel: str, via: str = ""
) -> int:
    """End a consent (for every purpose when ``purpose`` is None) and stop what waits under it, at once.

    Returns how many consents ended; 0 when there was none in force. Raises `UnknownConsent`, PermissionDenied.
    """
    _known(purpose or Purpose.SERVICE, channel)
    require(actor, Permission.CONTACTS_WRITE, client.pk)
    purposes = [purpose] if purpose else list(Purpose.values)
    in_force = Consent.objects.filter(
        client=client, purpose__in=purposes, channel=channel, withdrawn_at__isnull=True
    )
    ended = list(in_force.values_list("purpose", flat=True))
    if ended:
        in_force.update(withdrawn_at=now, withdrawn_via=via)
        record(
            actor=actor,
            now=now,
            action="consent.withdrawn",
            obj=client,
            changes={f"{one}/{channel}": ["in force", "withdrawn"] for one in ended},
            reason=via,
        )
        publish(ConsentChanged(client.pk), now=now)
        for react in _reactions:
            for one in ended:
                react(client.pk, one, now, actor)
    for one in purposes:
        drop_queued(
            now=now,
            client_id=client.pk,
            channels=[name for name in Channel.values if consent_channel(name) == channel],
            purpose=one,
            check=Check(Code.CONSENT, False, {"purpose": one, "channel": channel}),
        )
    return len(ended)


@transaction.atomic
def drop_queued(
    *,
    now: datetime,
    client_id: int,
    check: Check,
    channels: list[str] | None = None,
    purpose: str | None = None,
) -> int:
    """Drop the client's waiting messages with ``check`` as the reason; returns how many there were."""
    waiting = Message.objects.outgoing().filter(client_id=client_id, state=Message.State.QUEUED)
    if channels is not None:
        waiting = waiting.filter(channel__in=channels)
    if purpose is not None:
        waiting = waiting.filter(purpose=purpose)
    rows = list(waiting.select_for_update().order_by("id").values_list("id", "origin", "origin_id"))
    if not rows:
        return 0
    Message.objects.filter(id__in=[row[0] for row in rows]).update(
        state=Message.State.DROPPED,
        fault="policy",
        detail=check.code,
        verdict=Verdict("drop", (check,), now).to_json(),
    )
    publish_all(
        [
            MessageStateChanged(
                message_id, client_id, origin, origin_id, Message.State.DROPPED, "policy", check.code
            )
            for message_id, origin, origin_id in rows
        ],
        now=now,
    )
    return len(rows)
