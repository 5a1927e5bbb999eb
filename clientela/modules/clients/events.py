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


@dataclass(frozen=True)
class ClientsMerged:
    """All of the card ``gone_client_id`` is ``client_id``'s now."""

    merge_id: int
    client_id: int
    gone_client_id: int


@dataclass(frozen=True)
class ClientsSeparated:
    """The card ``gone_client_id`` is there again with what it had."""

    merge_id: int
    client_id: int
    gone_client_id: int


@dataclass(frozen=True)
class LifeEventNoted:
    """Something happened in a client's life, or will: a reason to advise. ``kind`` is of ``LifeEvent``, ``on`` an ISO day."""

    life_event_id: int
    client_id: int
    kind: str
    on: str
