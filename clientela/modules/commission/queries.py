"""Sums of commission: of a month, by agent, by month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from clientela.foundation.bulk import listed
from clientela.foundation.dates import add_months
from clientela.foundation.money import ZERO, Money, kopecks
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.commission import rules
from clientela.modules.commission.models import Entry, Statement
from clientela.modules.organisation.models import Agent

_NEW = Q(kind=Entry.Kind.ACCRUAL, term=rules.NEW)
_RENEWAL = Q(kind=Entry.Kind.ACCRUAL, term=rules.RENEWAL)
_RENT = Q(kind=Entry.Kind.RENT)
_BACK = Q(kind=Entry.Kind.CLAWBACK)
SUMS: dict[str, Any] = {
    "count": Count("policy", distinct=True), "premium": Sum("base"), "new": Sum("amount", filter=_NEW),
    "renewal": Sum("amount", filter=_RENEWAL), "rent": Sum("amount", filter=_RENT), "taken_back": Sum("amount", filter=_BACK),
    "unrated": Count("pk", filter=Q(percent__isnull=True)),
}  # fmt: skip


@dataclass(frozen=True)
class Sums:
    """Commission of some entries; ``count`` contracts, ``taken_back`` is negative, ``unrated`` have no rate yet."""

    count: int = 0
    premium: Money = ZERO
    new: Money = ZERO
    renewal: Money = ZERO
    rent: Money = ZERO
    taken_back: Money = ZERO
    unrated: int = 0

    @property
    def accrued(self) -> Money:
        return self.new + self.renewal + self.rent

    @property
    def due(self) -> Money:
        return self.accrued + self.taken_back


def _sums(row: Any) -> Sums:
    # SQLite adds up in binary: the kopecks are in its sum, and digits after them.
    sums: dict[str, Any] = {name: kopecks(row[name] or ZERO) for name in SUMS}
    return Sums(**sums | {"count": row["count"] or 0, "unrated": row["unrated"] or 0})


def sums_of(entries: "QuerySet[Entry]") -> Sums:
    """Of all these entries together."""
    return _sums(entries.order_by().aggregate(**SUMS))


def of_agents(entries: "QuerySet[Entry]") -> dict[int, Sums]:
    """Of each agent."""
    rows = entries.order_by().values("agent_id").annotate(**SUMS)
    return {row["agent_id"]: _sums(row) for row in rows}


def of_months(entries: "QuerySet[Entry]", *, last: date, months: int) -> list[tuple[date, Sums]]:
    """Of each of ``months`` months up to ``last``, the oldest first; months without entries too."""
    first = add_months(last, 1 - months)
    rows = entries.filter(month__range=(first, last)).order_by().values("month").annotate(**SUMS)
    found = {row["month"]: _sums(row) for row in rows}
    days = [add_months(first, step) for step in range(months)]
    return [(day, found.get(day, Sums())) for day in days]


def known_months(entries: "QuerySet[Entry]") -> tuple[date | None, date | None]:
    """The first and the last month in which anything stands."""
    row = entries.order_by().aggregate(first=Min("month"), last=Max("month"))
    return row["first"], row["last"]


def closed_of(agents: Iterable[int], month: date) -> dict[int, Statement]:
    """Closed statements of a month, by agent."""
    rows = Statement.objects.filter(month=month, agent_id__in=listed(agents))
    return {row.agent_id: row for row in rows}


def percent_words(percent: Decimal) -> str:
    """«16,5»: no more digits than the rate has."""
    digits = -int(percent.normalize().as_tuple().exponent)
    return formats.number(percent, language(), max(digits, 0))


def tax_due(agent: Agent, sums: Sums, closed: Statement | None) -> Decimal:
    """The income tax of a statement: as it was closed, or as it stands now."""
    return closed.tax if closed is not None else rules.tax_of(sums.due, agent.legal_status)
