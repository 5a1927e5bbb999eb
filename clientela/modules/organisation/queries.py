"""Who may see whose records."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission, Role
from clientela.modules.organisation.models import Absence, Agent, Branch, Placement, RenewalCentre, Team

EVERYTHING = {
    Role.ADMINISTRATOR,
    Role.AUDITOR,
    Role.RENEWALS_MANAGER,
    Role.MARKETER,
    Role.QUALITY,
    Role.PRODUCT_MANAGER,
    Role.UNDERWRITER,
}


@dataclass(frozen=True)
class Scope:
    """The records a person may see, by owner. An empty scope sees nothing.

    ``absent``: agents among ``agent_ids`` who are seen only because the person stands in, and for whom.
    """

    everything: bool = False
    branch_id: int | None = None
    centre_id: int | None = None
    agent_ids: tuple[int, ...] = ()
    absent: tuple[tuple[int, str], ...] = ()

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
        own = Agent.objects.filter(user_id=user.pk)
        return _of_agents(user, own, Q(branch_id__in=own.values("branch_id")))
    placement = Placement.objects.filter(user_id=user.pk).first()
    if placement is None:
        return Scope()
    if user.role in (Role.BRANCH_HEAD, Role.ADJUSTER):
        return Scope(branch_id=placement.branch_id)
    if user.role == Role.CENTRE_OPERATOR:
        return Scope(centre_id=placement.centre_id)
    if user.role == Role.TEAM_LEAD and placement.team_id:
        own = Agent.objects.filter(team_id=placement.team_id)
        return _of_agents(user, own, Q(branch_id=placement.branch_id))
    return Scope()


def _of_agents(user: Any, own: "QuerySet[Agent]", near: Q) -> Scope:
    """The person's own agents, and those of absent colleagues today: one statement more on days of standing in.

    ``near`` are the agents of the person's branch: who stood in and moved away sees them no longer.
    """
    today = local_today(user.time_zone, timezone.now())
    standing_in = Absence.objects.filter(**_away("", user, today))
    rows = list(own.order_by().values_list("id", Exists(standing_in)))
    found = dict.fromkeys((pk for pk, _ in rows), "")
    if not rows or rows[0][1]:
        for pk, first, last in _of_absent(user, near, today):
            if found.get(pk) != "":
                found[pk] = f"{first} {last}".strip()
    return Scope(
        agent_ids=tuple(sorted(found)), absent=tuple((pk, found[pk]) for pk in sorted(found) if found[pk])
    )


def _of_absent(user: Any, near: Q, today: date) -> "QuerySet[Agent, tuple[Any, ...]]":
    """Agents of those for whom the person stands in, agents or leads, with the absent person's name."""
    agents = Agent.objects.filter(near).order_by()
    agent, lead = "user__absences__", "team__placements__user__absences__"
    of_agents = agents.filter(user__role=Role.AGENT, **_away(agent, user, today))
    of_leads = agents.filter(team__placements__user__role=Role.TEAM_LEAD, **_away(lead, user, today))
    return of_agents.values_list("id", "user__first_name", "user__last_name").union(
        of_leads.values_list("id", "team__placements__user__first_name", "team__placements__user__last_name"),
        all=True,
    )


def _away(prefix: str, user: Any, today: date) -> dict[str, Any]:
    return {
        f"{prefix}substitute_id": user.pk, f"{prefix}first_day__lte": today, f"{prefix}last_day__gte": today,
    }  # fmt: skip


def acts_for(actor: Any, record: Any) -> str:
    """The absent person for whom ``actor`` works on ``record``: a client, or what hangs on one. Else nothing."""
    absent = dict(scope_of(actor).absent) if actor is not None else {}
    if not absent or record is None:
        return ""
    client = getattr(record, "client", None)
    if client is None:
        client = getattr(
            getattr(record, "policy", None) or getattr(record, "renewal", None), "client", record
        )
    return absent.get(getattr(client, "agent_id", None) or 0, "")


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


