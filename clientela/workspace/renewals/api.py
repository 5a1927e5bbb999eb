"""The board of renewals for other programs: its list, its days, acts on many terms, its export."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from clientela.foundation import money
from clientela.foundation.api.many import ManyOut, told
from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, bad_cursor
from clientela.foundation.api.problems import Problem
from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.renewals.models import LossReason, Renewal
from clientela.modules.renewals.queries.plan_view import marks_of
from clientela.workspace.clients.queries.rows import PAGE_TIMEOUT_MS, TooSlow, time_limit
from clientela.workspace.exports.api import ExportOut
from clientela.workspace.renewals import schemas
from clientela.workspace.renewals.bulk import act_on_many, terms_of
from clientela.workspace.renewals.exporting import note_export, queue_export
from clientela.workspace.renewals.filters import BoardFilter
from clientela.workspace.renewals.keyset import page_of, reads
from clientela.workspace.renewals.queries.board import ROW_FIELDS, cells_of, in_range, ordered, total

router = Router(tags=["renewals"])
RELATED = ("client", "policy__insured_object", "product", "bank", "agent", "branch", "lost_reason")
MORE_FIELDS = ("held_reason", "last_touch_at", "updated_at", "lost_reason__code")


def _today() -> date:
    return local_today(settings.TIME_ZONE, timezone.now())


@router.get("/renewals", response=Page[schemas.BoardRowOut])
@requires(Permission.RENEWALS_READ)
def list_renewals(
    request: HttpRequest, conditions: Query[schemas.TermConditions], order: schemas.Order = "end",
    ends_from: date | None = None, ends_to: date | None = None, client_id: Id | None = None, cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:  # fmt: skip
    """Expiring terms in sight by the conditions of the board, the nearest end first unless ``order`` says otherwise.

    An order other than by end looks at the board's days, from 45 left to the end, where no days are named. 422
    ``too_slow`` for conditions that would read too much of the base: add one.
    """
    today, wanted = _today(), conditions.wanted(order)
    first, last = ends_from, ends_to
    named = (conditions.days_from, conditions.days_to) != (None, None)
    if named or (order not in ("end", "-end") and (first, last, client_id) == (None, None, None)):
        first, last = _within(wanted, today, first, last)
    terms = wanted.conditions(Renewal.objects.visible_to(request.user))
    for name, value in {"end_date__gte": first, "end_date__lte": last, "client_id": client_id}.items():
        if value is not None:
            terms = terms.filter(**{name: value})
    terms, keys = ordered(terms, order)
    if cursor and not reads(cursor, keys):
        raise bad_cursor()
    shown = Renewal.objects.select_related(*RELATED).only(*ROW_FIELDS, *MORE_FIELDS)
    try:
        with time_limit(PAGE_TIMEOUT_MS):
            page = page_of(terms, keys, shown=shown, after=cursor, size=limit)
    except TooSlow:
        raise Problem(422, "too_slow", _("This would take too long: add a condition.")) from None
    rows = schemas.with_marks(page.rows, marks_of(page.rows, today=today), today=today)
    return {"items": rows, "next": page.after or None}


def _within(wanted: BoardFilter, today: date, first: date | None, last: date | None) -> tuple[date, date]:
    """The range of ends that both the days left and the dates allow."""
    least, most = today + timedelta(days=wanted.last), today + timedelta(days=wanted.first)
    return max(first or least, least), min(last or most, most)


@router.get("/renewals/days", response=schemas.DaysOut)
@requires(Permission.RENEWALS_READ)
def count_days(request: HttpRequest, conditions: Query[schemas.TermConditions]) -> Any:
    """What ends on each day within the days asked for, from 45 left to the end by default: the head of the board.

    For a whole branch, centre or company the counts may be 20 seconds old.
    """
    today, wanted = _today(), conditions.wanted()
    cells = in_range(cells_of(request.user, wanted, today=today), wanted)
    by_day = defaultdict(list)
    for cell in cells:
        by_day[cell.left].append(cell)
    days = [
        {
            "days_left": left, "end_date": today + timedelta(days=left), "count": sum(cell.count for cell in own),
            "premium": money.total(cell.premium for cell in own), "states": {cell.state: cell.count for cell in own},
        }
        for left, own in sorted(by_day.items(), reverse=True)
    ]  # fmt: skip
    sums = total(cells, wanted)
    amounts = {"premium": money.kopecks(sums.premium), "at_risk": money.kopecks(sums.at_risk)}
    return {"days": days, "count": sums.count, **amounts}


def _act(request: HttpRequest, act: str, ids: list[int], **values: Any) -> dict[str, Any]:
    outcome = act_on_many(act, terms_of(request.user, ids), actor=request.user, now=timezone.now(), **values)
    return told(ids, outcome.done, outcome.refused)


@router.post("/renewal-holds", response=ManyOut)
@requires(Permission.RENEWALS_WRITE)
def hold_many(request: HttpRequest, body: schemas.HoldManyIn) -> Any:
    """Send nothing before the day after ``until``. Refused: ``hold_in_past`` where the term ends before that day."""
    return _act(request, "hold", body.renewal_ids, until=body.until, reason=body.reason)


@router.post("/renewal-releases", response=ManyOut)
@requires(Permission.RENEWALS_WRITE)
def release_many(request: HttpRequest, body: schemas.ReleaseManyIn) -> Any:
    """Let held plans go on."""
    return _act(request, "release", body.renewal_ids)


@router.post("/renewal-losses", response=ManyOut)
@requires(Permission.RENEWALS_WRITE)
def lose_many(request: HttpRequest, body: schemas.LoseManyIn) -> Any:
    """Mark terms as lost; their plans stop at once. Refused: ``already_paid``."""
    reason = LossReason.objects.filter(code=body.reason, is_active=True).first()
    if reason is None:
        raise Problem(422, "bad_reason", _("There is no such reason."))
    return _act(request, "lost", body.renewal_ids, reason=reason, note=body.note)


@router.post("/renewal-exports", response={202: ExportOut})
@requires(Permission.RENEWALS_READ, Permission.CLIENTS_EXPORT)
def export_renewals(request: HttpRequest, body: schemas.RenewalExportIn) -> Any:
    """Write the board into a file: ask ``/exports/{export_id}`` until it is done, then take its file.

    It holds what the caller may see; the journal notes the export with its conditions.
    """
    asked: dict[str, Any] = {
        "actor": request.user, "now": timezone.now(), "wanted": body.wanted(body.order), "kind": body.format,
    }  # fmt: skip
    note_export(**asked, address=request.META.get("REMOTE_ADDR"))
    return Status(202, queue_export(**asked))
