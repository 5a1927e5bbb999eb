"""Branches, teams and renewal centres."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.rules import Permission
from clientela.modules.organisation.models import Agent, Branch, Placement, RenewalCentre, Team
from clientela.modules.organisation.operations.saving import add, change, journal


class StillInUse(ValidationError):
    """People still belong to it."""


@transaction.atomic
def create_branch(*, actor: Any, now: datetime, **values: Any) -> Branch:
    """A new branch; ``values`` are its fields."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    return add(Branch(**values), actor=actor, now=now, action="branch.created")


@transaction.atomic
def change_branch(*, actor: Any, now: datetime, branch: Branch, **values: Any) -> Branch:
    """Change a branch. Raises StillInUse when it is closed while agents work in it."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    closing = values.get("is_active") is False and branch.is_active
    if closing and Agent.objects.filter(branch=branch, is_active=True).exists():
        raise StillInUse({"is_active": _("Agents still work in this branch: hand them over first.")})
    change(branch, values, actor=actor, now=now, action="branch.changed")
    return branch


@transaction.atomic
def create_team(*, actor: Any, now: datetime, branch: Branch, name: str) -> Team:
    """A new team of a branch."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    return add(Team(branch=branch, name=name), actor=actor, now=now, action="team.created")


@transaction.atomic
def change_team(*, actor: Any, now: datetime, team: Team, name: str) -> Team:
    """Rename a team."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    change(team, {"name": name}, actor=actor, now=now, action="team.changed")
    return team


@transaction.atomic
def remove_team(*, actor: Any, now: datetime, team: Team) -> None:
    """Remove an empty team. Raises StillInUse."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    if Agent.objects.filter(team=team).exists() or Placement.objects.filter(team=team).exists():
        raise StillInUse(_("People still belong to this team: move them first."))
    record(actor=actor, now=now, action="team.removed", obj=team)
    team.delete()


@transaction.atomic
def create_centre(
    *, actor: Any, now: datetime, branches: Iterable[Branch] = (), **values: Any
) -> RenewalCentre:
    """A new renewal centre that supports ``branches``."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    centre = add(RenewalCentre(**values), actor=actor, now=now, action="centre.created")
    centre.branches.set(branches)
    return centre


@transaction.atomic
def change_centre(
    *,
    actor: Any,
    now: datetime,
    centre: RenewalCentre,
    branches: Iterable[Branch] | None = None,
    **values: Any,
) -> RenewalCentre:
    """Change a centre and the branches it supports."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    change(centre, values, actor=actor, now=now, action="centre.changed")
    if branches is not None:
        before = sorted(str(branch) for branch in centre.branches.all())
        centre.branches.set(branches)
        after = sorted(str(branch) for branch in centre.branches.all())
        if before != after:
            journal(
                centre, actor=actor, now=now, action="centre.changed", changes={"branches": [before, after]}
            )
    return centre
