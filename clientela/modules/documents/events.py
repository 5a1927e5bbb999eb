"""What happened to documents."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentReady:
    """The PDF is made, or could not be."""

    document_id: int
    client_id: int
    policy_id: int | None
    state: str
