"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from clientela.modules.billing.events import PaymentRegistered, RefundChanged
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.rent.operations import look_at


def on_payment(event: PaymentRegistered, *, now: datetime) -> None:
    """Money came: the policy that it paid for, or that its project became, may be due a rent."""
    row = Payment.objects.filter(pk=event.payment_id).values_list("policy_id", flat=True).first()
    if row is not None:
        look_at(now=now, policy_id=row)


def on_issued(event: PolicyIssued, *, now: datetime) -> None:
    """A project that was paid before became a policy."""
    look_at(now=now, policy_id=event.policy_id)


def on_refund(event: RefundChanged, *, now: datetime) -> None:
    """Money went back to a client: the rent follows."""
    if event.state != Refund.State.DONE:
        return
    policy_id = Refund.objects.filter(pk=event.refund_id).values_list("payment__policy", flat=True).first()
    if policy_id is not None:
        look_at(now=now, policy_id=policy_id)
