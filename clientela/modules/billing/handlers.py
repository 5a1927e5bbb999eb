"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from clientela.modules.billing.events import PaymentRegistered, RefundChanged
from clientela.modules.billing.models import Receipt
from clientela.modules.billing.operations import amend, make_receipt, make_schedule, settle_project
from clientela.modules.contracts.events import PolicyAmended, PolicyIssued, ProjectChanged
from clientela.modules.contracts.models import Policy, PolicyVersion, Project


def schedule_instalments(event: PolicyIssued, *, now: datetime) -> None:
    """A policy came into being: lay down when its premium is due."""
    policy = Policy.objects.filter(pk=event.policy_id).first()
    if policy is not None:
        make_schedule(policy=policy)


def settle_repriced(event: ProjectChanged, *, now: datetime) -> None:
    """A project became cheaper after a part of it was paid: perhaps it is paid in full now."""
    project = Project.objects.filter(pk=event.project_id, payments__isnull=False).first()
    if project is not None:
        settle_project(now=now, project=project)


def receipt_of_payment(event: PaymentRegistered, *, now: datetime) -> None:
    """Register the fiscal receipt; without an answer the job tries again."""
    for receipt in Receipt.objects.filter(payment=event.payment_id):
        make_receipt(receipt, now=now)


def receipt_of_refund(event: RefundChanged, *, now: datetime) -> None:
    """The same for money that went back."""
    for receipt in Receipt.objects.filter(refund=event.refund_id):
        make_receipt(receipt, now=now)


def money_of_version(event: PolicyAmended, *, now: datetime) -> None:
    """A policy got a new version: its price changed, or money goes back."""
    version = PolicyVersion.objects.filter(pk=event.version_id).first()
    if version is not None:
        amend(now=now, version=version)
