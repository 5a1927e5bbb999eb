"""Giving the contracts of one agent to another, and back."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.organisation.models import Agent


class Sold(NamedTuple):
    """Whose a policy was before it was handed over."""

    id: int
    client_id: int
    agent_id: int | None
    branch_id: int
    centre_id: int | None


def hand_over_policies(
    client_ids: Collection[int], *, to: Agent, today: date, expired_since: date
) -> list[Sold]:
    """Make ``to`` the agent of these clients' running terms and of those that ended since ``expired_since``.

    Older terms keep their seller: they are history, and commission was paid for them. Returns whose they were.
    """
    running = Q(end_date__gte=today) | Q(end_date__gte=expired_since, next_terms__isnull=True)
    was = [
        Sold(*row)
        for row in Policy.objects.filter(running, client_id__in=listed(client_ids))
        .exclude(status=Policy.Status.CANCELLED)
        .values_list(*Sold._fields)
        .distinct()
    ]
    ids = [one.id for one in was]
    Policy.objects.filter(id__in=listed(ids)).update(agent=to, branch_id=to.branch_id, centre_id=to.centre_id)
    _projects_follow(client_ids)
    return was


def _projects_follow(client_ids: Collection[int]) -> None:
    """What is being prepared belongs to whom the expiring term does, and what is new to whom the client does."""
    open_ones = Project.objects.filter(
        client_id__in=listed(client_ids), state__in=[Project.State.OPEN, Project.State.OFFERED]
    )
    for source, rows in (
        (Policy.objects.filter(pk=OuterRef("policy_id")), open_ones.filter(policy__isnull=False)),
        (Client.objects.filter(pk=OuterRef("client_id")), open_ones.filter(policy__isnull=True)),
    ):
        names = ("agent_id", "branch_id", "centre_id")
        rows.update(**{name: Subquery(source.values(name)[:1]) for name in names})


def hand_back_policies(was: Collection[Sold], *, holder: Agent) -> list[int]:
    """Give those that are still the holder's back to whom they were; returns the policies' ids."""
    held = set(
        Policy.objects.filter(id__in=listed(one.id for one in was), agent=holder).values_list("id", flat=True)
    )
    of_owner: dict[tuple[int | None, int, int | None], list[int]] = defaultdict(list)
    for one in was:
        if one.id in held:
            of_owner[one[2:]].append(one.id)
    for (agent, branch, centre), ids in of_owner.items():
        Policy.objects.filter(id__in=listed(ids)).update(agent_id=agent, branch_id=branch, centre_id=centre)
    _projects_follow({one.client_id for one in was})
    return sorted(held)
