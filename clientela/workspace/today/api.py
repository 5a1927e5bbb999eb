"""The day for other programs: whom to contact and why, in the order of the screen, and the figures beside it.

A day is that of the person's own zone, as on the screen.
"""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of_sorted
from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.renewals.queries.norms import norms_of
from clientela.modules.renewals.queries.planning import steps_in_force
from clientela.workspace.schedules.queries.day_plan import day_plan
from clientela.workspace.today import page, schemas
from clientela.workspace.today.queries import side
from clientela.workspace.today.queries.health import health

router = Router(tags=["today"])
ORDER = ("not_now", "score", "days_left", "client_id", "task")


def _read(user: User) -> page.Queue:
    return page.read(user, today=timezone.localdate(), now=timezone.now())


@router.get("/today", response=schemas.TodayOut)
@requires(Permission.RENEWALS_READ)
def count_tasks(request: HttpRequest) -> Any:
    """How much there is to do, as the screen counts it."""
    user = caller(request)
    with timezone.override(user.time_zone):
        found = _read(user)
        return {"day": timezone.localdate(), "total": found.total, "counts": found.counts}


@router.get("/today/tasks", response=Page[schemas.TaskOut])
@requires(Permission.RENEWALS_READ)
def list_tasks(
    request: HttpRequest, show: schemas.Show = "all", cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """Whom to contact and why, in the order of the screen: the sixty heaviest of calls, of answers and of terms.

    A task that is done leaves the list and others move up; of what lies beyond, ``/renewals`` lists the terms.
    """
    user = caller(request)
    with timezone.override(user.time_zone):
        tasks = page.tasks_of(user, _read(user), show)
        found = page_of_sorted(
            tasks, place=lambda task: page.place_of(user, task), order=ORDER, cursor=cursor, limit=limit
        )
        return found | {"items": [schemas.task_of(item) for item in found["items"]]}


@router.get("/today/events", response=list[schemas.EventOut])
@requires(Permission.RENEWALS_READ)
def list_events(request: HttpRequest) -> Any:
    """Birthdays, cars out of guarantee and mortgages of this week, at most a hundred; none in a wide scope."""
    user = caller(request)
    with timezone.override(user.time_zone):
        return [schemas.event_of(event) for event in page.events_of(user, _read(user))]


@router.get("/today/figures", response=schemas.FiguresOut)
@requires(Permission.RENEWALS_READ)
def get_figures(request: HttpRequest) -> Any:
    """The norms, the month and today's touches."""
    user = caller(request)
    day = local_today(user.time_zone, timezone.now())
    agent = side.own_agent(user) if user.role == Role.AGENT else None
    touches = side.touches_today(user, today=day)
    return {
        "month": side.month_states(user, today=day),
        "touches": [
            {"channel": channel, "outcome": outcome, "count": count}
            for (channel, outcome), count in sorted(touches.items())
        ],
        "failed": side.failures(user, today=day).count,
        "norms": norms_of(agent) if agent else None,
        "team": None if agent else side.team_norms(user),
    }


@router.get("/today/tomorrow", response=schemas.TomorrowOut)
@requires(Permission.RENEWALS_READ)
def get_tomorrow(request: HttpRequest) -> Any:
    """What the schedules in force will send tomorrow. Counts may be a minute old."""
    user = caller(request)
    today = local_today(user.time_zone, timezone.now())
    day = today + timedelta(days=1)
    found = day_plan(user, steps_in_force(day), day=day, today=today)
    going = {channel: count for channel, count in found.channels() if count}
    return {"day": day, "clients": found.people, "going": going, "held": dict(found.reasons())}


@router.get("/today/health", response=schemas.HealthOut)
@requires(Permission.JOBS_READ)
def get_health(request: HttpRequest) -> Any:
    """How the system is: what the page of the day shows to administrators and auditors."""
    now = timezone.now()
    found = health(today=local_today(caller(request).time_zone, now), now=now)
    return vars(found) | {
        "stuck": found.is_stuck(now),
        "planned_touches": found.planned and found.planned.planned,
    }
