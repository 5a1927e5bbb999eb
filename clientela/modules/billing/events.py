"""What happened to money."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PaymentRegistered:
    """Money came in for a policy or a project."""

    payment_id: int
    client_id: int
    policy_id: int | None
    project_id: int | None
