"""What happened to data from sister companies. No event carries a value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GroupDataChanged:
    """Facts about a client came, or went."""

    client_id: int
