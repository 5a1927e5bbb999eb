"""The list of clients with its conditions, its export, and the timeline of a client over the API."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status

from clientela.foundation import phones
from clientela.foundation.api.pagination import Cursor, Limit, Page, bad_cursor
from clientela.foundation.api.problems import Problem
from clientela.foundation.api.values import Moment
from clientela.foundation.dates import local_today
from clientela.foundation.fields import prefix_range
from clientela.foundation.names import name_key
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.api import router as clients
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.operations import record_read
from clientela.modules.clients.queries import inn_is
from clientela.workspace.clients import schemas
from clientela.workspace.clients.columns import DEFAULT, columns_for
from clientela.workspace.clients.exporting import note_export, queue_export
from clientela.workspace.clients.queries.card import load_card
from clientela.workspace.clients.queries.past import as_of
from clientela.workspace.clients.queries.rows import (
    BOUND,
    PAGE_TIMEOUT_MS,
    TooSlow,
    bounded_count,
    listed,
    order_keys,
    ordered,
    rows_of,
    shown,
    time_limit,
)
from clientela.workspace.clients.queries.timeline import timeline
from clientela.workspace.clients.timeline_words import items
from clientela.workspace.clients.views.card import end_of
from clientela.workspace.exports.api import ExportOut
from clientela.workspace.renewals.keyset import page_of, reads

router = Router(tags=["clients"])
Text = Annotated[str, Query(max_length=254)]
EARLIEST_DAY = date(1900, 1, 1)
SHOWN = ("last", "phone", "tags")


def _today() -> date:
    return local_today(settings.TIME_ZONE, timezone.now())


# POST /clients is the module's, and one address has one router.
@clients.get("/clients", response=Page[schemas.ListedClientOut])
@requires(Permission.CLIENTS_READ)
def list_clients(
    request: HttpRequest, conditions: Query[schemas.ClientConditions], name: Text = "", phone: Text = "", email: Text = "",
    inn: Text = "", cursor: Cursor = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """Clients in sight by the conditions and in the order of the list on the screen.

    ``name`` is the beginning of a folded name; phone, e-mail and INN are compared whole. 422 ``too_slow`` for conditions
    that would read too much of the base: add one.
    """
    wanted = conditions.wanted()
    rows = ordered(listed(request.user, wanted, _today()), wanted)
    if key := name_key(name):
        rows = rows.filter(**prefix_range("name_key", key))
    for given, value in ((phone, phones.normalize(phone) or ""), (email, email.lower())):
        if given:
            rows = rows.filter(pk__in=ContactPoint.objects.filter(value=value).values("client"))
    if inn:
        rows = rows.filter(inn_is(inn))
    order = order_keys(wanted)
    if cursor and not reads(cursor, order):
        raise bad_cursor()
    try:
        with time_limit(PAGE_TIMEOUT_MS):
            page = page_of(rows, order, shown=shown(SHOWN), after=cursor, size=limit)
    except TooSlow:
        raise too_slow() from None
    columns = (*SHOWN, "advice") if wanted.advised else SHOWN
    lines = zip(page.rows, rows_of(page.rows, _today(), columns, advised=wanted.advised), strict=True)
    return {"items": [schemas.row_out(client, row) for client, row in lines], "next": page.after or None}


def too_slow() -> Problem:
    """What a list answers when its page would take too long."""
    return Problem(422, "too_slow", _("This would take too long: add a condition."))


@router.get("/clients/count", response=schemas.ClientCountOut)
@requires(Permission.CLIENTS_READ)
def count_clients(request: HttpRequest, conditions: Query[schemas.ClientConditions]) -> Any:
    """How many clients the conditions let through."""
    found = bounded_count(listed(request.user, conditions.wanted(), _today()))
    return {"count": None if found.value is None else min(found.value, BOUND), "is_more": found.is_more}


@router.post("/client-exports", response={202: ExportOut})
@requires(Permission.CLIENTS_READ, Permission.CLIENTS_EXPORT)
def export_clients(request: HttpRequest, body: schemas.ClientExportIn) -> Any:
    """Write the list into a file: ask ``/exports/{export_id}`` until it is done, then take its file.

    It holds what the caller may see; the journal notes the export with its conditions.
    """
    asked: dict[str, Any] = {
        "actor": request.user, "now": timezone.now(), "wanted": body.wanted(), "ids": body.client_ids,
        "kind": body.format,
    }  # fmt: skip
    columns = columns_for(request.user, body.columns or DEFAULT, advised=body.advised or "")
    note_export(**asked, address=request.META.get("REMOTE_ADDR"))
    return Status(202, queue_export(**asked, columns=columns))


@router.get("/clients/{client_id}/past", response=schemas.PastCardOut)
@requires(Permission.CLIENTS_READ)
def past_card(request: HttpRequest, client_id: int, day: date) -> Any:
    """The card as it was at the end of a day before today. The journal notes who read it."""
    now = timezone.now()
    card = load_card(request.user, client_id, now=now)
    if card is None:
        raise Http404
    if not EARLIEST_DAY <= day < card.today:
        raise Problem(422, "bad_day", _("Choose a day before today."))
    as_of(card, day, end_of(day, card.client.time_zone))
    record_read(actor=request.user, now=now, client=card.client, address=request.META.get("REMOTE_ADDR"))
    return schemas.PastCardOut.of(card, day)


class TimelineEntryOut(Schema):
    """One thing that happened; ``title`` and ``detail`` are in the caller's language."""

    at: datetime
    icon: str
    title: str
    detail: str
    tone: str
    policy_id: int | None


class TimelineOut(Schema):
    items: list[TimelineEntryOut]
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
