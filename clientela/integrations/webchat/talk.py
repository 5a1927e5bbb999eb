"""What a visitor's page asks of the database. Plain functions: the socket calls them from its own thread."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from clientela.foundation.hours import next_open
from clientela.foundation.phones import normalize
from clientela.foundation.private_files import plain_name
from clientela.integrations.webchat import files
from clientela.integrations.webchat.models import Visitor, Widget
from clientela.modules.accounts.rules import Permission
from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.models import Conversation, Message, MessageFile
from clientela.modules.contacts.operations.asking import working_hours
from clientela.modules.contacts.operations.newcomers import cards_for
from clientela.modules.contacts.operations.receipts import store_receipts
from clientela.modules.contacts.operations.receiving import store_incoming
from clientela.modules.contacts.ports import Attachment, Channel, IncomingMessage, Receipt, ReceiptOutcome

CHANNEL: Channel = "webchat"
CONSENT_TEXT = "webchat-1"
HISTORY = 60
LONGEST = 2000
MOST_FILES = 20  # an hour
_AN_HOUR = timedelta(hours=1)
_SALT = "webchat.visitor"
_VALID = timedelta(days=365)
# How far back an answer that waits for its visitor is looked for; older ones are in the history of the next visit.
_RECENT = timedelta(hours=12)
_ARRIVED = (Message.State.SENT, Message.State.DELIVERED, Message.State.READ)


class Refused(Exception):
    """The page asked for what cannot be done; the code is for the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def find_widget(key: str, origin: str) -> Widget | None:
    """The widget, if the site may show it; our own pages always may."""
    widget = Widget.objects.select_related("branch").filter(key=key, is_active=True).first()
    if widget is None or (origin not in widget.origins and origin != _own_origin()):
        return None
    return widget


def _own_origin() -> str:
    return "/".join(settings.PUBLIC_URL.split("/")[:3])


def known_key(widget: Widget, token: str) -> str | None:
    """Whose token it is; None for a token that is not ours, of another widget, or a year old."""
    try:
        widget_id, key = signing.loads(token, salt=_SALT, max_age=_VALID)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(key) if widget_id == widget.pk else None


def visitor_key(widget: Widget, token: str) -> str:
    """Whose token it is; a new key where that is not known."""
    return known_key(widget, token) or f"v{secrets.token_hex(12)}"


def token_of(widget: Widget, key: str) -> str:
    """What the page keeps, to be known again."""
    return signing.dumps([widget.pk, key], salt=_SALT)


def opening(widget: Widget, key: str) -> dict[str, Any]:
    """What the page shows at first."""
    visitor = Visitor.objects.filter(key=key).first()
    zone, now = ZoneInfo(widget.branch.time_zone), timezone.now()
    is_open = next_open(now, zone, working_hours()) == now
    return {
        "token": token_of(widget, key),
        "name": visitor.name if visitor else "",
        "open": is_open,
        "text": widget.greeting if is_open else widget.offline_text or widget.greeting,
        "history": history(key),
        "seen": seen([key]).get(key, ""),
    }


def history(key: str) -> list[dict[str, Any]]:
    """The newest messages of a visitor and answers to them, oldest first."""
    rows = (
        Message.objects.filter(channel=CHANNEL, address=key, state__in=[Message.State.RECEIVED, *_ARRIVED])
        .select_related("author")
        .prefetch_related("files")
    )
    return [_shown(row) for row in rows.order_by("-id")[:HISTORY]][::-1]


def _shown(row: Message) -> dict[str, Any]:
    is_mine = row.direction == Message.Direction.IN
    return {
        "id": row.pk,
        "mine": is_mine,
        "cid": (row.external_id or "").partition(":")[2] if is_mine else "",
        "who": row.author.first_name if row.author else "",
        "text": row.text,
        "files": [files.shown(one) for one in row.files.all()],
        "at": (row.created_at if is_mine else row.sent_at or row.created_at).isoformat(),
    }


@transaction.atomic
def introduce(widget: Widget, key: str, name: str, phone: str, *, now: datetime) -> None:
    """The visitor says a name and perhaps a phone, once, and agrees. Raises ``Refused``."""
    name = " ".join(name.split())[:80]
    if not name:
        raise Refused("name")
    number = normalize(phone) if phone.strip() else ""
    if number is None:
        raise Refused("phone")
    row = {
        "widget": widget, "name": name, "phone": number, "consent_at": now, "consent_text": CONSENT_TEXT,
        "created_at": now,
    }  # fmt: skip
    Visitor.objects.get_or_create(key=key, defaults=row)


