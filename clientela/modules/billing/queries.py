"""What is due, what was paid."""

from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum

from clientela.foundation.money import ZERO, kopecks
from clientela.modules.billing.models import Instalment, Payment
from clientela.modules.billing.rules import Balance
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project


def _total(payments: QuerySet[Payment]) -> Any:
    return kopecks(payments.aggregate(total=Sum("amount"))["total"] or ZERO)


def balance_of_project(project: Project) -> Balance:
    """The price of the next term against payments for it."""
    return Balance(project.premium, _total(Payment.objects.filter(project=project)))


def balance_of_policy(policy: Policy) -> Balance:
    """The premium of a policy against payments for it, those of the project it was issued from included."""
    return Balance(policy.premium, _total(Payment.objects.filter(policy=policy)))


def payments_of(user: Any) -> QuerySet[Payment]:
    """Payments of the clients this person may see."""
    return Payment.objects.filter(client__in=Client.objects.visible_to(user))


def overdue(today: date) -> QuerySet[Instalment]:
    """Parts of premiums whose day has passed unpaid, on policies that are still in force."""
    return Instalment.objects.filter(
        due_on__lt=today,
        paid__lt=F("amount"),
        policy__status=Policy.Status.ISSUED,
        policy__end_date__gte=today,
    )
