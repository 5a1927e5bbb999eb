"""What the networks bring: the inbox of every transport, and clients' messages."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import nh3
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clientela.foundation.outbox.operations import publish_all
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.events import CalendarMailed, ClientSignalled, MessageReceived
from clientela.modules.contacts.models import Message, MessageFile, ProviderId, Signal
from clientela.modules.contacts.operations.asking import note_incoming
from clientela.modules.contacts.operations.consents import withdraw_consent
from clientela.modules.contacts.operations.introductions import claim_phones, forgive, introduce
from clientela.modules.contacts.operations.newcomers import cards_for
from clientela.modules.contacts.operations.receipts import store_receipts
from clientela.modules.contacts.ports import IncomingMessage, Receipt
from clientela.modules.contacts.queries.facts import KINDS
from clientela.modules.contacts.rules import is_stop

# How long after our message an SMS or a VK message with no reference still counts as the answer to it.
REPLY_WINDOW = timedelta(days=30)
_TRIES = 3
_ALIVE_FOR = 1.0  # seconds


class StoringInbox:
    """`Inbox` that keeps everything in the database. When a call returns, it is stored for good."""

    def __init__(self, channel: str, *, clock: Callable[[], datetime] = timezone.now) -> None:
        self.channel, self.clock = channel, clock
        self._used = 0.0

    def receipts(self, receipts: list[Receipt]) -> None:
        self._drop_dead_connection()
        store_receipts(self.channel, receipts, now=self.clock())

    def incoming(self, messages: list[IncomingMessage]) -> None:
        self._drop_dead_connection()
        store_incoming(self.channel, messages, now=self.clock())

    def _drop_dead_connection(self) -> None:
        """The transport's thread lives long: its connection may be gone by now. Inside a transaction it is in use."""
        before, self._used = self._used, time.monotonic()
        idle = self._used - before > _ALIVE_FOR
        if (idle or connection.errors_occurred) and not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def store_incoming(channel: str, incoming: Sequence[IncomingMessage], *, now: datetime) -> list[Message]:
    """Keep clients' messages, each once whatever the network repeats; returns those that are new.

    A message belongs to the only client with its address, else to the one we wrote to last at that address,
    else to the client whose message it names, else to nobody. A stop word withdraws the consents for the channel of everybody with that address.
    """
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return _store(channel, incoming, now=now)
        except IntegrityError:  # the same message came over another connection at this moment
            if attempt + 1 == _TRIES:
                raise
    raise AssertionError


def _store(channel: str, incoming: Sequence[IncomingMessage], *, now: datetime) -> list[Message]:
    fresh = _fresh(channel, incoming)
    if not fresh:
        return []
    addresses = {_address(channel, one.from_address) for one in fresh}
    introduce(channel, fresh, now=now)
    owners = _owners(channel, addresses)
    owners |= cards_for(channel, _strangers(channel, fresh, owners), now=now)
    written_to = _last_written(channel, addresses, since=now - REPLY_WINDOW)
    fresh = _named(channel, fresh)
    answered = _answered(channel, fresh)
    messages = []
    for one in fresh:
        address = _address(channel, one.from_address)
        last = written_to.get(address)
        known = owners.get(address, [])
        reply_to = answered.get(one.in_reply_to_message_id) if one.in_reply_to_message_id else None
        if reply_to is None and channel != "email" and not one.automatic:
            reply_to = last
        client_id: int | None = None
        if not known and one.in_reply_to_message_id and reply_to is not None:
            client_id = reply_to.client_id  # our message answered from another mailbox
        elif len(known) == 1:
            client_id = known[0]
        elif reply_to is not None and reply_to.client_id in known:
            client_id = reply_to.client_id
        elif last is not None and last.client_id in known:
            client_id = last.client_id
        messages.append(
            Message(
                direction=Message.Direction.IN,
                channel=channel,
                client_id=client_id,
                address=address,
                sender=one.from_name[:120],
                subject=one.subject[:200],
                text=one.text,
                html=nh3.clean(one.html) if one.html else "",
                state=Message.State.RECEIVED,
                in_reply_to=reply_to,
                external_id=one.external_id[:200],
                detail=f"edits {one.edits}"[:400] if one.edits else "",
                not_before=one.at,
                created_at=one.at,
            )
        )
    Message.objects.bulk_create(messages)
    _store_files(zip(messages, fresh, strict=True))
    claim_phones(channel, fresh, now=now)
    forgive(channel, addresses, now=now)
    _note_replies(list(zip(messages, fresh, strict=True)), now=now)
    asking = []
    for message, one in zip(messages, fresh, strict=True):
        if one.automatic:
            continue
        if is_stop(one.text) or (channel == "email" and is_stop(one.subject)):
            _stop(channel, message, owners.get(message.address, []), now=now)
        elif message.client_id or owners.get(message.address):
            asking.append(message)
    possible = {message.pk: owners[message.address][0] for message in asking if message.client_id is None}
    note_incoming(asking, possible, now=now)
    return messages


