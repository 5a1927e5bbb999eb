"""Entries of commission: one for a payment, one for a refund, however often they are asked for.

Every part locks the agents first, so that no statement closes in between, and leaves to the unique keys what another
process has written meanwhile.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum

from clientela.foundation.bulk import insert_missing, listed, update_rows
from clientela.foundation.dates import local_today
from clientela.foundation.money import ZERO, kopecks
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.commission import rules
from clientela.modules.commission.models import Entry, Rate, Statement
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Agent

PART = 2000
Kind = Entry.Kind
_OF_PAYMENT = (
    "pk", "amount", "paid_at", "policy_id", "policy__agent_id", "policy__agent__agreement_number",
    "policy__product_id", "policy__product__line", "policy__renewal_year", "policy__sales_channel",
)  # fmt: skip


def owed() -> "QuerySet[Payment]":
    """Payments that an agent earns by and that have no entry yet.

    A contract that the client bought alone on the site earns none: what may be due there is the rent.
    """
    known = Entry.objects.filter(payment=OuterRef("pk"), kind__in=Entry.EARNED).order_by()
    rows = Payment.objects.filter(~Exists(known), policy__agent__isnull=False)
    return rows.exclude(policy__sales_channel=Policy.SalesChannel.WEB).order_by("pk")


def accrue_policy(*, now: datetime, policy_id: int) -> int:
    """Write what its agent earned by the payments of one policy; returns how many entries are new."""
    with transaction.atomic():
        return _accrue(owed().filter(policy_id=policy_id), now)


def accrue_missing(*, now: datetime, first: int, last: int) -> int:
    """The same for all payments with these ids, both included."""
    with transaction.atomic():
        return _accrue(owed().filter(pk__range=(first, last)), now)


def _accrue(payments: "QuerySet[Payment]", now: datetime) -> int:
    found = list(payments.values_list(*_OF_PAYMENT))
    if not found:
        return 0
    agents = {row[4] for row in found}
    months = closed_months(agents)
    rates = _rates()
    rows = []
    for pk, amount, paid_at, policy_id, agent_id, agreement, product, line, year, channel in found:
        day = local_today(settings.TIME_ZONE, paid_at)
        term = rules.RENEWAL if year else rules.NEW
        rate = rules.best(rates[line], rules.Sale(agent_id, line, product, term, channel, day))
        rows.append(
            {
                "agent": agent_id, "kind": Kind.ACCRUAL.value, "payment": pk, "refund": None, "policy": policy_id, "term": term,
                "rate": rate and rate.id, "agreement_number": agreement, "percent": rate and str(rate.percent),
                "base": str(amount), "amount": str(rules.earned(amount, rate.percent) if rate else ZERO),
                "earned_on": day.isoformat(), "statement": None, "created_at": now,
                "month": rules.open_month(rules.month_of(day), months[agent_id]).isoformat(),
            }
        )  # fmt: skip
    return len(insert_missing(Entry, rows))


def closed_months(agents: Iterable[int]) -> dict[int, set[date]]:
    """The closed months of these agents, which stay so to the end of the transaction."""
    ids = sorted(set(agents))
    list(Agent.objects.select_for_update(no_key=True).filter(pk__in=listed(ids)).order_by("pk").values("pk"))
    found: dict[int, set[date]] = defaultdict(set)
    for agent_id, month in Statement.objects.filter(agent_id__in=listed(ids)).values_list(
        "agent_id", "month"
    ):
        found[agent_id].add(month)
    return found


def _rates() -> dict[str, list[rules.Terms]]:
    """All rates by line: there are few."""
    found: dict[str, list[rules.Terms]] = defaultdict(list)
    for rate in Rate.objects.all():
        found[rate.line].append(rate.terms)
    return found


@transaction.atomic
def take_back(*, now: datetime, refund_id: int) -> Entry | None:
    """Write what an agent gives back for money that has gone back to a client; None where there is nothing to say."""
    refund = Refund.objects.filter(pk=refund_id, state=Refund.State.DONE).select_related("payment").first()
    if refund is None or Entry.objects.filter(refund=refund).exists():
        return None
    if refund.payment.policy_id is not None:
        _accrue(owed().filter(pk=refund.payment_id), now)
    of = Entry.objects.select_for_update(no_key=True)
    accrual = of.filter(payment=refund.payment_id, kind__in=Entry.EARNED).first()
    if accrual is None:
        return None
    day = local_today(settings.TIME_ZONE, refund.done_at or now)
    month = rules.open_month(rules.month_of(day), closed_months([accrual.agent_id])[accrual.agent_id])
    row, _new = Entry.objects.get_or_create(
        refund=refund,
        defaults={
            "agent_id": accrual.agent_id, "kind": Kind.CLAWBACK, "payment_id": refund.payment_id, "policy_id": accrual.policy_id,
            "term": accrual.term, "rate_id": accrual.rate_id, "agreement_number": accrual.agreement_number,
            "percent": accrual.percent, "base": -refund.amount, "amount": _share(accrual, refund), "earned_on": day,
            "month": month, "created_at": now,
        },
    )  # fmt: skip
    return row


def _share(accrual: Entry, refund: Refund) -> Decimal:
    """What this refund takes back: in proportion to all that has gone back of the payment."""
    if accrual.percent is None:
        return ZERO
    others = Entry.objects.filter(payment=accrual.payment_id, kind=Kind.CLAWBACK).exclude(refund=refund)
    told = others.filter(percent__isnull=False).aggregate(base=Sum("base"), amount=Sum("amount"))
    return rules.taken_back(
        accrued=accrual.amount, paid=accrual.base, returned=refund.amount - kopecks(told["base"] or ZERO),
        before=kopecks(told["amount"] or ZERO),
    )  # fmt: skip


def take_back_missing(*, now: datetime, first: int, last: int) -> int:
    """Write the entries of all refunds with these ids that have none."""
    told = Entry.objects.filter(refund=OuterRef("pk")).order_by()
    earned = Entry.objects.filter(payment=OuterRef("payment"), kind__in=Entry.EARNED).order_by()
    rows = Refund.objects.filter(
        ~Exists(told), Exists(earned), state=Refund.State.DONE, pk__range=(first, last)
    )
    return sum(
        take_back(now=now, refund_id=pk) is not None
        for pk in rows.order_by("done_at", "pk").values_list("pk", flat=True)
    )


@transaction.atomic
def fill_rates(*, now: datetime, first: int, last: int) -> int:
    """Rate the entries with these ids for which there was no rate, with their clawbacks; returns how many have one now."""
    blank = Entry.objects.unrated().filter(kind=Kind.ACCRUAL, pk__range=(first, last))
    closed_months(blank.values_list("agent_id", flat=True))
    rates = _rates()
    done: dict[int, dict[str, Any]] = {}
    for row in blank.select_for_update(no_key=True, of=("self",)).select_related("policy__product"):
        product = row.policy.product
        sale = rules.Sale(
            row.agent_id, product.line, product.pk, row.term, row.policy.sales_channel, row.earned_on
        )
        rate = rules.best(rates[product.line], sale)
        if rate is not None:
            amount = str(rules.earned(row.base, rate.percent))
            done[row.pk] = {"rate": rate.id, "percent": str(rate.percent), "amount": amount}
    update_rows(Entry, done)
    _fill_clawbacks(done)
    return len(done)


def _fill_clawbacks(accruals: Iterable[int]) -> None:
    """What was taken back of entries that have just been rated, the oldest first."""
    rated = {row.payment_id: row for row in Entry.objects.filter(pk__in=listed(accruals))}
    late = Entry.objects.unrated().filter(kind=Kind.CLAWBACK, payment_id__in=listed(rated))
    for row in late.select_related("refund").order_by("earned_on", "pk"):
        accrual = rated[row.payment_id]
        assert row.refund is not None
        row.amount = _share(accrual, row.refund)
        row.rate_id, row.percent = accrual.rate_id, accrual.percent
        row.save(update_fields=["rate", "percent", "amount"])
