"""What the module asks of a channel (SMS gateway, mail server, messenger), in our own words.

Delivery is at most once by default: a transport says `uncertain` when it cannot know whether the
network took a message, and never sends such a message again by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Channel = Literal["sms", "email", "vk", "telegram", "webchat", "vk_wall"]
SendOutcome = Literal["accepted", "retry", "rejected", "uncertain"]
Fault = Literal["address", "content", "throttled", "connection", "server", "policy"]
ReceiptOutcome = Literal["accepted", "delivered", "undelivered", "expired", "rejected", "read"]


class TransportDown(Exception):
    """The network or the account is not available; nothing of the batch was attempted."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message. `content` is the decoded bytes."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to one address.

    `id` is our message id and the idempotency key: adapters put it on the wire where the protocol
    has a place for it. `to` is an E.164 phone, an e-mail address, a VK user id, a Telegram chat or a
    visitor of a web chat. `sender` is a sender name or number, a mailbox (`Name <box@domain>`), or empty
    for the adapter's default. `in_reply_to` is the `external_id` of the incoming message we answer,
    `continues` the id of our own message that the incoming one answered. `automatic` is the word of
    RFC 3834, empty when a person wrote.
    """

    id: int
    channel: Channel
    to: str
    text: str
    sender: str = ""
    subject: str = ""
    html: str = ""
    in_reply_to: str | None = None
    list_unsubscribe_url: str | None = None
    attachments: tuple[Attachment, ...] = ()
    automatic: Literal["", "auto-generated", "auto-replied"] = "auto-generated"
    continues: int | None = None


@dataclass(frozen=True, slots=True)
class SendResult:
    """What is known about one message after `Transport.send`.

    - `accepted`: the network took it; `provider_ids` holds the network's id of every part.
    - `retry`: surely not submitted (as a whole); the same message may be sent again later, and not before
      `retry_after` seconds where the network names them.
    - `rejected`: will never go; `fault` says why.
    - `uncertain`: submitted, but the answer was lost. Do not send again; a receipt or a deadline
      decides.
    """

    message_id: int
    outcome: SendOutcome
    provider_ids: tuple[str, ...] = ()
    fault: Fault | None = None
    detail: str = ""
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's word about a message sent before.

    May arrive before `send` has returned, more than once, and for a message whose sending was
    interrupted by a crash. Match in this order: `provider_id` (one part of the message);
    `message_id` (ours, whole, where the network returned it); `message_id_low16` (our id modulo
    65536, all that SMPP can carry) together with `to_address`.

    `accepted` means the network has the message and the final word is still to come. For e-mail
    `delivered` means that the client's server took it; `undelivered` may still follow and counts more.
    `read` with `read_up_to` covers every earlier message to the same address (VK).
    `at` is in UTC.
    """

    channel: Channel
    outcome: ReceiptOutcome
    at: datetime
    provider_id: str | None = None
    message_id: int | None = None
    message_id_low16: int | None = None
    to_address: str = ""
    detail: str = ""
    read_up_to: bool = False


@dataclass(frozen=True, slots=True)
class PublicPlace:
    """Where everybody reads a message: its link, and the words that it is about (empty: not known)."""

    url: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message from a client.

    `external_id` is unique for a channel and the same when the network delivers the message again:
    store it under a unique constraint. `in_reply_to_message_id` is our own message id where the
    network tells it, `in_reply_to_provider_id` the network's id of our message where it tells only that.
    `text` is what the client wrote now, without the quoted conversation; `html` is as it came and must be
    sanitised before it is shown. `automatic` marks auto-replies, bounces that name no message of ours, and
    mailing lists: never answer these by machine. `at` is in UTC. `quoted` is the conversation that the
    client's program repeats below the text. `edits` is the `external_id` of a message
    that this one puts right. `place` goes with what was written in public.

    Who the sender says to be: `own_phone` is vouched for by the network, `claimed_phone` only typed,
    `start_token` came from a link that we gave to one client.
    """

    channel: Channel
    external_id: str
    from_address: str
    to_address: str
    text: str
    at: datetime
    html: str = ""
    subject: str = ""
    from_name: str = ""
    in_reply_to_message_id: int | None = None
    in_reply_to_provider_id: str = ""
    automatic: bool = False
    attachments: tuple[Attachment, ...] = ()
    quoted: str = ""
    edits: str = ""
    own_phone: str = ""
    claimed_phone: str = ""
    start_token: str = ""
    place: PublicPlace | None = None


class Inbox(Protocol):
    """Where a transport puts what the network brings.

    Called from the transport's own thread, one call at a time per transport. When a call returns,
    the data must be stored for good: the transport then confirms it to the network. When it raises,
    the network keeps the data and delivers it again.
    """

    def receipts(self, receipts: list[Receipt]) -> None: ...

    def incoming(self, messages: list[IncomingMessage]) -> None: ...


class PublicInbox(Inbox, Protocol):
    """Where a transport puts what is written in public."""

    def withdrawn(self, external_ids: list[str]) -> None:
        """Their authors have deleted these messages."""


class Transport(Protocol):
    """A way out (and, where the network has one, a way in) for one channel."""

    @property
    def channel(self) -> Channel: ...

    def start(self, inbox: Inbox) -> None:
        """Connect in the background and begin to deliver to `inbox`. Returns at once."""

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        """Send and wait for the network's answers; one result a message, in the same order.

        Never raises for a fault of a message. Raises `TransportDown` when nothing was attempted.
        """

    def close(self) -> None:
        """Finish what is under way, disconnect, stop the threads. Safe to call twice."""
