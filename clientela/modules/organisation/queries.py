"""Who may see whose records."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Agent, Branch, Placement, RenewalCentre, Team

EVERYTHING = {Role.ADMINISTRATOR, Role.AUDITOR, Role.RENEWALS_MANAGER, Role.MARKETER, Role.QUALITY}


@dataclass(frozen=True)
class Scope:
    """The records a person may see, by owner. An empty scope sees nothing."""

    everything: bool = False
    branch_id: int | None = None
    centre_id: int | None = None
    agent_ids: tuple[int, ...] = ()

    def q(self, prefix: str = "") -> Q:
        """A filter for any model that carries ``agent``, ``branch`` and ``centre`` (under ``prefix``)."""
        if self.everything:
            return Q()
        if self.branch_id:
            return Q(**{f"{prefix}branch_id": self.branch_id})
        if self.centre_id:
            return Q(**{f"{prefix}centre_id": self.centre_id})
        if len(self.agent_ids) == 1:
            return Q(**{f"{prefix}agent_id": self.agent_ids[0]})
        return Q(**{f"{prefix}agent_id__in": self.agent_ids})


def scope_of(user: Any) -> Scope:
    """The scope of ``user``, computed once for each instance of the user (that is, once a request)."""
    cached = getattr(user, "_scope", None)
    if cached is None:
        cached = user._scope = _scope(user)
    return cached


def _scope(user: Any) -> Scope:
    if not getattr(user, "is_active", False):
        return Scope()
    if user.role in EVERYTHING:
        return Scope(everything=True)
    if user.role == Role.AGENT:
        return Scope(agent_ids=tuple(Agent.objects.filter(user_id=user.pk).values_list("id", flat=True)))
    placement = Placement.objects.filter(user_id=user.pk).first()
    if placement is None:
        return Scope()
    if user.role == Role.BRANCH_HEAD:
        return Scope(branch_id=placement.branch_id)
    if user.role == Role.CENTRE_OPERATOR:
        return Scope(centre_id=placement.centre_id)
    if user.role == Role.TEAM_LEAD and placement.team_id:
        return Scope(
            agent_ids=tuple(Agent.objects.filter(team_id=placement.team_id).values_list("id", flat=True))
        )
    return Scope()


def agents_visible_to(user: Any) -> "QuerySet[Agent]":
    """Agents whose cards this person may open: own, of the team, the branch, the centre, or all."""
    scope = scope_of(user)
    if scope.everything:
        return Agent.objects.all()
    if scope.branch_id:
        return Agent.objects.filter(branch_id=scope.branch_id)
    if scope.centre_id:
        return Agent.objects.filter(centre_id=scope.centre_id)
    return Agent.objects.filter(id__in=scope.agent_ids)


def branches_visible_to(user: Any) -> "QuerySet[Branch]":
    """Branches of the organisation tree that this person may open."""
    scope = scope_of(user)
    if scope.everything:
        return Branch.objects.all()
    if scope.branch_id:
        return Branch.objects.filter(id=scope.branch_id)
    if scope.centre_id:
        return Branch.objects.filter(renewal_centres=scope.centre_id)
    return Branch.objects.filter(agents__in=scope.agent_ids).distinct()


def teams_visible_to(user: Any) -> "QuerySet[Team]":
    """Teams that this person may open; a lead sees the own one."""
    scope = scope_of(user)
    if scope.everything:
        return Team.objects.all()
    if scope.branch_id:
        return Team.objects.filter(branch_id=scope.branch_id)
    return Team.objects.filter(placements__user_id=user.pk)


def centres_visible_to(user: Any) -> "QuerySet[RenewalCentre]":
    """Renewal centres that this person may open."""
    scope = scope_of(user)
    if scope.everything:
        return RenewalCentre.objects.all()
    if scope.branch_id:
        return RenewalCentre.objects.filter(branches=scope.branch_id)
    return (
        RenewalCentre.objects.filter(id=scope.centre_id) if scope.centre_id else RenewalCentre.objects.none()
    )


def people_visible_to(user: Any) -> "QuerySet[User]":
    """Staff and agents with a sign-in that this person may open."""
    scope = scope_of(user)
    people = User.objects.select_related(
        "placement__branch", "placement__team", "placement__centre", "agent__branch"
    )
    if scope.everything:
        return people
    if scope.branch_id:
        return people.filter(Q(placement__branch=scope.branch_id) | Q(agent__branch=scope.branch_id))
    if scope.centre_id:
        return people.filter(placement__centre=scope.centre_id)
    return people.filter(Q(agent__in=scope.agent_ids) | Q(pk=user.pk))
