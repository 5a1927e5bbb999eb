"""Events of the VK Callback API: verified, read, stored, answered.

VK repeats an event until the answer is "ok"; a repeated message has the same `external_id`.
`message_read` is not in VK's published table of events; its fields are taken as VK sends them.
"""

import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from clientela.integrations.vk.public import Seen, Spot, Words, attached, read_event
from clientela.modules.contacts.ports import Inbox, IncomingMessage, PublicInbox, Receipt

ANSWER = "ok"


class Forged(Exception):
    """Not from VK, or not for this community."""


@dataclass(frozen=True, slots=True)
class CallbackSettings:
    """As set in the community's Callback API page: `confirmation` is the string VK asks for once."""

    group_id: int
    secret: str = field(repr=False)
    confirmation: str


def _no_words(_spot: Spot, _author: int) -> tuple[str, str]:
    return "", ""


def settings_from(environment: Mapping[str, str] = os.environ) -> CallbackSettings | None:
    """`CLIENTELA_VK_GROUP_ID`, `_SECRET`, `_CONFIRMATION`; None when there is no community or no secret."""
    group, secret = environment.get("CLIENTELA_VK_GROUP_ID", ""), environment.get("CLIENTELA_VK_SECRET", "")
    if not (group and secret):
        return None
    return CallbackSettings(int(group), secret, environment.get("CLIENTELA_VK_CONFIRMATION", ""))


def receive(
    body: bytes,
    settings: CallbackSettings,
    inbox: Inbox,
    wall: PublicInbox | None = None,
    words: Words = _no_words,
) -> str:
    """Stores what one request brings; the text to answer with (status 200). Raises `Forged`.

    What is written in public goes to `wall`; `words` tells of its authors and of what they comment.
    An exception of the inbox goes through: answer with an error then, and VK sends the event again.
    """
    try:
        event = json.loads(body)
        kind, group_id = str(event["type"]), int(event["group_id"])
        secret, what = str(event.get("secret", "")), event.get("object") or {}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Forged("not an event of VK") from error
    if group_id != settings.group_id:
        raise Forged("another community")
    if not hmac.compare_digest(secret.encode(), settings.secret.encode()):
        raise Forged("wrong secret")
    if kind == "confirmation":
        return settings.confirmation
    seen: Seen | None = None
    incoming: list[IncomingMessage] = []
    receipts: list[Receipt] = []
    try:
        if kind == "message_new":
            incoming.append(_message(what["message"], settings))
        elif kind == "message_event":
            incoming.append(_button(what, settings))
        elif kind == "message_read":
            receipts.append(_read(what))
        else:
            seen = read_event(kind, what, str(event.get("event_id", "")), group_id, words) if wall else None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise Forged(f"{kind} without its fields") from error
    if incoming:
        inbox.incoming(incoming)
    if receipts:
        inbox.receipts(receipts)
    if seen is not None and wall is not None:
        if seen.message is not None:
            wall.incoming([seen.message])
        elif seen.gone:
            wall.withdrawn([seen.gone])
    return ANSWER


def _message(message: dict[str, Any], settings: CallbackSettings) -> IncomingMessage:
    answered = message.get("reply_message") or {}
    # random_id is our message id (modulo 2**31) on messages the community sent.
    ours = answered.get("from_id") == -settings.group_id and int(answered.get("random_id") or 0)
    return IncomingMessage(
        channel="vk",
        external_id=f"{message['peer_id']}:{message['conversation_message_id']}",
        from_address=str(message["from_id"]),
        to_address=str(settings.group_id),
        text=str(message.get("text", "")) or attached(message),
        at=datetime.fromtimestamp(int(message["date"]), UTC),
        in_reply_to_message_id=ours or None,
        # A community or a bot wrote, not a person.
        automatic=int(message["from_id"]) < 0,
    )


def _button(event: dict[str, Any], settings: CallbackSettings) -> IncomingMessage:
    payload = event.get("payload")
    words = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return IncomingMessage(
        channel="vk",
        external_id=f"{event['peer_id']}:button:{event['event_id']}",
        from_address=str(event["user_id"]),
        to_address=str(settings.group_id),
        text=words,
        at=datetime.now(UTC),
    )


def _read(event: dict[str, Any]) -> Receipt:
    return Receipt(
        channel="vk",
        outcome="read",
        at=datetime.now(UTC),
        provider_id=str(event["read_message_id"]),
        to_address=str(event["peer_id"]),
        read_up_to=True,
    )
