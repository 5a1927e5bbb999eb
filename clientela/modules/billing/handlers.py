"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from clientela.modules.billing.operations import make_schedule, settle_project
from clientela.modules.contracts.events import PolicyIssued, ProjectChanged
from clientela.modules.contracts.models import Policy, Project


def schedule_instalments(event: PolicyIssued, *, now: datetime) -> None:
    """A policy came into being: lay down when its premium is due."""
    policy = Policy.objects.filter(pk=event.policy_id).first()
    if policy is not None:
        make_schedule(policy=policy)


def settle_repriced(event: ProjectChanged, *, now: datetime) -> None:
    """A project became cheaper after a part of it was paid: perhaps it is paid in full now."""
    project = Project.objects.filter(pk=event.project_id, payments__isnull=False).first()
    if project is not None:
        settle_project(now=now, project=project)
