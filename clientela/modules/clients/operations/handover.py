"""Giving the clients of one agent to another."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import F

from clientela.foundation.audit.operations import record_many
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Agent


def hand_over_clients(
    client_ids: Collection[int], *, actor: Any, now: datetime, to: Agent, reason: str = ""
) -> int:
    """Make ``to`` the owner of these clients, with the agent's branch and centre; set-based, one entry a client.

    The caller has checked the permission and holds a transaction.
    """
    clients = list(
        Client.objects.select_for_update(of=("self",)).select_related("agent").filter(id__in=client_ids)
    )
    Client.objects.filter(id__in=[client.pk for client in clients]).update(
        agent=to, branch_id=to.branch_id, centre_id=to.centre_id, version=F("version") + 1, updated_at=now
    )
    return record_many(
        clients,
        actor=actor,
        now=now,
        action="client.handed_over",
        changes=lambda client: {"agent": [str(client.agent or ""), str(to)]},
        reason=reason,
    )
