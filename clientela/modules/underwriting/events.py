"""What happened to referrals."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReferralChanged:
    """A referral was opened, decided, or its photos were asked for or came; ``state`` is its own."""

    referral_id: int
    calculation_id: int
    client_id: int
    state: str


@dataclass(frozen=True)
class ChangeReferralChanged:
    """A change of a policy was given to an underwriter, decided, made or became stale; ``state`` is its own."""

    change_referral_id: int
    policy_id: int
    client_id: int
    state: str
