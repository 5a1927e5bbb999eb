"""The list of requests for other programs: the conditions of the screen, the newest first.

One path is one router's: the list joins that of the module.
"""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query

from clientela.foundation.api.pagination import Cursor, Limit, Page, bad_cursor
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.requests.api import router
from clientela.modules.requests.schemas import RequestConditions, RequestOut
from clientela.workspace.renewals.keyset import reads
from clientela.workspace.requests.filters import NEWEST, RequestFilter, page


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
