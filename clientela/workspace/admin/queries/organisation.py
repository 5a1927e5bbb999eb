"""The organisation tree, agents with their figures, and people, as the screens show them."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from clientela.foundation.fields import prefix_range
from clientela.foundation.ids import id_of
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Agent, Branch, Placement, RenewalCentre, Team
from clientela.modules.organisation.queries import (
    agents_visible_to,
    branches_visible_to,
    centres_visible_to,
    people_visible_to,
    selling,
    teams_visible_to,
    working_in,
)
from clientela.modules.renewals.models import NormResult

NORM_LINES = ("kasko", "osago", "property")
AGENT_ORDERS = {
    "name": ("last_name", "first_name", "id"),
    "agreement": ("agreement_number", "id"),
    "branch": ("branch__name", "last_name", "id"),
    "date": ("agreement_date", "id"),
}
PEOPLE_ORDERS = {
    "name": ("last_name", "first_name", "id"),
    "role": ("role", "last_name", "id"),
    "seen": ("last_login", "id"),
}


@dataclass(frozen=True)
class Node:
    """One line of the tree; ``key`` is like ``branch-3``."""

    key: str
    name: str
    icon: str
    depth: int
    count: int
    current: bool

    @property
    def url(self) -> str:
        return f"{reverse('organisation:tree')}?node={self.key}"

    @property
    def indent(self) -> int:
        return 20 + 18 * self.depth


@dataclass(frozen=True)
class NormFigure:
    """Share of renewed terms of a line against its norm, in percent; ``None`` when there is nothing to judge."""

    line: str
    percent: Decimal | None = None
    target: Decimal | None = None


@dataclass
class AgentRow:
    """An agent with figures."""

    agent: Agent
    clients: int = 0
    norms: list[NormFigure] = field(default_factory=list)


def tree(user: Any, current: str) -> list[Node]:
    """Company, branches with their teams, centres; counts are of working agents and active staff."""
    branches = list(branches_visible_to(user).filter(is_active=True).order_by("name"))
    teams = defaultdict(list)
    for team in teams_visible_to(user).order_by("name"):
        teams[team.branch_id].append(team)
    in_branch, in_team = _head_counts("branch_id"), _head_counts("team_id")
    in_centre = dict(
        Placement.objects.filter(centre__isnull=False, user__is_active=True)
        .values_list("centre_id")
        .annotate(Count("id"))
    )
    centres = list(centres_visible_to(user).order_by("name"))
    everybody = sum(in_branch[b.pk] for b in branches) + sum(in_centre.get(c.pk, 0) for c in centres)
    nodes = [Node("company", "", "building-skyscraper", 0, everybody, current == "company")]
    for branch in branches:
        key = f"branch-{branch.pk}"
        nodes.append(Node(key, branch.name, "building", 1, in_branch[branch.pk], current == key))
        for team in teams[branch.pk]:
            key = f"team-{team.pk}"
            nodes.append(Node(key, team.name, "users", 2, in_team[team.pk], current == key))
    for centre in centres:
        key = f"centre-{centre.pk}"
        nodes.append(Node(key, centre.name, "headset", 1, in_centre.get(centre.pk, 0), current == key))
    return nodes


def _head_counts(column: str) -> dict[int, int]:
    """Working agents and active staff by branch or team; an agent's own sign-in is not counted twice."""
    counts: dict[int, int] = defaultdict(int)
    for rows in (
        Agent.objects.filter(is_active=True),
        Placement.objects.filter(user__is_active=True, user__agent__isnull=True),
    ):
        for key, number in rows.values_list(column).annotate(Count("id")).order_by():
            if key is not None:
                counts[key] += number
    return counts


def place_of(user: Any, key: str) -> Branch | Team | RenewalCentre | None:
    """The row behind a node's key, None for the company or what this person may not open."""
    kind, _, number = key.partition("-")
    select: dict[str, Any] = {
        "branch": branches_visible_to, "team": teams_visible_to, "centre": centres_visible_to,
    }  # fmt: skip
    if kind not in select:
        return None
    found: Branch | Team | RenewalCentre | None = select[kind](user).filter(pk=id_of(number)).first()
    return found


