"""The board as a file at once: CSV of any length, streamed; XLSX of as many rows as a sheet may have."""

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clientela.foundation.lists.export import csv_lines, xlsx_file
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.renewals.exporting import export_head, export_rows, note_export
from clientela.workspace.renewals.filters import BoardFilter


@require_GET
@requires(Permission.RENEWALS_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The file of the filter in the address. Every export is journaled."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    wanted, today = BoardFilter.read(request.GET), timezone.localdate()
    address = request.META.get("REMOTE_ADDR")
    note_export(actor=request.user, now=timezone.now(), wanted=wanted, kind=kind, address=address)
    name, head = f"renewals-{today.isoformat()}.{kind}", export_head()
    rows = _spoken(export_rows(request.user, wanted, today=today))
    if kind == "xlsx":
        return FileResponse(xlsx_file(head, rows, title=_("Renewals")), as_attachment=True, filename=name)
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _spoken(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """The rows in the language and zone of the request: a stream is read after the request has ended."""
    language, zone = translation.get_language(), timezone.get_current_timezone()
    return _in_words(rows, language or "ru", zone)


def _in_words(rows: Iterator[list[Any]], language: str, zone: Any) -> Iterator[list[Any]]:
    with translation.override(language), timezone.override(zone):
        yield from rows
