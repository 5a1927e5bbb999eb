"""Preparing the next term: the price is carried over, adjusted by hand with a reason, offered, withdrawn."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.money import kopecks
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.queries import require
from clientela.modules.contracts import rules
from clientela.modules.contracts.events import ProjectChanged
from clientela.modules.contracts.models import Policy, Project

OPEN_STATES = (Project.State.OPEN, Project.State.OFFERED)
HIGHEST_PREMIUM = Decimal("999999999.99")


class InvalidPremium(Refusal):
    """A premium is a positive sum of roubles."""

    message = _("A price is a positive sum.")
    field = "premium"


class ReasonRequired(Refusal):
    """A price other than last term's needs a reason."""

    message = _("Say why the price differs from last year's.")
    field = "reason"


class AlreadyRenewed(Refusal):
    """The next term has been issued already; ``policy`` is it."""

    message = _("The next term has been issued already.")

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy.pk)
        self.policy = policy


class ProjectExists(Refusal):
    """There is an open project for the next term; ``project`` is it."""

    message = _("There is an open project for the next term already.")

    def __init__(self, project: Project) -> None:
        super().__init__(project.pk)
        self.project = project


class ProjectClosed(Refusal):
    """The project was issued or withdrawn, or its policy cancelled, meanwhile."""

    message = _("The project was issued or withdrawn meanwhile.")


def clean_premium(premium: Decimal) -> Decimal:
    """The premium in kopecks; ``InvalidPremium`` unless it is a positive sum."""
    amount = kopecks(premium)
    if not 0 < amount <= HIGHEST_PREMIUM:
        raise InvalidPremium
    return amount


def lock_renewable(policy: Policy) -> Policy:
    """The expiring term, held until the transaction ends, when a next one may still be made."""
    row = Policy.objects.select_for_update().get(pk=policy.pk)
    if row.status == Policy.Status.CANCELLED:
        raise ProjectClosed
    successor = Policy.objects.filter(previous_id=row.pk).exclude(status=Policy.Status.CANCELLED).first()
    if successor is not None:
        raise AlreadyRenewed(successor)
    return row


def lock_project(project: Project) -> Project:
    """The project as it is now, held until the transaction ends. The policy is always locked before it."""
    policy = Policy.objects.select_for_update().get(pk=project.policy_id)
    row = Project.objects.select_for_update().get(pk=project.pk)
    row.policy = policy
    return row


def _lock_open(project: Project) -> Project:
    row = lock_project(project)
    if row.state not in OPEN_STATES:
        raise ProjectClosed
    return row


def tell(
    project: Project, *, actor: Any, now: datetime, action: str, changes: dict[str, Any], reason: str = ""
) -> None:
    """Journal an act on a project under its policy, and publish it."""
    record(actor=actor, now=now, action=action, obj=project.policy, changes=changes, reason=reason)
    event = ProjectChanged(project.pk, project.policy_id, project.policy.client_id, project.state)
    publish(event, now=now)


@transaction.atomic
def prepare_project(
    *, actor: Any, now: datetime, policy: Policy, premium: Decimal | None = None, reason: str = ""
) -> Project:
    """Make the project of the next yearly term. Without ``premium`` last term's price is carried over.

    Raises ``ReasonRequired`` for another price without a reason, ``ProjectExists``, ``AlreadyRenewed``,
    ``InvalidPremium``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", policy.client_id)
    row = lock_renewable(policy)
    price = clean_premium(row.premium if premium is None else premium)
    reason = reason.strip()[:255]
    if price != row.premium and not reason:
        raise ReasonRequired
    known = Project.objects.filter(policy=row, state__in=OPEN_STATES).first()
    if known is not None:
        raise ProjectExists(known)
    term = rules.next_term(row.end_date)
    try:
        with transaction.atomic():
            project = Project.objects.create(
                policy=row, start_date=term.start, end_date=term.end, premium=price,
                carried_premium=row.premium, adjustment_reason=reason, pay_token=secrets.token_urlsafe(24),
                created_by=actor, created_at=now, updated_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise ProjectExists(Project.objects.get(policy=row, state__in=OPEN_STATES)) from None
    tell(
        project,
        actor=actor,
        now=now,
        action="project.prepared",
        changes={"premium": [None, price]},
        reason=reason,
    )
    return project


@transaction.atomic
def reprice_project(
    *, actor: Any, now: datetime, project: Project, premium: Decimal, reason: str = ""
) -> Project:
    """Set another price before payment; the reason may be left out only when last term's price comes back."""
    require(actor, "contracts.write", project.policy.client_id)
    price = clean_premium(premium)
    row = _lock_open(project)
    reason = reason.strip()[:255]
    if price != row.carried_premium and not reason:
        raise ReasonRequired
    if (price, reason) == (row.premium, row.adjustment_reason):
        return row
    before = row.premium
    row.premium, row.adjustment_reason, row.updated_at = price, reason, now
    row.save(update_fields=["premium", "adjustment_reason", "updated_at"])
    changes = {"premium": [before, price]}
    tell(row, actor=actor, now=now, action="project.repriced", changes=changes, reason=reason)
    return row


@transaction.atomic
def mark_offered(*, actor: Any, now: datetime, project: Project) -> Project:
    """The project went to the client. Saying it twice changes nothing."""
    require(actor, "contracts.write", project.policy.client_id)
    row = _lock_open(project)
    if row.state == Project.State.OFFERED:
        return row
    row.state, row.updated_at = Project.State.OFFERED, now
    row.save(update_fields=["state", "updated_at"])
    tell(row, actor=actor, now=now, action="project.offered", changes={"state": ["open", "offered"]})
    return row


@transaction.atomic
def withdraw_project(*, actor: Any, now: datetime, project: Project, reason: str = "") -> Project:
    """Take an open project back; a new one may then be made. ``ProjectClosed`` when it is not open."""
    require(actor, "contracts.write", project.policy.client_id)
    row = _lock_open(project)
    before = row.state
    row.state, row.updated_at = Project.State.WITHDRAWN, now
    row.save(update_fields=["state", "updated_at"])
    changes = {"state": [before, "withdrawn"]}
    tell(row, actor=actor, now=now, action="project.withdrawn", changes=changes, reason=reason)
    return row
