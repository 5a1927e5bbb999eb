"""Instalments by week: what falls due and what of it is paid."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncWeek

from clientela.foundation.money import ZERO
from clientela.modules.billing.models import Instalment
from clientela.modules.contracts.models import Policy

PAST, AHEAD = 8, 12


@dataclass(frozen=True)
class Week:
    """Seven days from ``monday``; ``height`` and ``filled`` are in percent of the highest week."""

    monday: date
    due: Decimal
    paid: Decimal
    height: str
    filled: str
    is_now: bool
    is_past: bool

    @property
    def left(self) -> Decimal:
        return self.due - self.paid

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)


def instalments_by_week(user: Any, *, today: date) -> list[Week]:
    """Eight weeks back to twelve ahead of the parts of policies that this person may see and that are not cancelled."""
    now = today - timedelta(days=today.weekday())
    first, end = now - timedelta(weeks=PAST), now + timedelta(weeks=AHEAD + 1)
    policies = Policy.objects.visible_to(user).exclude(status=Policy.Status.CANCELLED)
    rows = Instalment.objects.filter(due_on__gte=first, due_on__lt=end, policy__in=policies)
    found = {
        row["week"]: row
        for row in rows.annotate(week=TruncWeek("due_on"))
        .order_by()
        .values("week")
        .annotate(due=Sum("amount"), come=Sum("paid"))
    }
    highest = max((row["due"] for row in found.values()), default=ZERO)
    weeks = []
    for place in range(PAST + AHEAD + 1):
        monday = first + timedelta(weeks=place)
        row = found.get(monday) or {"due": ZERO, "come": ZERO}
        come = min(row["come"], row["due"])
        weeks.append(
            Week(
                monday,
                row["due"],
                come,
                _share(row["due"], highest),
                _share(come, row["due"]),
                monday == now,
                monday < now,
            )
        )
    return weeks


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{part * 100 / whole:.1f}" if whole else "0"
