"""Entries of rent: for the payments of a term that the client renewed alone, once a person has approved it."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from clientela.foundation.bulk import insert_missing
from clientela.foundation.dates import local_today
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.commission import rules
from clientela.modules.commission.models import Entry, Rate
from clientela.modules.commission.operations.accruing import closed_months, take_back
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Agent


def rent_rate(policy: Policy, agent: Agent, paid_on: date) -> Rate | None:
    """The rate of rent that holds on the day of a payment; None where none was set."""
    line, product = policy.product.line, policy.product_id
    sale = rules.Sale(agent.pk, line, product, rules.RENT, policy.sales_channel, paid_on)
    known = {rate.pk: rate for rate in Rate.objects.filter(line=line, term=Rate.Term.RENT)}
    best = rules.best((rate.terms for rate in known.values()), sale)
    return known[best.id] if best else None


@transaction.atomic
def enter_rent(*, now: datetime, policy: Policy, agent: Agent, rate: Rate, approved_on: date) -> int:
    """Write the rent of the payments of a policy that have earned nothing yet; returns how many are new.

    It stands in the month of the approval, or of a later payment; in the next open one where that is closed. What has
    gone back to the client of them is taken back at once.
    """
    known = Entry.objects.filter(payment=OuterRef("pk"), kind__in=Entry.EARNED).order_by()
    payments = Payment.objects.filter(~Exists(known), policy=policy).order_by("pk")
    months = closed_months([agent.pk])[agent.pk]
    rows = []
    for payment in payments:
        day = max(local_today(settings.TIME_ZONE, payment.paid_at), approved_on)
        rows.append(
            {
                "agent": agent.pk, "kind": Entry.Kind.RENT.value, "payment": payment.pk, "refund": None, "policy": policy.pk,
                "term": rules.RENT, "rate": rate.pk, "agreement_number": agent.agreement_number,
                "percent": str(rate.percent), "base": str(payment.amount), "statement": None, "created_at": now,
                "amount": str(rules.earned(payment.amount, rate.percent)), "earned_on": day.isoformat(),
                "month": rules.open_month(rules.month_of(day), months).isoformat(),
            }
        )  # fmt: skip
    made = len(insert_missing(Entry, rows))
    gone = Refund.objects.filter(payment__policy=policy, state=Refund.State.DONE)
    for refund_id in gone.order_by("done_at", "pk").values_list("pk", flat=True):
        take_back(now=now, refund_id=refund_id)
    return made
