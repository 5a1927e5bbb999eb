"""Giving the clients of one agent to another, and back."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F

from clientela.foundation.audit.operations import record_many
from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Agent

Owner = tuple[int | None, int, int | None]  # agent, branch, centre


class Was(NamedTuple):
    """Whose a client was, and the version that the card got when it was handed over."""

    id: int
    version: int
    agent_id: int | None
    branch_id: int
    centre_id: int | None


def hand_over_clients(
    client_ids: Collection[int], *, actor: Any, now: datetime, to: Agent, reason: str = ""
) -> list[Was]:
    """Make ``to`` the owner of these clients, with the agent's branch and centre; set-based, one entry a client.

    The caller has checked the permission and holds a transaction. Returns what ``hand_back_clients`` takes.
    """
    clients = _locked(client_ids)
    owner = (to.pk, to.branch_id, to.centre_id)
    _give(clients, dict.fromkeys(clients, owner), "client.handed_over", actor=actor, now=now, reason=reason)
    return [Was(c.pk, c.version + 1, c.agent_id, c.branch_id, c.centre_id) for c in clients.values()]


def hand_back_clients(was: Collection[Was], *, actor: Any, now: datetime, holder: Agent) -> set[int]:
    """Give clients of ``holder`` back to whom they were, unless the card changed since; returns who went back."""
    known = {one.id: one for one in was}
    same = {
        pk: client
        for pk, client in _locked(known).items()
        if (client.agent_id, client.version) == (holder.pk, known[pk].version)
    }
    owners: dict[int, Owner] = {pk: known[pk][2:] for pk in same}
    _give(same, owners, "client.handed_back", actor=actor, now=now)
    return set(same)


def _locked(client_ids: Collection[int]) -> dict[int, Client]:
    rows = (
        Client.objects.select_for_update(of=("self",))
        .select_related("agent")
        .filter(id__in=listed(client_ids))
    )
    return {client.pk: client for client in rows}


def _give(
    clients: Mapping[int, Client], owners: Mapping[int, Owner], action: str, *, actor: Any, now: datetime, reason: str = ""
) -> None:  # fmt: skip
    of_owner: dict[Owner, list[int]] = defaultdict(list)
    for pk, owner in owners.items():
        of_owner[owner].append(pk)
    for (agent, branch, centre), ids in of_owner.items():
        Client.objects.filter(id__in=listed(ids)).update(
            agent_id=agent, branch_id=branch, centre_id=centre, version=F("version") + 1, updated_at=now
        )
    agents = Agent.objects.in_bulk({agent for agent, _, _ in of_owner if agent})
    record_many(
        clients.values(),
        actor=actor,
        now=now,
        action=action,
        changes=lambda client: {
            "agent": [str(client.agent or ""), str(agents.get(owners[client.pk][0] or 0, ""))]
        },
        reason=reason,
    )
