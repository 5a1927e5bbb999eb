"""What happened to clients."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClientChanged:
    """A card was made or its data changed."""

    client_id: int


@dataclass(frozen=True)
class ContactabilityChanged:
    """A contact point, the do-not-contact mark, the address or the owner of a client changed."""

    client_id: int


@dataclass(frozen=True)
class PersonMentioned:
    """Somebody was named with @ in a note."""

    client_id: int
    note_id: int
    user_id: int
