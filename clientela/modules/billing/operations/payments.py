"""Registering money, once, and what it sets going."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.money import kopecks
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.billing.events import InvoiceChanged, PaymentRegistered
from clientela.modules.billing.models import Invoice, Payment, Receipt
from clientela.modules.billing.operations.schedule import make_schedule, pay_parts
from clientela.modules.billing.queries import (
    OPEN_PROJECTS,
    balance_of_policy,
    balance_of_project,
    due_now,
    first_part,
)
from clientela.modules.clients.queries import require
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import AlreadyRenewed, ProjectClosed, issue_project


class InvalidAmount(Refusal):
    """A payment is a positive sum of roubles."""

    message = _("A payment is a positive sum.")
    field = "amount"


class WrongTarget(Refusal):
    """A payment is for one policy or for one project."""

    message = _("A payment is for one policy or for one project.")


class MoreThanDue(Refusal):
    """Somebody typed more than is due; ``left`` is what is."""

    field = "amount"

    def __init__(self, left: Decimal) -> None:
        super().__init__(left)
        self.left = left
        self.message = _("Only %(left)s RUB is due.") % {"left": left}


class PaymentConflict(Refusal):
    """Another payment has this ``external_id`` with another sum or for another contract."""

    message = _("This payment is registered already, with another sum or for another contract.")


@transaction.atomic
def register_payment(
    *, actor: Any, now: datetime, amount: Decimal, method: str, policy: Policy | None = None,
    project: Project | None = None, external_id: str | None = None, paid_at: datetime | None = None,
    invoice: Invoice | None = None, slip: str = "", receipt: bool = True,
) -> Payment:  # fmt: skip
    """Write down money received for a policy or for a project of the next term.

    A project is issued in the same transaction when its premium, or the first of the parts it is paid in, has come:
    ``payment.project.next_policy`` is the policy. Until then it stays open. Money on a policy pays its oldest open
    instalment first. ``slip`` is the number on the terminal's slip or of the cash order; ``receipt`` is False where
    the acquirer writes the fiscal receipt itself.

    With ``external_id`` (the payer system's id) the money has been taken already: the same id registers once
    and returns the first payment, and a sum over what is due, or for a project closed meanwhile, is kept as a
    credit (``Balance.over``). Without it somebody is typing: ``MoreThanDue`` and ``ProjectClosed`` refuse.
    Raises also ``InvalidAmount``, ``WrongTarget``, ``PaymentConflict``, ``PermissionDenied``.
    """
    target = policy or project
    if target is None or (policy and project):
        raise WrongTarget
    client_id = target.client_id
    require(actor, "payments.write", client_id)
    amount = kopecks(amount)
    if amount <= 0:
        raise InvalidAmount
    _lock(target)
    if external_id and (known := Payment.objects.filter(external_id=external_id).first()):
        return _same(known, amount, policy, project)
    if not external_id:
        _refuse_too_much(amount, policy, project)
    try:
        with transaction.atomic():
            payment = Payment.objects.create(
                client_id=client_id, policy=policy, project=project, amount=amount, method=method,
                paid_at=paid_at or now, external_id=external_id or None, registered_by=actor, created_at=now,
                invoice=invoice, slip=slip.strip()[:40],
            )  # fmt: skip
    except IntegrityError:
        return _same(Payment.objects.get(external_id=external_id), amount, policy, project)
    if policy is not None:
        make_schedule(policy=policy)
        pay_parts(policy, amount)
    elif project is not None:
        settle_project(now=now, project=project)
        payment.refresh_from_db()
    if receipt and method != Payment.Method.BANK:
        Receipt.objects.create(payment=payment, key=str(uuid.uuid4()), created_at=now)
    close_paid(payment, now=now)
    record(
        actor=actor, now=now, action="payment.registered", obj=payment, object_name=str(amount),
        changes={"amount": [None, amount], "method": [None, method]},
    )  # fmt: skip
    publish(PaymentRegistered(payment.pk, client_id, payment.policy_id, payment.project_id), now=now)
    return payment


def _lock(target: Policy | Project) -> None:
    """The policy first, then the project, as contracts does."""
    policy_id = target.pk if isinstance(target, Policy) else target.policy_id
    if policy_id is not None:
        Policy.objects.select_for_update().get(pk=policy_id)
    if isinstance(target, Project):
        Project.objects.select_for_update().get(pk=target.pk)


def _same(known: Payment, amount: Decimal, policy: Policy | None, project: Project | None) -> Payment:
    same_project = project is not None and known.project_id == project.pk
    same_policy = policy is not None and known.policy_id == policy.pk
    if known.amount != amount or not (same_project or same_policy):
        raise PaymentConflict(known.external_id)
    return known


def _refuse_too_much(amount: Decimal, policy: Policy | None, project: Project | None) -> None:
    if project is not None:
        state = Project.objects.values_list("state", flat=True).get(pk=project.pk)
        if state not in OPEN_PROJECTS:
            raise ProjectClosed
        left = balance_of_project(Project.objects.get(pk=project.pk)).left
    elif policy is not None:
        left = balance_of_policy(policy).left
    if amount > left:
        raise MoreThanDue(left)


def close_paid(payment: Payment, *, now: datetime) -> None:
    """Mark the invoices that this payment has paid, whichever of them it was made by."""
    bills = Invoice.objects.open().filter(
        Q(pk=payment.invoice_id) | Q(project=payment.project_id, project__isnull=False)
        | Q(policy=payment.policy_id, policy__isnull=False, amount__isnull=True)
    )  # fmt: skip
    for bill in bills.select_related("instalment", "project", "policy"):
        if due_now(bill) <= 0:
            bill.paid_at = now
            bill.save(update_fields=["paid_at"])
            publish(InvoiceChanged(bill.pk, bill.client_id), now=now)


@transaction.atomic
def settle_project(*, now: datetime, project: Project) -> Policy | None:
    """Issue a project whose premium, or its first part, is paid; None while something is missing or it is closed.

    The payments are then also payments of the new policy. Repeating it changes nothing.
    """
    row = Project.objects.get(pk=project.pk)
    if row.state not in OPEN_PROJECTS or balance_of_project(row).paid < first_part(row):
        return None
    try:
        with transaction.atomic():
            policy = issue_project(now=now, project=row)
    except (AlreadyRenewed, ProjectClosed):
        return None
    payments = Payment.objects.filter(project=row, policy__isnull=True)
    total = sum((payment.amount for payment in payments), Decimal(0))
    payments.update(policy=policy)
    make_schedule(policy=policy)
    pay_parts(policy, total)
    return policy
