"""What happened in conversations and consents."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ConsentChanged:
    """A consent was given or withdrawn."""

    client_id: int


@dataclass(frozen=True)
class MessageStateChanged:
    """An outgoing message reached ``state`` (sent, delivered, read, failed, dropped); ``fault`` says why not."""

    message_id: int
    client_id: int | None
    origin: str
    origin_id: int | None
    state: str
    fault: str = ""
    detail: str = ""


@dataclass(frozen=True)
class MessageReceived:
    """A client wrote to us; ``in_reply_to_id`` is our message they answered, if known."""

    message_id: int
    client_id: int | None
    channel: str
    in_reply_to_id: int | None


@dataclass(frozen=True)
class ClientSignalled:
    """A client opened, clicked, replied to or unsubscribed from our message (``kind`` of Signal)."""

    message_id: int
    client_id: int | None
    origin: str
    origin_id: int | None
    kind: str


@dataclass(frozen=True)
class ConversationChanged:
    """A conversation got a message, another assignee or another state. ``people`` had it or have it."""

    conversation_id: int
    client_id: int | None
    people: list[int]


@dataclass(frozen=True)
class ComplaintHandedOver:
    """A colleague says that these messages are a complaint; ``urgency`` is usual or urgent (everybody reads it)."""

    hand_over_id: int
    conversation_id: int
    client_id: int | None
    message_ids: list[int]
    excerpt: str
    urgency: str


@dataclass(frozen=True)
class ComplaintTakenBack:
    """The hand-over was a mistake."""

    hand_over_id: int
    conversation_id: int | None
    client_id: int | None


@dataclass(frozen=True)
class CalendarMailed:
    """A mail brought iCalendar: an answer to an invitation, or an invitation."""

    message_id: int
