"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from clientela.foundation.imports.models import ImportRun
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import refresh_completeness
from clientela.modules.contacts.events import MessageReceived
from clientela.modules.contracts.events import PolicyChanged, PolicyIssued, PortfolioImported
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import refresh_portfolio_facts, withdraw_project

OPEN = (Project.State.OPEN, Project.State.OFFERED)


def refresh_client(event: PolicyIssued | PolicyChanged, *, now: datetime) -> None:
    """Policies of a client changed: bring the facts on the card up to date."""
    refresh_portfolio_facts(now=now, client_ids=[event.client_id])


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


def refresh_after_import(event: PortfolioImported, *, now: datetime) -> None:
    """An import changed many clients at once: refresh those it touched, or all when it was undone."""
    run = ImportRun.objects.filter(pk=event.import_run_id).first()
    if run is None or run.state in {ImportRun.State.UNDOING, ImportRun.State.UNDONE}:
        refresh_portfolio_facts(now=now)
        return
    of_policies = Policy.objects.filter(import_run=run).values_list("client_id", flat=True)
    of_clients = Client.objects.filter(import_run=run).values_list("pk", flat=True)
    changed = run.changes.filter(table=Client._meta.db_table).values_list("object_id", flat=True)
    ids = set(of_policies.iterator()) | set(of_clients.iterator()) | set(changed.iterator())
    refresh_portfolio_facts(now=now, client_ids=ids)
    refresh_completeness(ids)
