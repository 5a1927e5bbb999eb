"""What is due, what was paid."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from clientela.foundation.money import ZERO, kopecks
from clientela.modules.billing import rules
from clientela.modules.billing.models import Instalment, Invoice, Payee, Payment, Receipt, Refund
from clientela.modules.billing.rules import Balance
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, PolicyVersion, Project
from clientela.modules.products.models import Line
from clientela.modules.products.queries import name_of, version_on

OPEN_PROJECTS = (Project.State.OPEN, Project.State.OFFERED)
# In how many parts a premium may be paid where the product itself says nothing; OSAGO is paid at once by law.
PLANS = {Line.KASKO: (1, 2, 4), Line.PROPERTY: (1, 2)}


def total_of(payments: QuerySet[Payment]) -> Decimal:
    """What came in by these payments less what went back."""
    came = payments.aggregate(total=Sum("amount"))["total"] or ZERO
    back = Refund.objects.filter(payment__in=payments.values("pk"), state=Refund.State.DONE)
    return kopecks(came - (back.aggregate(total=Sum("amount"))["total"] or ZERO))


def balance_of_project(project: Project) -> Balance:
    """The price of the contract against payments for it."""
    return Balance(project.premium, total_of(Payment.objects.filter(project=project)))


def balance_of_policy(policy: Policy) -> Balance:
    """The premium of a policy against payments for it, those of the project it was issued from included."""
    return Balance(policy.premium, total_of(Payment.objects.filter(policy=policy)))


def first_part(project: Project) -> Decimal:
    """What must be paid before the policy is issued: the premium, or its first part."""
    parts = rules.instalments(project.premium, max(project.instalments, 1), project.start_date)
    return parts[0].amount if parts else ZERO


def payments_of(user: Any) -> QuerySet[Payment]:
    """Payments of the clients this person may see."""
    return Payment.objects.filter(client__in=Client.objects.visible_to(user))


def receipts_of(user: Any) -> QuerySet[Receipt]:
    """Receipts of payments and refunds of the clients this person may see."""
    payments = payments_of(user)
    return Receipt.objects.filter(payment__in=payments) | Receipt.objects.filter(refund__payment__in=payments)


def overdue(today: date) -> QuerySet[Instalment]:
    """Parts of premiums whose day has passed unpaid, on policies that are still in force."""
    return Instalment.objects.filter(
        due_on__lt=today,
        paid__lt=F("amount"),
        policy__status=Policy.Status.ISSUED,
        policy__end_date__gte=today,
    )


class BillState(StrEnum):
    """What an invoice is to the client who opens its link."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


def due_now(invoice: Invoice) -> Decimal:
    """What the client is asked for at this moment."""
    if invoice.amount is not None:
        return max(invoice.amount - total_of(invoice.payments.all()), ZERO)
    if invoice.instalment is not None:
        return max(invoice.instalment.amount - invoice.instalment.paid, ZERO)
    if invoice.project is not None:
        if invoice.project.state not in OPEN_PROJECTS:
            return ZERO
        return max(first_part(invoice.project) - balance_of_project(invoice.project).paid, ZERO)
    assert invoice.policy is not None
    return balance_of_policy(invoice.policy).left


def state_of(invoice: Invoice, today: date) -> BillState:
    """Whether the invoice can be paid on ``today``, and if not, why."""
    project, policy = invoice.project, invoice.policy
    if invoice.paid_at is not None or (project is not None and project.state == Project.State.ISSUED):
        return BillState.PAID
    closed = project is not None and project.state == Project.State.WITHDRAWN
    ended = policy is not None and policy.status == Policy.Status.CANCELLED
    if invoice.withdrawn_at is not None or closed or ended:
        return BillState.WITHDRAWN
    if due_now(invoice) <= 0:
        return BillState.PAID
    too_late = project is not None and project.start_date < today
    if too_late or (invoice.valid_until is not None and invoice.valid_until < today):
        return BillState.EXPIRED
    return BillState.OPEN


def plans_for(project: Project) -> list[int]:
    """In how many parts this contract may be paid; the product's version has the first word.

    Where the tariff asks for the number of payments, the price is of that number: another one is another price.
    """
    if (project.terms or {}).get("answers", {}).get("instalments"):
        return [project.instalments]
    version = version_on(project.product.code, project.start_date)
    told = version.definition.get("instalments") if version else None
    plans = told if isinstance(told, list) else PLANS.get(Line(project.product.line), (1,))
    return sorted({1, project.instalments, *(int(count) for count in plans)})


def purpose_of(invoice: Invoice) -> str:
    """What the money is for, in the language of the moment: on the page, in the square code and on the receipt."""
    if invoice.purpose:
        return invoice.purpose
    contract: Policy | Project | None = invoice.policy or invoice.project
    assert contract is not None
    product = name_of(contract.product)
    if invoice.instalment is not None and invoice.policy is not None:
        words = {"product": product, "number": invoice.policy.number, "part": invoice.instalment.number}
        return _("%(product)s %(number)s, part %(part)s of the premium") % words
    if invoice.policy is not None:
        return _("%(product)s %(number)s, premium") % {"product": product, "number": invoice.policy.number}
    return _("%(product)s, insurance premium") % {"product": product}


def payee_now() -> Payee | None:
    """The company's requisites; None until somebody has typed them."""
    return Payee.objects.order_by("pk").first()


def returnable(payment: Payment) -> Decimal:
    """What of a payment has not gone back and is not on its way."""
    gone = payment.refunds.exclude(state__in=[Refund.State.REFUSED, Refund.State.DROPPED])
    return kopecks(payment.amount - (gone.aggregate(total=Sum("amount"))["total"] or ZERO))


def cancelled_refunds(policy: Policy, before: int | None = None) -> QuerySet[Refund]:
    """What the last cancellation (before this number of a version) was to return."""
    versions = policy.versions.filter(kind=PolicyVersion.Kind.CANCELLATION)
    if before is not None:
        versions = versions.filter(number__lt=before)
    cancelled = versions.order_by("-number").first()
    if cancelled is None:
        return Refund.objects.none()
    return Refund.objects.filter(origin__startswith=f"version:{cancelled.pk}/")


def returned_of(refunds: QuerySet[Refund]) -> Decimal:
    """What of these refunds has gone back or is on its way: it is due again when the policy is reinstated."""
    gone = refunds.filter(state__in=[Refund.State.SENT, Refund.State.DONE])
    return kopecks(gone.aggregate(total=Sum("amount"))["total"] or ZERO)
