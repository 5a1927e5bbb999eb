"""What happened to policies, quotes and projects."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PolicyIssued:
    """A policy came into being; ``previous_id`` is the term it renews."""

    policy_id: int
    client_id: int
    previous_id: int | None


@dataclass(frozen=True)
class PolicyChanged:
    """A policy was cancelled, suspended, handed to another agent or corrected."""

    policy_id: int
    client_id: int


@dataclass(frozen=True)
class PolicyAmended:
    """A policy got a new version: endorsement, cancellation, reinstatement or duplicate.

    What became due or is to be returned is the version's ``difference``.
    """

    policy_id: int
    client_id: int
    version_id: int
    kind: str


@dataclass(frozen=True)
class QuoteChanged:
    """A quote for the next term of ``policy_id`` was kept or withdrawn."""

    quote_id: int
    policy_id: int
    client_id: int


@dataclass(frozen=True)
class ProjectChanged:
    """A project was prepared, repriced, offered, issued or withdrawn; ``policy_id`` is the term that it renews."""

    project_id: int
    policy_id: int | None
    client_id: int
    state: str


@dataclass(frozen=True)
class ObjectSold:
    """The insured thing was sold: no need to insure it any more."""

    object_id: int
    client_id: int


@dataclass(frozen=True)
class PortfolioImported:
    """An import (or its undo) changed many clients and policies at once."""

    import_run_id: int
