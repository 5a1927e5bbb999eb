"""Advice that rests on what a sister company told: it goes with the fact."""

from datetime import datetime

from django.db.models import Q

from clientela.foundation.bulk import listed
from clientela.modules.sales.models import Advice, AdviceRule


def forget_advice(client_ids: list[int], now: datetime) -> None:
    """Take away advice made of facts about these clients. What was sold stays a sale, without the reason."""
    rules = [pk for pk, told in AdviceRule.objects.values_list("pk", "told") if told]
    if not rules:
        return
    rows = Advice.objects.filter(client_id__in=listed(client_ids), rule__in=rules)
    kept = Q(state=Advice.State.SOLD) | Q(deal__isnull=False)
    rows.filter(kept).update(rule=None)
    rows.exclude(kept).delete()
