"""What became of advice: how much was advised, offered, sold, declined, and why (CB-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from clientela.modules.group.queries.facts import spoken_of
from clientela.modules.sales.models import Advice, AdviceRule


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """One rule over a window."""

    rule: AdviceRule
    open: int
    offered: int
    sold: int
    declined: int

    @property
    def sells(self) -> int | None:
        """Percent of closed advice that was sold; None while none is closed."""
        closed = self.sold + self.declined
        return round(100 * self.sold / closed) if closed else None


def advice_figures(advice: "QuerySet[Advice]", *, since: datetime) -> list[RuleFigures]:
    """By rule: what is open now, and what was offered, sold or declined since then; one statement."""
    state, fresh = Advice.State, Q(closed_at__gte=since)
    rows = (
        advice.filter(rule__isnull=False)
        .order_by()
        .values_list("rule")
        .annotate(
            open=Count("id", filter=Q(state__in=[state.ADVISED, state.OFFERED])),
            offered=Count("id", filter=Q(offered_at__gte=since)),
            sold=Count("id", filter=Q(state=state.SOLD) & fresh),
            declined=Count("id", filter=Q(state=state.DECLINED) & fresh),
        )
    )
    counted = {rule: tuple(numbers) for rule, *numbers in rows}
    return [
        RuleFigures(rule, *counted.get(rule.pk, (0, 0, 0, 0)))
        for rule in AdviceRule.objects.filter(is_active=True)
    ]


def with_sources(advice: Iterable[Advice], *, now: datetime) -> list[Advice]:
    """The rows, each with ``told_by``: facts of sister companies that its rule rests on. One statement, none without such."""
    rows = list(advice)
    kinds = {code for one in rows if one.rule for code in one.rule.told}
    facts = spoken_of({one.client_id for one in rows}, kinds, now=now)
    for one in rows:
        wanted = one.rule.told if one.rule else ()
        one.told_by = [fact for fact in facts.get(one.client_id, ()) if fact.kind.code in wanted]
    return rows
