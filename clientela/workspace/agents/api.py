"""An agent's figures for other programs, as the dashboard shows them; the norm is ``/agents/{agent_id}/norms``."""

from calendar import monthrange
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of_sorted
from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.organisation.models import Agent
from clientela.workspace.agents import queries, schemas

router = Router(tags=["agents"])
MonthName = Annotated[str, Query(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$", description="2026-11")]


def _agent(request: HttpRequest, agent_id: int) -> Agent:
    return get_object_or_404(queries.agents_for(caller(request)), pk=agent_id)


def _today(request: HttpRequest) -> date:
    return local_today(caller(request).time_zone, timezone.now())


@router.get("/agents/{agent_id}/month", response=schemas.MonthOut)
@requires(Permission.RENEWALS_READ)
def get_month(request: HttpRequest, agent_id: Id, month: MonthName | None = None) -> Any:
    """The agent's terms that end in ``month``, the current one by default: by state, by day, lost and why."""
    agent = _agent(request, agent_id)
    first = date.fromisoformat(f"{month}-01") if month else _today(request).replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return schemas.month_of(queries.month_of(agent, first, last))


@router.get("/agents/{agent_id}/next-terms", response=list[schemas.ActionOut])
@requires(Permission.RENEWALS_READ)
def list_next_terms(request: HttpRequest, agent_id: Id) -> Any:
    """The eight terms to take up first, those without a project before others; ``/renewals`` lists them all."""
    agent, today = _agent(request, agent_id), _today(request)
    return [schemas.action_of(term, today) for term in queries.next_terms(agent, today=today)]


@router.get("/agents/{agent_id}/coming-days", response=list[schemas.ComingDayOut])
@requires(Permission.RENEWALS_READ)
def list_coming_days(request: HttpRequest, agent_id: Id) -> Any:
    """What the agent's clients get in seven days: how many touches go, and how many are held back and why."""
    days = queries.coming_touches(_agent(request, agent_id), today=_today(request))
    return [{"day": day.day, "going": len(day.going), "held": day.held} for day in days]


@router.get("/agents/{agent_id}/coming-touches", response=Page[schemas.ComingOut])
@requires(Permission.RENEWALS_READ)
def list_coming_touches(request: HttpRequest, agent_id: Id, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """The touches that go in these seven days, by their hour, for the nearest thousand terms."""
    days = queries.coming_touches(_agent(request, agent_id), today=_today(request))
    found = [(touch, day.day) for day in days for touch in day.going]
    page = page_of_sorted(
        sorted(found, key=_place),
        place=_place,
        order=("at", "renewal_id", "name"),
        cursor=cursor,
        limit=limit,
    )
    return page | {"items": [schemas.coming_of(touch, day) for touch, day in page["items"]]}


def _place(found: tuple[queries.Coming, date]) -> tuple[int | str, ...]:
    touch = found[0]
    return int(touch.at.timestamp()), touch.term.pk, f"{touch.channel} {touch.name}"
