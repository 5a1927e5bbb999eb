"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from clientela.modules.billing.events import PaymentRegistered, RefundChanged
from clientela.modules.billing.models import Refund
from clientela.modules.commission.operations import accrue_policy, take_back
from clientela.modules.contracts.events import PolicyIssued


def on_payment(event: PaymentRegistered, *, now: datetime) -> None:
    """Money came for a policy, or made a project one: the agent has earned."""
    if event.policy_id is not None:
        accrue_policy(now=now, policy_id=event.policy_id)


def on_issued(event: PolicyIssued, *, now: datetime) -> None:
    """A project that was paid before became a policy."""
    accrue_policy(now=now, policy_id=event.policy_id)


def on_refund(event: RefundChanged, *, now: datetime) -> None:
    """Money went back to a client: its commission goes back too."""
    if event.state == Refund.State.DONE:
        take_back(now=now, refund_id=event.refund_id)