@transaction.atomic
def say(
    widget: Widget, key: str, cid: str, text: str, *, now: datetime, file: File | None = None
) -> dict[str, Any]:
    """Keep what the visitor wrote or sent, once however often the page repeats ``cid``. Raises ``Refused``."""
    text = text.strip()
    if not (text or file) or len(text) > LONGEST:
        raise Refused("length")
    if file is not None and (fault := files.fault_of(file)):
        raise Refused(fault)
    if not 8 <= len(cid) <= 40 or not cid.isascii() or not cid.replace("-", "").isalnum():
        raise Refused("cid")
    visitor = Visitor.objects.filter(key=key).first()
    if visitor is None:
        raise Refused("introduce")
    external_id = f"{key}:{cid}"
    if file is not None and _sent_lately(key, now) >= MOST_FILES:
        raise Refused("slower")
    written = IncomingMessage(
        channel=CHANNEL,
        external_id=external_id,
        from_address=key,
        from_name=visitor.name,
        to_address=widget.key,
        text=text,
        at=now,
        claimed_phone=visitor.phone,
        attachments=(_attachment(file),) if file is not None else (),
    )
    cards_for(CHANNEL, {key: visitor.name}, now=now, branches={key: widget.branch})
    store_incoming(CHANNEL, [written], now=now)
    if visitor.phone:  # named once: what a colleague decides about it is not asked again
        Visitor.objects.filter(pk=visitor.pk).update(phone="")
    row = Message.objects.get(channel=CHANNEL, external_id=external_id)
    return {
        "id": row.pk,
        "at": row.created_at.isoformat(),
        "files": [files.shown(one) for one in row.files.all()],
    }


def _attachment(file: File) -> Attachment:
    name = plain_name(file.name or "")
    return Attachment(name, files.content_type_of(name), file.read())


def _sent_lately(key: str, now: datetime) -> int:
    rows = MessageFile.objects.filter(message__channel=CHANNEL, message__address=key)
    return rows.filter(
        message__direction=Message.Direction.IN, message__created_at__gte=now - _AN_HOUR
    ).count()


def seen(keys: Collection[str]) -> dict[str, str]:
    """Up to when a colleague has looked at what each visitor wrote."""
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.WEBCHAT, value__in=keys)
    rows = points.filter(client__conversation__seen_at__isnull=False)
    moments = rows.values_list("value", "client__conversation__seen_at")
    return {key: at.isoformat() for key, at in moments if at}


def talk_of(key: str) -> int | None:
    """The conversation that a visitor writes in."""
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.WEBCHAT, value=key)
    return points.values_list("client__conversation", flat=True).first()


def visitors_of(user: Any, conversation_id: int) -> list[str]:
    """Visitors of a conversation that this person may answer."""
    talk = Conversation.objects.readable_by(user).filter(pk=conversation_id).first()
    if talk is None or talk.client_id is None or not user.can(Permission.CONTACTS_WRITE):
        return []
    points = ContactPoint.objects.filter(client=talk.client_id, kind=ContactPoint.Kind.WEBCHAT)
    return list(points.values_list("value", flat=True))


def got(key: str, ids: Collection[int], *, is_read: bool, now: datetime) -> None:
    """Answers that the visitor's page has, or that the visitor has seen."""
    known = Message.objects.outgoing().filter(channel=CHANNEL, address=key, pk__in=ids, state__in=_ARRIVED)
    outcome: ReceiptOutcome = "read" if is_read else "delivered"
    store_receipts(
        CHANNEL,
        [
            Receipt(CHANNEL, outcome, now, provider_id=provider_id(number), message_id=number, to_address=key)
            for number in known.values_list("pk", flat=True)
        ],
        now=now,
    )


def provider_id(message_id: int) -> str:
    """The id under which receipts of an answer come back."""
    return f"{CHANNEL}-{message_id}"


def waiting(keys: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Answers to these visitors that no page has said to have got."""
    rows = Message.objects.outgoing().filter(
        channel=CHANNEL,
        address__in=keys,
        state=Message.State.SENT,
        created_at__gte=timezone.now() - _RECENT,
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.select_related("author").prefetch_related("files").order_by("id"):
        found.setdefault(row.address, []).append(_shown(row))
    return found
