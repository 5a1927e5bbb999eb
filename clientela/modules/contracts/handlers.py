"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from clientela.modules.clients.events import ClientsMerged, ClientsSeparated
from clientela.modules.contacts.events import MessageReceived
from clientela.modules.contracts.events import PolicyChanged, PolicyIssued
from clientela.modules.contracts.models import Project
from clientela.modules.contracts.operations import refresh_portfolio_facts, withdraw_project

OPEN = (Project.State.OPEN, Project.State.OFFERED)


def refresh_client(event: PolicyIssued | PolicyChanged, *, now: datetime) -> None:
    """Policies of a client changed: bring the facts on the card up to date."""
    refresh_portfolio_facts(now=now, client_ids=[event.client_id])


def refresh_cards(event: ClientsMerged | ClientsSeparated, *, now: datetime) -> None:
    """Policies went from one card to another."""
    refresh_portfolio_facts(now=now, client_ids=[event.client_id, event.gone_client_id])


def warm_prospect(event: MessageReceived, *, now: datetime) -> None:
    """A prospect who writes to us gets warmer."""
    if event.client_id is not None:
        refresh_portfolio_facts(now=now, client_ids=[event.client_id])


def close_project_of_renewed(event: PolicyIssued, *, now: datetime) -> None:
    """The next term came another way (an import, an office): the open project for it is withdrawn."""
    if event.previous_id is None:
        return
    for project in Project.objects.filter(policy_id=event.previous_id, state__in=OPEN):
        withdraw_project(actor=None, now=now, project=project, reason="renewed")
