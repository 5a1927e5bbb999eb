"""What the networks bring: the inbox of every transport, and clients' messages."""

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import nh3
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from clientela.foundation.outbox.operations import publish_all
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.events import CalendarMailed, ClientSignalled, MessageReceived
from clientela.modules.contacts.models import PUBLIC, Message, MessageFile, ProviderId, Publication, Signal
from clientela.modules.contacts.operations.acknowledging import acknowledge
from clientela.modules.contacts.operations.asking import note_incoming
from clientela.modules.contacts.operations.consents import withdraw_consent
from clientela.modules.contacts.operations.conversations import adopt
from clientela.modules.contacts.operations.introductions import claim_phones, forgive, introduce
from clientela.modules.contacts.operations.newcomers import cards_for, home_branch
from clientela.modules.contacts.operations.public import withdraw_publications
from clientela.modules.contacts.operations.receipts import store_receipts
from clientela.modules.contacts.ports import IncomingMessage, Receipt
from clientela.modules.contacts.queries.facts import KINDS
from clientela.modules.contacts.rules import is_stop
from clientela.modules.contacts.rules.unsafe import file_name, one_line, plain
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.mailboxes.queries import branch_of
from clientela.modules.organisation.models import Branch
from clientela.modules.routing.queries import place_of_branch

log = logging.getLogger(__name__)

# How long after our message an SMS or a VK message with no reference still counts as the answer to it.
REPLY_WINDOW = timedelta(days=30)
_TRIES = 3
# What the message itself is to blame for; a database that is away is not among it.
_UNKEEPABLE = (DataError, ValueError, TypeError, SuspiciousOperation, RecursionError)
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
        try:
            store_incoming(self.channel, messages, now=self.clock())
        except _UNKEEPABLE:
            for message in messages:
                self._alone(message)

    def withdrawn(self, external_ids: list[str]) -> None:
        """Their authors have deleted these public messages: the words are kept and marked."""
        self._drop_dead_connection()
        withdraw_publications(self.channel, external_ids, now=self.clock())

    def _alone(self, message: IncomingMessage) -> None:
        """One message that cannot be kept as it came leaves a trace and holds up nobody behind it."""
        try:
            store_incoming(self.channel, [message], now=self.clock())
        except _UNKEEPABLE as error:
            log.exception("contacts.not_kept", extra={"channel": self.channel})
            husk = IncomingMessage(
                message.channel, message.external_id, "", "", "", message.at, automatic=True,
                subject=type(error).__name__,
            )  # fmt: skip
            store_incoming(self.channel, [husk], now=self.clock())

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
    boxes = _boxes(fresh) if channel == "email" else {}
    addresses = {_address(channel, one.from_address) for one in fresh}
    introduce(channel, fresh, now=now)
    owners = _owners(channel, addresses)
    owners |= cards_for(
        channel, _strangers(channel, fresh, owners), now=now, branches=_branches(channel, fresh, boxes)
    )
    for public in PUBLIC:
        if KINDS[public] == KINDS[channel]:
            adopt(public, owners, now=now)
    written_to = _last_written(channel, addresses, since=now - REPLY_WINDOW)
    fresh = _named(channel, fresh)
    answered = _answered(channel, fresh)
    messages = []
    for one in fresh:
        address = _address(channel, one.from_address)
        last = written_to.get(address)
        known = owners.get(address, [])
        reply_to = answered.get(one.in_reply_to_message_id) if one.in_reply_to_message_id else None
        if reply_to is None and channel not in ("email", *PUBLIC) and not one.automatic:
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
                sender=one_line(one.from_name, 120),
                subject=one_line(one.subject, 200),
                text=plain(one.text),
                html=plain(nh3.clean(one.html)) if one.html else "",
                quoted=plain(one.quoted),
                mailbox=boxes.get(one.to_address),
                state=Message.State.RECEIVED,
                in_reply_to=reply_to,
                external_id=_key(one.external_id),
                detail=f"edits {one.edits}"[:400] if one.edits else "",
                not_before=one.at,
                created_at=one.at,
            )
        )
    Message.objects.bulk_create(messages)
    Publication.objects.bulk_create(
        Publication(message=message, url=one.place.url[:300], about=plain(one.place.about))
        for message, one in zip(messages, fresh, strict=True)
        if one.place is not None
    )
    _store_files(zip(messages, fresh, strict=True))
    claim_phones(channel, fresh, now=now)
    forgive(channel, addresses, now=now)
    _note_replies(list(zip(messages, fresh, strict=True)), now=now)
    asking = []
    for message, one in zip(messages, fresh, strict=True):
        if one.automatic:
            continue
        if channel in PUBLIC:  # said to everybody: no word of it stops messages
            asking.append(message)
        elif is_stop(one.text) or (channel == "email" and is_stop(one.subject)):
            _stop(channel, message, owners.get(message.address, []), now=now)
        elif message.client_id or owners.get(message.address):
            asking.append(message)
    unknown = [message for message in asking if message.client_id is None]
    possible = {one.pk: owners[one.address][0] for one in unknown if one.address in owners}
    home = home_branch() if len(possible) < len(unknown) else None
    homes = {one.pk: place_of_branch(home) for one in unknown if home and one.pk not in possible}
    note_incoming(asking, possible, now=now, homes=homes)
    if boxes:
        acknowledge(asking, now=now)
    return messages


def _strangers(
    channel: str, incoming: Iterable[IncomingMessage], owners: dict[str, list[int]]
) -> dict[str, str]:
    """Address and name of those nobody knows, who wrote to us themselves and answer no message of ours."""
    if channel in PUBLIC:
        return {}
    return {
        address: one.from_name
        for one in incoming
        if (address := _address(channel, one.from_address)) not in owners
        and not one.automatic
        and one.in_reply_to_message_id is None
        and not is_stop(one.text)
    }


def _fresh(channel: str, incoming: Sequence[IncomingMessage]) -> list[IncomingMessage]:
    by_id = {_key(one.external_id): one for one in incoming}
    known = set(
        Message.objects.filter(channel=channel, external_id__in=by_id).values_list("external_id", flat=True)
    )
    return [one for external_id, one in by_id.items() if external_id not in known]


def _key(external_id: str) -> str:
    return one_line(external_id, 200)


def _address(channel: str, address: str) -> str:
    line = one_line(address, 254)
    return line.lower() if channel == "email" else line


def _boxes(incoming: Iterable[IncomingMessage]) -> dict[str, Mailbox]:
    """The mailboxes that the mails came by, by address."""
    rows = Mailbox.objects.filter(address__in={one.to_address for one in incoming})
    return {row.address: row for row in rows.select_related("branch", "person", "centre")}


def _branches(
    channel: str, incoming: Iterable[IncomingMessage], boxes: dict[str, Mailbox]
) -> dict[str, Branch]:
    """Where strangers are served who wrote to a branch, to a renewal centre or to somebody who works there."""
    found: dict[str, Branch] = {}
    for one in incoming:
        box = boxes.get(one.to_address)
        if box is None:
            continue
        branch = box.branch or (branch_of(box.person) if box.person else None)
        if branch is None and box.centre is not None:
            branch = box.centre.branches.filter(is_active=True).order_by("id").first()
        if branch is not None:
            found[_address(channel, one.from_address)] = branch
    return found


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
                file=ContentFile(attachment.content, name=secrets.token_hex(12)),
                name=file_name(attachment.name),
                content_type=one_line(attachment.content_type, 120),
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
