"""Who somebody is that writes from a new address: by our own link, by a phone the network vouches for, or by words.

A link and a vouched phone of one client put the address on that client's card. Words put it nowhere: a colleague
decides (``settle_claim``), so that nobody gets another person's conversation by typing a number.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation import phones
from clientela.foundation.audit.operations import record
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.operations import add_contact_point, remove_contact_point, verify_contact_point
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.contacts.models import Conversation, Message, PhoneClaim, Purpose
from clientela.modules.contacts.operations.asking import changed, locked, note_incoming
from clientela.modules.contacts.operations.consents import grant_consent
from clientela.modules.contacts.ports import IncomingMessage
from clientela.modules.contacts.queries.conversations import claimants
from clientela.modules.contacts.queries.facts import KINDS
from clientela.modules.contacts.rules.start_links import client_of_start

Kind = ContactPoint.Kind
INCOMING = "incoming"


class NotTheirPhone(Refusal):
    """The client does not have the phone that was named."""

    message = _("This client does not have the phone that was named.")
    field = "client"


def introduce(channel: str, incoming: Iterable[IncomingMessage], *, now: datetime) -> None:
    """Put addresses on the cards that links and vouched phones name. The caller holds a transaction."""
    for one in incoming:
        client = _linked(one.start_token, now) or _vouched(one.own_phone)
        if client is not None:
            _tie(channel, one.from_address, client, now=now)


def _linked(token: str, now: datetime) -> Client | None:
    client_id = client_of_start(token, local_today(settings.TIME_ZONE, now)) if token else None
    return Client.objects.filter(pk=client_id).first() if client_id else None


def _vouched(own_phone: str) -> Client | None:
    """The only client with a phone; a family's phone names nobody."""
    found = list(_with_phone(own_phone)[:2])
    return found[0] if len(found) == 1 else None


def _with_phone(raw: str) -> Any:
    number = phones.normalize(raw) if raw else None
    points = ContactPoint.objects.filter(kind=Kind.PHONE, value=number or "").exclude(value="")
    return Client.objects.filter(pk__in=points.values("client")).order_by("id")


def _tie(channel: str, address: str, client: Client, *, now: datetime, actor: Any = None) -> None:
    """The address is the client's from now on, with what a card made for its writer had of it."""
    one_at_a_time("contacts.newcomers")
    kind = KINDS[channel]
    holders = list(ContactPoint.objects.filter(kind=kind, value=address).select_related("client"))
    own = next((point for point in holders if point.client_id == client.pk), None)
    if own is None:
        own = add_contact_point(
            actor=None, now=now, client=client, kind=kind, value=address, source="own word"
        )
    if not own.verified_at or own.bad_since:
        verify_contact_point(actor=None, now=now, contact_point=own)
    grant_consent(
        actor=None, now=now, client=client, purpose=Purpose.SERVICE, channel=channel, source="own message"
    )
    for point in holders:
        if point.client_id != client.pk and _made_for_writer(point.client_id):
            _move(point, own, channel, now=now)
            changes = {"client": [point.client.name, client.name]}
            record(actor=actor, now=now, action="client.writer_named", obj=client, changes=changes)


def _made_for_writer(client_id: int) -> bool:
    """Nobody knows more of this client than that somebody wrote."""
    return not ContactPoint.objects.filter(client=client_id).exclude(source=INCOMING).exists()


def _move(before: ContactPoint, after: ContactPoint, channel: str, *, now: datetime) -> None:
    """What was said from the address goes to the other card; what is not answered yet waits there."""
    talks = locked([before.client_id, after.client_id])
    said = list(
        Message.objects.filter(client=before.client_id, channel=channel, address=before.value).order_by(
            "created_at", "id"
        )
    )
    Message.objects.filter(pk__in=[one.pk for one in said]).update(client=after.client, contact_point=after)
    waiting: list[Message] = []
    for one in said:
        one.client = after.client
        waiting = [*waiting, one] if one.direction == Message.Direction.IN else []
    talk = talks.get(before.client_id)
    if talk is not None and not Message.objects.filter(client=before.client_id).exists():
        publish_all([changed(talk, None)], now=now)
        talk.delete()
    PhoneClaim.objects.filter(channel=channel, address=before.value, settled_at=None).update(
        settled_at=now, settled_client=after.client
    )
    remove_contact_point(actor=None, now=now, contact_point=before)
    note_incoming(waiting, {}, now=now)


def claim_phones(channel: str, incoming: Iterable[IncomingMessage], *, now: datetime) -> None:
    """Keep the phones that writers name as theirs: on their card when nobody else has them, else as a claim."""
    for one in incoming:
        number = phones.normalize(one.own_phone or one.claimed_phone)
        holders = ContactPoint.objects.filter(kind=KINDS[channel], value=one.from_address)
        cards = list(holders.values_list("client", flat=True)[:2]) if number else []
        if number is None or len(cards) != 1:
            continue
        card, owners = Client.objects.get(pk=cards[0]), set(_with_phone(number).values_list("pk", flat=True))
        if card.pk in owners:
            continue
        if owners:
            PhoneClaim.objects.update_or_create(
                channel=channel,
                address=one.from_address,
                settled_at=None,
                defaults={
                    "client": card,
                    "phone": number,
                    "verified": bool(one.own_phone),
                    "made_at": now,
                },
            )
        elif one.own_phone or _made_for_writer(card.pk):
            _add_phone(card, number, verified=bool(one.own_phone), now=now)


def _add_phone(card: Client, number: str, *, verified: bool, now: datetime) -> None:
    point = add_contact_point(
        actor=None, now=now, client=card, kind=Kind.PHONE, value=number, source=INCOMING
    )
    if verified:
        verify_contact_point(actor=None, now=now, contact_point=point)


def forgive(channel: str, addresses: Collection[str], *, now: datetime) -> None:
    """Who writes from an account lets us write there again, whatever the network said before."""
    if channel not in ("vk", "telegram"):
        return
    bad = ContactPoint.objects.filter(kind=KINDS[channel], value__in=addresses, bad_since__isnull=False)
    for point in bad.select_related("client"):
        verify_contact_point(actor=None, now=now, contact_point=point)


@transaction.atomic
def settle_claim(*, actor: Any, now: datetime, claim: PhoneClaim, client: Client | None) -> Conversation:
    """Say whose the phone is: one of the clients who have it, or nobody's. Returns the conversation to go on with.

    Raises ``NotAllowed``, ``NotTheirPhone``.
    """
    ensure(actor, Permission.CONTACTS_WRITE)
    claim = PhoneClaim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    talk = Conversation.objects.readable_by(actor).filter(client=claim.client_id).first()
    if talk is None:
        raise NotAllowed("scope")
    if claim.settled_at is not None:
        return Conversation.objects.filter(client=claim.settled_client_id or claim.client_id).first() or talk
    if client is not None:
        if not Client.objects.visible_to(actor).filter(pk=client.pk).exists():
            raise NotAllowed("scope")
        if not claimants(claim).filter(pk=client.pk).exists():
            raise NotTheirPhone
    claim.settled_at, claim.settled_by, claim.settled_client = now, actor, client
    claim.save(update_fields=["settled_at", "settled_by", "settled_client"])
    changes = {"phone": [claim.phone, client.name if client else ""]}
    record(actor=actor, now=now, action="conversation.phone_settled", obj=talk.client, changes=changes)
    if client is None:
        publish_all([changed(talk, talk.assignee_id)], now=now)
        return talk
    _tie(claim.channel, claim.address, client, now=now, actor=actor)
    return Conversation.objects.filter(client=client).first() or talk
