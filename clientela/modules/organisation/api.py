"""Branches, teams, renewal centres, agents and norms; people and absences stand apart."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.modules.accounts.access import Permission, caller, requires, signed_in
from clientela.modules.organisation import operations, schemas
from clientela.modules.organisation.api_absences import router as absences
from clientela.modules.organisation.api_people import router as people
from clientela.modules.organisation.models import Agent, Branch, NormTarget, RenewalCentre, Team
from clientela.modules.organisation.queries import (
    agents_visible_to,
    branches_visible_to,
    centres_visible_to,
    selling,
    teams_visible_to,
    working_in,
)

READ, WRITE = Permission.ORGANISATION_READ, Permission.ORGANISATION_WRITE
router = Router(tags=["organisation"])
router.add_router("", people)
router.add_router("", absences)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _branch(request: HttpRequest, branch_id: int) -> Branch:
    return get_object_or_404(branches_visible_to(caller(request)), pk=branch_id)


def _team(request: HttpRequest, team_id: int) -> Team:
    return get_object_or_404(teams_visible_to(caller(request)), pk=team_id)


def _agent(request: HttpRequest, agent_id: int) -> Agent:
    return get_object_or_404(agents_visible_to(caller(request)).select_related("user"), pk=agent_id)


@router.get("/branches", response=Page[schemas.BranchOut])
@requires(READ)
def list_branches(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    return page_of(branches_visible_to(caller(request)), order=("name", "id"), cursor=cursor, limit=limit)


@router.post("/branches", response={201: schemas.BranchOut})
@requires(WRITE)
def create_branch(request: HttpRequest, body: schemas.BranchIn) -> Any:
    return Status(201, operations.create_branch(**_who(request), **body.dict()))


@router.get("/branches/{branch_id}", response=schemas.BranchOut)
@requires(READ)
def branch(request: HttpRequest, branch_id: int) -> Any:
    return _branch(request, branch_id)


@router.put("/branches/{branch_id}", response=schemas.BranchOut)
@requires(WRITE)
def change_branch(request: HttpRequest, branch_id: int, body: schemas.BranchIn) -> Any:
    return operations.change_branch(**_who(request), branch=_branch(request, branch_id), **body.dict())


@router.get("/branches/{branch_id}/teams", response=list[schemas.TeamOut])
@requires(READ)
def list_teams(request: HttpRequest, branch_id: int) -> Any:
    return teams_visible_to(caller(request)).filter(branch=_branch(request, branch_id)).order_by("name")[:500]


@router.post("/branches/{branch_id}/teams", response={201: schemas.TeamOut})
@requires(WRITE)
def create_team(request: HttpRequest, branch_id: int, body: schemas.TeamIn) -> Any:
    of = _branch(request, branch_id)
    return Status(201, operations.create_team(**_who(request), branch=of, name=body.name))


@router.put("/teams/{team_id}", response=schemas.TeamOut)
@requires(WRITE)
def change_team(request: HttpRequest, team_id: int, body: schemas.TeamIn) -> Any:
    return operations.change_team(**_who(request), team=_team(request, team_id), name=body.name)


@router.delete("/teams/{team_id}", response={204: None})
@requires(WRITE)
def remove_team(request: HttpRequest, team_id: int) -> Any:
    operations.remove_team(**_who(request), team=_team(request, team_id))
    return Status(204, None)


@router.get("/renewal-centres", response=list[schemas.CentreOut])
@requires(READ)
def list_centres(request: HttpRequest) -> Any:
    return centres_visible_to(caller(request)).prefetch_related("branches").order_by("name")[:500]


def _centre_values(request: HttpRequest, body: schemas.CentreIn) -> dict[str, Any]:
    values = body.dict(exclude={"branch_ids"})
    return values | {"branches": [_branch(request, pk) for pk in body.branch_ids]}


@router.post("/renewal-centres", response={201: schemas.CentreOut})
@requires(WRITE)
def create_centre(request: HttpRequest, body: schemas.CentreIn) -> Any:
    return Status(201, operations.create_centre(**_who(request), **_centre_values(request, body)))


@router.put("/renewal-centres/{centre_id}", response=schemas.CentreOut)
@requires(WRITE)
def change_centre(request: HttpRequest, centre_id: int, body: schemas.CentreIn) -> Any:
    centre: RenewalCentre = get_object_or_404(centres_visible_to(caller(request)), pk=centre_id)
    return operations.change_centre(**_who(request), centre=centre, **_centre_values(request, body))


@router.get("/agents", response=Page[schemas.AgentOut])
@requires(READ)
def list_agents(
    request: HttpRequest,
    branch_id: Id | None = None,
    centre_id: Id | None = None,
    is_active: bool | None = None,
    territory: schemas.RegionCode | None = None,
    specialisation: schemas.Word | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """``territory`` is the code of a region: agents without territories work in all of the branch.

    ``specialisation`` is a line.
    """
    rows = agents_visible_to(caller(request)).select_related("user")
    given = {"branch_id": branch_id, "centre_id": centre_id, "is_active": is_active}
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    if territory:
        rows = working_in(rows, territory)
    if specialisation:
        rows = selling(rows, specialisation)
    return page_of(rows, order=("last_name", "first_name", "id"), cursor=cursor, limit=limit)


def _agent_values(request: HttpRequest, body: schemas.AgentIn) -> dict[str, Any]:
    values = body.dict(exclude={"branch_id", "team_id", "centre_id"})
    centres = centres_visible_to(caller(request))
    return values | {
        "branch": _branch(request, body.branch_id),
        "team": _team(request, body.team_id) if body.team_id else None,
        "centre": get_object_or_404(centres, pk=body.centre_id) if body.centre_id else None,
    }


@router.post("/agents", response={201: schemas.AgentOut})
@requires(WRITE)
def create_agent(request: HttpRequest, body: schemas.AgentIn) -> Any:
    return Status(201, operations.create_agent(**_who(request), **_agent_values(request, body)))


@router.get("/agents/{agent_id}", response=schemas.AgentOut)
@signed_in
def agent(request: HttpRequest, agent_id: int) -> Any:
    return _agent(request, agent_id)


@router.put("/agents/{agent_id}", response=schemas.AgentOut)
@requires(WRITE)
def change_agent(request: HttpRequest, agent_id: int, body: schemas.AgentIn) -> Any:
    row = _agent(request, agent_id)
    return operations.change_agent(**_who(request), agent=row, **_agent_values(request, body))


@router.patch("/agents/{agent_id}/contacts", response=schemas.AgentOut)
@signed_in
def change_contacts(request: HttpRequest, agent_id: int, body: schemas.ContactsIn) -> Any:
    """By the agent, or by who manages the organisation."""
    given = {name: value for name, value in body.dict().items() if value is not None}
    return operations.change_contacts(**_who(request), agent=_agent(request, agent_id), **given)


@router.post("/agents/{agent_id}/confirmation", response=schemas.AgentOut)
@signed_in
def confirm_contacts(request: HttpRequest, agent_id: int) -> Any:
    return operations.confirm_contacts(**_who(request), agent=_agent(request, agent_id))


@router.get("/norms", response=list[schemas.NormOut])
@requires(READ)
def list_norms(request: HttpRequest) -> Any:
    agents = agents_visible_to(caller(request))
    common = NormTarget.objects.filter(agent=None)
    return (common | NormTarget.objects.filter(agent__in=agents)).order_by("agent_id", "line")[:2000]


@router.put("/norms", response=schemas.NormOut)
@requires(WRITE)
def set_norm(request: HttpRequest, body: schemas.NormIn) -> Any:
    values = body.dict(exclude={"agent_id"})
    of = _agent(request, body.agent_id) if body.agent_id else None
    return operations.set_norm(**_who(request), agent=of, **values)


@router.delete("/norms/{norm_id}", response={204: None})
@requires(WRITE)
def remove_norm(request: HttpRequest, norm_id: int) -> Any:
    operations.remove_norm(**_who(request), target=get_object_or_404(NormTarget, pk=norm_id))
    return Status(204, None)
