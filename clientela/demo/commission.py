"""Rates, what agents have earned by the payments of the demo, and statements of the first branch closed but for two months."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Max, Min

from clientela.foundation.dates import add_months, local_today
from clientela.modules.billing.models import Payment
from clientela.modules.commission import operations
from clientela.modules.commission.models import Entry
from clientela.modules.commission.operations.accruing import PART
from clientela.modules.commission.rules import month_of
from clientela.modules.organisation.models import Agent

SELLER = "a.sokolova@prichal.example"


def write(now: datetime) -> int:
    """Rates since two years ago, an entry for each payment of an agent's policy; returns how many."""
    today = local_today(settings.TIME_ZONE, now)
    since = date(today.year - 2, 1, 1)
    operations.load_shipped(now=now, active_from=since)
    by: dict[str, Any] = {"actor": None, "now": now}
    operations.set_rate(line="mortgage", percent=Decimal(12), valid_from=since, **by)
    seller = Agent.objects.filter(email=SELLER).first()
    if seller is not None:
        operations.set_rate(
            line="kasko", term="renewal", percent=Decimal("16.5"), valid_from=add_months(month_of(today), -4), agent=seller,
            reason=f"ДС 2 к АГД {seller.agreement_number}", **by,
        )  # fmt: skip
    ends = Payment.objects.aggregate(first=Min("pk"), last=Max("pk"))
    written = 0
    for first in range(ends["first"] or 1, (ends["last"] or 0) + 1, PART):
        written += operations.accrue_missing(now=now, first=first, last=first + PART - 1)
    _close(month_of(today), now)
    return written


def _close(current: date, now: datetime) -> None:
    """Statements of the seller's team up to the month before last."""
    seller = Agent.objects.filter(email=SELLER).first()
    if seller is None or seller.team_id is None:
        return
    until = add_months(current, -1)
    rows = Entry.objects.filter(agent__team=seller.team_id, month__lt=until, percent__isnull=False)
    for agent_id, month in rows.order_by("agent", "month").values_list("agent", "month").distinct():
        operations.close_statement(actor=None, now=now, agent=Agent.objects.get(pk=agent_id), month=month)