def agents(user: Any, filters: dict[str, Any]) -> "QuerySet[Agent]":
    """Agents this person may see, by the cleaned filters of the list and its order."""
    rows = agents_visible_to(user).select_related("branch", "team", "centre", "user")
    for name in ("branch", "team", "centre", "kind"):
        if filters.get(name):
            rows = rows.filter(**{name: filters[name]})
    if territory := filters.get("territory"):
        rows = working_in(rows, territory)
    if line := filters.get("specialisation"):
        rows = selling(rows, line)
    if filters.get("state") != "all":
        rows = rows.filter(is_active=filters.get("state") != "off")
    if text := (filters.get("q") or "").strip():
        rows = rows.filter(_named(text) | Q(agreement_number__icontains=text) | Q(code__icontains=text))
    return rows.order_by(*_order(AGENT_ORDERS, filters.get("order")))


def territories(user: Any) -> set[str]:
    """Codes of the regions in which the agents in sight work."""
    rows = agents_visible_to(user).order_by().values_list("territories", "branch__regions").distinct()
    return {code for own, of_branch in rows for code in own or of_branch}


def people(user: Any, filters: dict[str, Any]) -> "QuerySet[User]":
    """People this person may see, by the cleaned filters of the list and its order."""
    rows = people_visible_to(user)
    if filters.get("role"):
        rows = rows.filter(role=filters["role"])
    if branch := filters.get("branch"):
        rows = rows.filter(Q(placement__branch=branch) | Q(agent__branch=branch))
    if centre := filters.get("centre"):
        rows = rows.filter(placement__centre=centre)
    if filters.get("state") != "all":
        rows = rows.filter(is_active=filters.get("state") != "off")
    if text := (filters.get("q") or "").strip():
        rows = rows.filter(_named(text) | Q(**prefix_range("email", text.lower())))
    return rows.order_by(*_order(PEOPLE_ORDERS, filters.get("order")))


def _named(text: str) -> Q:
    """Each word begins a surname or a name, in either order; as typed and with a capital letter."""
    found = Q()
    for word in text.split()[:3]:
        one = Q()
        for name in ("last_name", "first_name"):
            one |= Q(**{f"{name}__startswith": word}) | Q(**{f"{name}__startswith": word.capitalize()})
        found &= one
    return found


def _order(orders: dict[str, tuple[str, ...]], order: str | None) -> list[str]:
    name = (order or "name").removeprefix("-")
    fields = orders.get(name, orders["name"])
    if order and order.startswith("-") and name in orders:
        return [f"-{field}" for field in fields]
    return list(fields)


def with_figures(agents: list[Agent]) -> list[AgentRow]:
    """Clients and norms of the agents of one page, in two statements."""
    ids = [agent.pk for agent in agents]
    clients = dict(
        Client.objects.filter(agent_id__in=ids).values_list("agent_id").annotate(Count("id")).order_by()
    )
    norms: dict[tuple[int, str], NormResult] = {
        (row.agent_id, row.line): row for row in NormResult.objects.filter(agent_id__in=ids)
    }
    return [
        AgentRow(
            agent=agent,
            clients=clients.get(agent.pk, 0),
            norms=[_figure(line, norms.get((agent.pk, line))) for line in NORM_LINES],
        )
        for agent in agents
    ]


def _figure(line: str, row: NormResult | None) -> NormFigure:
    if row is None or not row.expiring:
        return NormFigure(line)
    return NormFigure(line, Decimal(100 * row.renewed) / row.expiring, row.target)


def with_second_step(people: list[User]) -> set[int]:
    """Ids of those who are asked for a code at sign-in."""
    found = Authenticator.objects.filter(user__in=people, type=Authenticator.Type.TOTP)
    return set(found.values_list("user_id", flat=True))


def staff_of(user: Any, place: Branch | Team | RenewalCentre | None) -> list[User]:
    """Active staff of a node of the tree, agents apart; at most 200."""
    rows = people_visible_to(user).filter(is_active=True, agent__isnull=True)
    if isinstance(place, Team):
        rows = rows.filter(placement__team=place)
    elif isinstance(place, Branch):
        rows = rows.filter(placement__branch=place)
    elif isinstance(place, RenewalCentre):
        rows = rows.filter(placement__centre=place)
    return list(rows.order_by("last_name", "first_name")[:200])
