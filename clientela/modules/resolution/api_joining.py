"""Joining without a person, over the API: the rules, what they would join, and their runs."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.resolution import operations
from clientela.modules.resolution.models import JoinRun

MERGE = requires(Permission.CLIENTS_MERGE)
STEER = requires(Permission.CLIENTS_MERGE, Permission.ORGANISATION_WRITE)
# A whole hundred is never reached.
SUREST = 0.999999
router = Router(tags=["clients"])
map_problem(operations.WrongJoinRules, 422)
map_problem(operations.NotLookedAt, 409)


class JoinRulesOut(Schema):
    """The newest version; ``threshold`` is a probability, ``sources`` are kinds of source."""

    on: bool
    threshold: float
    sources: list[str]
    note: str
    made_at: datetime | None


class JoinPlanOut(Schema):
    """What rules would join now; ``left`` counts the pairs that stay for people. ``seen`` is asked for to switch them on."""

    clients: int
    cards_fewer: int
    left: dict[str, int]
    seen: str


class JoinRulesIn(Schema):
    """A new version; ``seen`` is that of the plan of the same threshold and sources."""

    on: bool = False
    threshold: float = Field(operations.USUAL, ge=operations.LEAST, le=SUREST)
    sources: list[str] = Field([], max_length=20)
    note: str = Field("", max_length=200)
    seen: str = Field("", max_length=200)


class JoinRunOut(Schema):
    """One run; ``left`` tells why pairs stayed for people."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    left: dict[str, int]
    undo_asked_at: datetime | None
    undone_at: datetime | None


class JoinUndoingIn(Schema):
    """Which run is taken back."""

    run: Id


@router.get("/duplicate-rules", response=JoinRulesOut)
@MERGE
def join_rules(request: HttpRequest) -> Any:
    """The rules in force."""
    return operations.current_join_rules()


@router.get("/duplicate-rules/plan", response=JoinPlanOut)
@STEER
def join_plan(
    request: HttpRequest,
    sources: Annotated[list[str], Query(max_length=20)],
    threshold: Annotated[float, Query(ge=operations.LEAST, le=SUREST)] = operations.USUAL,
) -> Any:
    """What such rules would join of what is open now, over the whole base."""
    plan = operations.plan(threshold=threshold, sources=sources)
    return {
        "clients": len(plan.groups), "cards_fewer": plan.gone, "left": dict(plan.left),
        "seen": operations.told(threshold, sources),
    }  # fmt: skip


@router.post("/duplicate-rules", response={201: JoinRulesOut})
@STEER
def change_join_rules(request: HttpRequest, body: JoinRulesIn) -> Any:
    """A new version, in force at once."""
    version = operations.set_join_rules(actor=request.user, now=timezone.now(), **body.dict())
    return Status(201, version)


@router.get("/duplicate-joins", response=Page[JoinRunOut])
@MERGE
def join_runs(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Runs of the rules, the newest first."""
    return page_of(JoinRun.objects.all(), order=("-id",), cursor=cursor, limit=limit)


@router.post("/duplicate-joins/undoing", response={202: JoinRunOut})
@STEER
def undo_join_run(request: HttpRequest, body: JoinUndoingIn) -> Any:
    """All that a run joined is parted again, as a job."""
    run = get_object_or_404(JoinRun, pk=body.run)
    return Status(202, operations.undo_joins(actor=request.user, now=timezone.now(), join_run=run.pk))