def working_in(agents: "QuerySet[Agent]", region: str) -> "QuerySet[Agent]":
    """Those of ``agents`` whose territories hold the region's code; who names none works in all of the branch."""
    named = f'"{region}"'
    return agents.alias(
        of_agent=Cast("territories", TextField()), of_branch=Cast("branch__regions", TextField())
    ).filter(Q(of_agent__contains=named) | Q(territories=[], of_branch__contains=named))


def selling(agents: "QuerySet[Agent]", line: str) -> "QuerySet[Agent]":
    """Those of ``agents`` who name this line among their specialisations."""
    return agents.alias(lines=Cast("specialisations", TextField())).filter(lines__contains=f'"{line}"')


def portfolios_moved_by(actor: Any) -> "QuerySet[Agent]":
    """Agents whose clients this person hands over, and to whom: the own branch of its head, or all."""
    if actor is None or actor.can(Permission.ORGANISATION_WRITE):
        return Agent.objects.all()
    head = getattr(actor, "role", "") == Role.BRANCH_HEAD and actor.can(Permission.ORGANISATION_READ)
    return Agent.objects.filter(branch_id=(scope_of(actor).branch_id or 0) if head else 0)


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


SUBSTITUTED = (Role.AGENT, Role.TEAM_LEAD, Role.CENTRE_OPERATOR)


def substitutes_for(person: User) -> "QuerySet[User]":
    """Who may stand in for ``person``: agents and leads of the same branch, operators of the same centre."""
    others = (
        User.objects.filter(is_active=True).exclude(pk=person.pk).order_by("last_name", "first_name", "id")
    )
    placement = Placement.objects.filter(user=person).first()
    if person.role == Role.CENTRE_OPERATOR:
        centre = placement.centre_id if placement else None
        return others.filter(role=person.role, placement__centre_id=centre or 0)
    if person.role not in SUBSTITUTED:
        return others.none()
    branch = (
        Agent.objects.filter(user=person).values_list("branch_id", flat=True).first()
        if person.role == Role.AGENT
        else placement and placement.branch_id
    )
    agents = Q(role=Role.AGENT, agent__branch_id=branch or 0, agent__is_active=True)
    return others.filter(agents | Q(role=Role.TEAM_LEAD, placement__branch_id=branch or 0))


def absence_planned_by(actor: Any) -> "QuerySet[User]":
    """People whose absences ``actor`` enters: oneself, the own team of a lead, the own branch of a head, or all."""
    people = User.objects.filter(is_active=True, role__in=SUBSTITUTED).order_by(
        "last_name", "first_name", "id"
    )
    if actor.can(Permission.ORGANISATION_WRITE):
        return people
    mine = Q(pk=actor.pk)
    place = Placement.objects.filter(user_id=actor.pk).first()
    if actor.role == Role.TEAM_LEAD and place and place.team_id:
        mine |= Q(agent__team_id=place.team_id)
    if actor.role == Role.BRANCH_HEAD and place and place.branch_id:
        mine |= Q(agent__branch_id=place.branch_id) | Q(placement__branch_id=place.branch_id)
    return people.filter(mine)


def absences_visible_to(user: Any) -> "QuerySet[Absence]":
    """Absences of the people in sight, one's own, and those in which one stands in."""
    rows = Absence.objects.select_related("person", "substitute")
    if scope_of(user).everything:
        return rows
    people = people_visible_to(user).select_related(None).values("pk")
    return rows.filter(Q(person__in=people) | Q(substitute_id=user.pk))


def phones_shown(now: datetime) -> dict[int, str]:
    """Phones that messages carry at ``now`` instead of the agent's own, by agent: an absence may ask for it."""
    about = now.date()
    rows = Absence.objects.filter(
        shows_phone=True, first_day__lte=about + timedelta(days=1), last_day__gte=about - timedelta(days=1),
        person__agent__isnull=False, substitute__agent__isnull=False,
    ).values_list("person__agent", "substitute__agent__phone", "person__time_zone", "first_day", "last_day")  # fmt: skip
    return {
        agent: phone
        for agent, phone, zone, first, last in rows
        if phone and first <= local_today(zone, now) <= last
    }
