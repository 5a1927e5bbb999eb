"""Who may see whose records."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Agent, Placement

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
