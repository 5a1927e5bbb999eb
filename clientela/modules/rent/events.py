"""What happened to rent."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RentChanged:
    """A rent came into the register, was approved, returned or answered; ``state`` is what it is now."""

    rent_id: int
    policy_id: int
    client_id: int
    agent_id: int
    state: str
