"""The list of requests for other programs: the conditions of the screen, the newest first.

One path is one router's: the list joins that of the module.
"""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Schema

from clientela.foundation.api.pagination import Cursor, Limit, Page, bad_cursor
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.requests.api import router
from clientela.modules.requests.queries import sharing_branches
from clientela.modules.requests.reports import sharing_report, this_week, weeks_between
from clientela.modules.requests.schemas import RequestConditions, RequestOut
from clientela.workspace.renewals.keyset import reads
from clientela.workspace.requests.filters import NEWEST, RequestFilter, page


class FairnessAnswers(Schema):
    """Requests that came in the weeks: answered, the middle answer, the answers in time, those that wait beyond it."""

    came: int
    answered: int
    minutes: float | None
    in_time: float | None
    late: int


class FairnessWeek(Schema):
    """``due`` by today's weight and the week's hours without absences."""

    first: date
    given: int
    due: float


class FairnessLine(Schema):
    user_id: int
    name: str
    branch_id: int
    branch: str
    given: int
    due: float
    weeks: list[FairnessWeek]
    answers: FairnessAnswers


@router.get("/request-fairness", response=list[FairnessLine])
@requires(Permission.ROUTING_WRITE)
def request_fairness(request: HttpRequest, first: date, last: date) -> Any:
    """How the requests of the branches in sight were shared in the weeks from ``first`` to ``last``, 26 at the most."""
    now = timezone.now()
    weeks = weeks_between(first, last, today=this_week(now))
    return sharing_report(sharing_branches(caller(request)), weeks, now=now)


@router.get("/requests", response=Page[RequestOut])
@requires(Permission.REQUESTS_READ)
def list_requests(
    request: HttpRequest, conditions: Query[RequestConditions], cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """Requests by the conditions of the screen, the newest first."""
    wanted = RequestFilter(
        tab=conditions.tab or "all", temperature=conditions.temperature, source=conditions.source,
        person=conditions.assignee_id or 0,
    )  # fmt: skip
    if cursor and not reads(cursor, NEWEST):
        raise bad_cursor()
    shown = page(caller(request), wanted, now=timezone.now(), after=cursor, size=limit)
    return {"items": shown.rows, "next": shown.after or None}
