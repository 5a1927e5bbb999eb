"""The timeline of a client over the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema

from clientela.foundation.api.values import Moment
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client
from clientela.workspace.clients.queries.timeline import timeline
from clientela.workspace.clients.timeline_words import items

router = Router(tags=["clients"])


class EntryOut(Schema):
    """One thing that happened; ``title`` and ``detail`` are in the caller's language."""

    at: datetime
    icon: str
    title: str
    detail: str
    tone: str
    policy_id: int | None


class TimelineOut(Schema):
    items: list[EntryOut]
    next: str | None


@router.get("/clients/{client_id}/timeline", response=TimelineOut)
@requires(Permission.CLIENTS_READ)
def client_timeline(
    request: HttpRequest, client_id: int,
    show: Literal["talk", "contracts", "payments", "claims", "data"] | None = None,
    until: Moment | None = None, cursor: Annotated[str, Query(max_length=200)] = "",
) -> Any:  # fmt: skip
    """Everything about a client, newest first; ``until`` freezes it at a moment."""
    get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    now = timezone.now()
    moment = until if until is not None and until < now else now
    page = timeline(client_id, wanted=show or "", until=moment, after=cursor)
    return {"items": items(page.entries), "next": page.after or None}
