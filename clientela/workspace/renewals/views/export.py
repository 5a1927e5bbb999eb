"""The board as a file: the same filter, the same order, every page of it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clientela.foundation.audit.operations import record
from clientela.foundation.lists.export import csv_lines, xlsx_file
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.renewals.models import Reach, Renewal
from clientela.workspace.renewals.filters import BoardFilter
from clientela.workspace.renewals.queries.board import ROW_FIELDS, ordered
from clientela.workspace.renewals.rows import change_of, contract_of

CHUNK = 2000


@require_GET
@requires(Permission.RENEWALS_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """CSV of any length, streamed; XLSX of as many rows as a sheet may have. Every export is journaled."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    wanted, today = BoardFilter.read(request.GET), timezone.localdate()
    record(
        actor=request.user, now=timezone.now(), action="renewals.exported", object_type="renewals.renewal",
        object_name=wanted.query or "all", changes={"format": [None, kind]},
        address=request.META.get("REMOTE_ADDR"),
    )  # fmt: skip
    name = f"renewals-{today.isoformat()}.{kind}"
    rows = _spoken(_rows(request.user, wanted, today=today))
    if kind == "xlsx":
        return FileResponse(xlsx_file(_head(), rows, title=_("Renewals")), as_attachment=True, filename=name)
    response = StreamingHttpResponse(csv_lines(_head(), rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _spoken(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """The rows in the language and zone of the request: a stream is read after the request has ended."""
    language, zone = translation.get_language(), timezone.get_current_timezone()
    return _in_words(rows, language or "ru", zone)


def _in_words(rows: Iterator[list[Any]], language: str, zone: Any) -> Iterator[list[Any]]:
    with translation.override(language), timezone.override(zone):
        yield from rows


def _head() -> list[str]:
    return [
        _("Client"), _("Contract"), _("Policy number"), _("Ends"), _("Days left"), _("Premium"),
        _("Next premium"), _("Change, %"), _("State"), _("Renewal year"), _("Agent"), _("Branch"),
        _("How to reach"), _("Last touch"), _("Held until"),
    ]  # fmt: skip


def _rows(user: Any, wanted: BoardFilter, *, today: date) -> Iterator[list[Any]]:
    terms, order = ordered(wanted.terms(Renewal.objects.visible_to(user), today=today), wanted.order)
    names = [f"{'-' if key.descending else ''}{key.name}" for key in order]
    terms = (
        terms.select_related("client", "policy__insured_object", "product", "bank", "agent", "branch")
        .only(*ROW_FIELDS, "last_touch_at")
        .order_by(*names)
    )
    for term in terms.iterator(CHUNK):
        yield [
            term.client.name,
            contract_of(term),
            term.policy.number,
            term.end_date,
            (term.end_date - today).days,
            term.premium,
            term.next_premium,
            change_of(term),
            str(Renewal.State(term.state).label),
            term.renewal_year,
            str(term.agent or ""),
            term.branch.name,
            ", ".join(str(bit.label) for bit in Reach if term.reach & bit),
            timezone.localtime(term.last_touch_at) if term.last_touch_at else None,
            term.held_until,
        ]
