"""Giving the contracts of one agent to another."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Agent


def hand_over_policies(
    client_ids: Collection[int], *, to: Agent, today: date, expired_since: date
) -> list[int]:
    """Make ``to`` the agent of these clients' running terms and of those that ended since ``expired_since``.

    Older terms keep their seller: they are history, and commission was paid for them. Returns the policies' ids.
    """
    running = Q(end_date__gte=today) | Q(end_date__gte=expired_since, next_terms__isnull=True)
    ids = list(
        Policy.objects.filter(running, client_id__in=client_ids)
        .exclude(status=Policy.Status.CANCELLED)
        .values_list("id", flat=True)
        .distinct()
    )
    Policy.objects.filter(id__in=ids).update(agent=to, branch_id=to.branch_id, centre_id=to.centre_id)
    return ids
