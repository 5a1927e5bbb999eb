"""The payment schedule of a policy."""

from decimal import Decimal

from django.db import transaction

from clientela.modules.billing import rules
from clientela.modules.billing.models import Instalment
from clientela.modules.contracts.models import Policy


@transaction.atomic
def make_schedule(*, policy: Policy, premium: Decimal | None = None) -> list[Instalment]:
    """The parts of the premium, or of ``premium``, with their days; a policy that has a schedule keeps it."""
    Policy.objects.select_for_update().get(pk=policy.pk)
    known = list(Instalment.objects.filter(policy=policy))
    if known:
        return known
    dues = rules.instalments(
        policy.premium if premium is None else premium, max(policy.instalments, 1), policy.start_date
    )
    return Instalment.objects.bulk_create(
        Instalment(policy=policy, number=due.number, due_on=due.due_on, amount=due.amount) for due in dues
    )


def pay_parts(policy: Policy, amount: Decimal) -> Decimal:
    """Spread money over the open parts, the oldest first; returns what is left over."""
    parts = list(Instalment.objects.select_for_update().filter(policy=policy).order_by("due_on", "number"))
    shares, over = rules.spread(amount, [part.amount - part.paid for part in parts])
    for part, share in zip(parts, shares, strict=True):
        if share:
            part.paid += share
            part.save(update_fields=["paid"])
    return over
