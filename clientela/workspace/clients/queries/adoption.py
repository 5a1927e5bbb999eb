"""How far the base is known, by branch and by agent: one statement a table, within the person's sight."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import Avg, Count, Q

from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Agent, Branch
from clientela.workspace.clients.adoption import Stage
from clientela.workspace.clients.knowledge import conditions
from clientela.workspace.clients.queries.rows import time_limit

MOST = 60
TIMEOUT_MS = 8000
By = Literal["branch", "agent"]


@dataclass(frozen=True, slots=True)
class Part:
    """A branch or an agent (``key`` None: clients of no agent). ``counts`` by measure; completeness is the mean, percent."""

    key: int | None
    name: str
    total: int
    completeness: int
    counts: dict[str, int]


def parts(user: Any, stage: Stage, by: By, *, today: date, branch: int = 0) -> tuple[list[Part], bool]:
    """The largest first, and whether there are more than ``MOST``. Raises ``TooSlow``."""
    known = conditions(today)
    clients = Client.objects.visible_to(user)
    if branch:
        clients = clients.filter(branch_id=branch)
    counts = {f"n_{code}": Count("id", filter=known[code]) for code in stage.measures}
    rows = (
        clients.order_by().values(f"{by}_id").annotate(total=Count("id"), full=Avg("completeness"), **counts)
    )
    with time_limit(TIMEOUT_MS):
        found = list(rows.order_by("-total", f"{by}_id")[: MOST + 1])
    names = _names(by, [row[f"{by}_id"] for row in found])
    return [
        Part(
            row[f"{by}_id"], names.get(row[f"{by}_id"], ""), row["total"], round(row["full"] or 0),
            {code: row[f"n_{code}"] for code in stage.measures},
        )
        for row in found[:MOST]
    ], len(found) > MOST  # fmt: skip


def _names(by: By, ids: list[int | None]) -> dict[int | None, str]:
    wanted = Q(pk__in=[pk for pk in ids if pk is not None])
    if by == "branch":
        return dict(Branch.objects.filter(wanted).values_list("pk", "name"))
    rows = Agent.objects.filter(wanted).values_list("pk", "last_name", "first_name")
    return {pk: f"{last} {first}" for pk, last, first in rows}
