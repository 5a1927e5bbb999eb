"""Terms that a client renewed alone and that have no rent yet, and the money that came for one."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from clientela.foundation.money import ZERO, kopecks
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.contracts.models import Policy
from clientela.modules.renewals.models import SelfRenewal
from clientela.modules.rent.models import Rent
from clientela.modules.rent.rules import Paid


def owed() -> "QuerySet[SelfRenewal]":
    """Renewals by clients alone whose policy was issued for an agent and paid for, and is in no register yet."""
    policy = OuterRef("project__next_policy")
    paid, known = Payment.objects.filter(policy=policy), Rent.objects.filter(policy=policy)
    rows = SelfRenewal.objects.filter(
        Exists(paid), ~Exists(known), project__next_policy__agent__isnull=False,
        project__next_policy__status=Policy.Status.ISSUED,
    )  # fmt: skip
    return rows.order_by("pk")


def payments_of(policy_id: int) -> list[Paid]:
    """The payments of a policy with what has gone back of each."""
    done = Sum("refunds__amount", filter=Q(refunds__state=Refund.State.DONE))
    rows = Payment.objects.filter(policy=policy_id).order_by("pk").annotate(gone=done)
    return [Paid(amount, kopecks(gone or ZERO)) for amount, gone in rows.values_list("amount", "gone")]
