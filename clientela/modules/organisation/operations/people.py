"""People with a sign-in and where they sit."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.models import User
from clientela.modules.accounts.operations import create_user, set_active
from clientela.modules.accounts.rules import Permission, Role
from clientela.modules.organisation.models import Agent, Branch, Placement, RenewalCentre, Team
from clientela.modules.organisation.operations.absences import end_impossible
from clientela.modules.organisation.operations.saving import journal


class WrongPlacement(ValidationError):
    """The role needs another place: without it the person would see nothing."""


def _check(
    role: str, branch: Branch | None, team: Team | None, centre: RenewalCentre | None, agent: Agent | None
) -> None:
    if role == Role.BRANCH_HEAD and branch is None:
        raise WrongPlacement({"branch": _("A head of branch needs a branch.")})
    if role == Role.TEAM_LEAD and team is None:
        raise WrongPlacement({"team": _("A team lead needs a team.")})
    if role == Role.CENTRE_OPERATOR and centre is None:
        raise WrongPlacement({"centre": _("An operator needs a renewal centre.")})
    if role == Role.AGENT and agent is None:
        raise WrongPlacement({"agent": _("An agent needs an agent's card.")})
    if team is not None and branch is not None and team.branch_id != branch.pk:
        raise WrongPlacement({"team": _("This team is of another branch.")})


@transaction.atomic
def place(
    *,
    actor: Any,
    now: datetime,
    user: User,
    branch: Branch | None = None,
    team: Team | None = None,
    centre: RenewalCentre | None = None,
    agent: Agent | None = None,
) -> None:
    """Say where a person sits; this decides whose records they see. Raises WrongPlacement.

    An agent is tied to the card ``agent``; a card belongs to one person. Substitutions that the new place or role does
    not allow end at once.
    """
    ensure(actor, Permission.ORGANISATION_WRITE)
    if team is not None and branch is None:
        branch = team.branch
    _check(user.role, branch, team, centre, agent)
    if agent is not None and agent.user_id not in (None, user.pk):
        raise WrongPlacement({"agent": _("This card belongs to another person.")})
    before = _where(user)
    cards = Agent.objects.filter(user=user)
    (cards.exclude(pk=agent.pk) if agent else cards).update(user=None)
    if agent is not None:
        Agent.objects.filter(pk=agent.pk).update(user=user)
    if branch or team or centre:
        place = {"branch": branch, "team": team, "centre": centre}
        Placement.objects.update_or_create(user=user, defaults=place)
    else:
        Placement.objects.filter(user=user).delete()
    after = _where(user)
    if before != after:
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        journal(user, actor=actor, now=now, action="user.placed", changes=changes)
    end_impossible(actor=actor, now=now, person=user)


def _where(user: User) -> dict[str, str]:
    placement = Placement.objects.select_related("branch", "team", "centre").filter(user=user).first()
    agent = Agent.objects.filter(user=user).first()
    return {
        "branch": str(placement.branch or "") if placement else "",
        "team": str(placement.team or "") if placement else "",
        "centre": str(placement.centre or "") if placement else "",
        "agent": agent.code if agent else "",
    }


@transaction.atomic
def create_person(
    *,
    actor: Any,
    now: datetime,
    branch: Branch | None = None,
    team: Team | None = None,
    centre: RenewalCentre | None = None,
    agent: Agent | None = None,
    **values: Any,
) -> User:
    """A new sign-in with its place. Raises EmailTaken, WrongPlacement."""
    user = create_user(actor=actor, now=now, **values)
    place(actor=actor, now=now, user=user, branch=branch, team=team, centre=centre, agent=agent)
    return user


@transaction.atomic
def set_activity(*, actor: Any, now: datetime, user: User, active: bool) -> bool:
    """Let a person in or keep them out; who is kept out stands in for nobody. False when it is so already.

    Raises OwnAccount.
    """
    changed = set_active(actor=actor, now=now, user=user, active=active)
    if not active:
        end_impossible(actor=actor, now=now, person=user)
    return changed
