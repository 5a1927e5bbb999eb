"""What happened to claims."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DisputeChanged:
    """A dispute about a claim was opened or closed."""

    claim_id: int
    policy_id: int
    client_id: int


@dataclass(frozen=True)
class ClaimOpened:
    """A loss was reported."""

    claim_id: int
    policy_id: int
    client_id: int


@dataclass(frozen=True)
class ClaimMoved:
    """A claim was taken into work, waits for papers, or got what it waited for."""

    claim_id: int
    policy_id: int
    client_id: int
    status: str


@dataclass(frozen=True)
class ClaimSettled:
    """A claim was paid or refused."""

    claim_id: int
    policy_id: int
    client_id: int
    status: str