def _strangers(
    channel: str, incoming: Iterable[IncomingMessage], owners: dict[str, list[int]]
) -> dict[str, str]:
    """Address and name of those nobody knows, who wrote themselves and answer no message of ours."""
    return {
        address: one.from_name
        for one in incoming
        if (address := _address(channel, one.from_address)) not in owners
        and not one.automatic
        and one.in_reply_to_message_id is None
        and not is_stop(one.text)
    }


def _fresh(channel: str, incoming: Sequence[IncomingMessage]) -> list[IncomingMessage]:
    by_id = {one.external_id[:200]: one for one in incoming}
    known = set(
        Message.objects.filter(channel=channel, external_id__in=by_id).values_list("external_id", flat=True)
    )
    return [one for external_id, one in by_id.items() if external_id not in known]


def _address(channel: str, address: str) -> str:
    return (address.strip().lower() if channel == "email" else address.strip())[:254]


def _owners(channel: str, addresses: Iterable[str]) -> dict[str, list[int]]:
    points = ContactPoint.objects.filter(value__in=addresses, kind=KINDS[channel])
    owners: dict[str, list[int]] = {}
    for value, client_id in points.order_by("client_id").values_list("value", "client_id"):
        owners.setdefault(value, []).append(client_id)
    return owners


def _last_written(channel: str, addresses: Iterable[str], *, since: datetime) -> dict[str, Message]:
    """Our latest message to each address that went out, or may have."""
    silent = [Message.State.QUEUED, Message.State.DROPPED, Message.State.FAILED]
    rows = (
        Message.objects.outgoing()
        .filter(channel=channel, address__in=addresses, created_at__gte=since)
        .exclude(state__in=silent)
        .only("id", "client_id", "address", "origin", "origin_id", "replied_at")
        .order_by("created_at", "id")
    )
    return {row.address: row for row in rows}


def _named(channel: str, incoming: Sequence[IncomingMessage]) -> list[IncomingMessage]:
    """The same with our own id of the answered message where the network names it by its own."""
    ids = {one.in_reply_to_provider_id for one in incoming} - {""}
    if not ids:
        return list(incoming)
    ours = ProviderId.objects.filter(channel=channel, value__in=ids).values_list("value", "message_id")
    known = dict(ours)
    return [
        replace(one, in_reply_to_message_id=known[one.in_reply_to_provider_id])
        if one.in_reply_to_provider_id in known
        else one
        for one in incoming
    ]


def _answered(channel: str, incoming: Sequence[IncomingMessage]) -> dict[int, Message]:
    ids = {one.in_reply_to_message_id for one in incoming if one.in_reply_to_message_id is not None}
    if not ids:
        return {}
    rows = Message.objects.outgoing().filter(id__in=ids, channel=channel)
    return rows.only("id", "client_id", "address", "origin", "origin_id", "replied_at").in_bulk()


def _store_files(pairs: Iterable[tuple[Message, IncomingMessage]]) -> None:
    for message, one in pairs:
        for attachment in one.attachments:
            MessageFile.objects.create(
                message=message,
                file=ContentFile(attachment.content, name=attachment.name or "file"),
                name=attachment.name[:255],
                content_type=attachment.content_type[:120],
                size=len(attachment.content),
            )


def _note_replies(pairs: list[tuple[Message, IncomingMessage]], *, now: datetime) -> None:
    events: list[object] = [
        MessageReceived(message.pk, message.client_id, message.channel, message.in_reply_to_id)
        for message, _ in pairs
    ]
    events += [
        CalendarMailed(message.pk)
        for message, one in pairs
        if any(file.content_type.startswith("text/calendar") for file in one.attachments)
    ]
    replies = [
        (message, message.in_reply_to)
        for message, one in pairs
        if message.in_reply_to is not None and not one.automatic
    ]
    Signal.objects.bulk_create(
        Signal(message=ours, kind=Signal.Kind.REPLY, at=message.created_at) for message, ours in replies
    )
    for message, ours in replies:
        Message.objects.filter(id=ours.pk, replied_at__isnull=True).update(replied_at=message.created_at)
        events.append(
            ClientSignalled(ours.pk, ours.client_id, ours.origin, ours.origin_id, Signal.Kind.REPLY)
        )
    publish_all(events, now=now)


def _stop(channel: str, message: Message, client_ids: list[int], *, now: datetime) -> None:
    for client in Client.objects.filter(id__in=client_ids):
        withdraw_consent(actor=None, now=now, client=client, purpose=None, channel=channel, via="stop word")
    ours = message.in_reply_to
    if ours is not None:
        Signal.objects.create(message=ours, kind=Signal.Kind.UNSUBSCRIBE, at=message.created_at)
        publish_all(
            [ClientSignalled(ours.pk, ours.client_id, ours.origin, ours.origin_id, Signal.Kind.UNSUBSCRIBE)],
            now=now,
        )
