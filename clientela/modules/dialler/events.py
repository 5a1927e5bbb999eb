"""What happened on calling lists."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EntryChanged:
    """A client was put on a list, was taken, or waits for another attempt.

    ``until`` is the ISO day before which the client asked not to be called; empty when there is none.
    """

    entry_id: int
    client_id: int
    list_id: int
    origin: str = ""
    origin_id: int = 0
    outcome: str = ""
    until: str = ""


@dataclass(frozen=True)
class EntryEnded:
    """Nobody calls for this entry any more: ``outcome`` of the last attempt, or ``dropped`` says why.

    ``fault`` is whose reason a drop is: guard (the asker's own), policy, asker or person.
    """

    entry_id: int
    client_id: int
    list_id: int
    origin: str = ""
    origin_id: int = 0
    outcome: str = ""
    dropped: str = ""
    fault: str = ""


@dataclass(frozen=True)
class EntryReopened:
    """The last outcome was taken back; ``outcome`` is what it was, ``ended`` whether the entry was over by it."""

    entry_id: int
    client_id: int
    list_id: int
    origin: str
    origin_id: int
    outcome: str
    ended: bool
