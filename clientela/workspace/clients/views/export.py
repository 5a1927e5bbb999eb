"""The list as a file: at once when short, as a job when long."""

from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from clientela.foundation.dates import local_today
from clientela.foundation.ids import ids_of
from clientela.foundation.jobs.models import Job
from clientela.foundation.lists.export import list_file
from clientela.foundation.lists.operations import columns_of
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.clients.columns import COLUMNS, DEFAULT, LIST_KEY, columns_for
from clientela.workspace.clients.exporting import (
    AT_ONCE,
    export_head,
    export_rows,
    narrowed,
    note_export,
    queue_export,
)
from clientela.workspace.clients.filters import ClientFilter
from clientela.workspace.clients.queries.rows import bounded_count, listed
from clientela.workspace.exports.jobs import CLIENTS, exports_of, has_file

EXPORT = requires(Permission.CLIENTS_EXPORT)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@EXPORT
def export(request: HttpRequest) -> HttpResponseBase:
    """Ask for the format, then send the file or queue the job. Every export is journalled with its filter."""
    source = request.POST if request.method == "POST" else request.GET
    wanted = ClientFilter.read(QueryDict(source.get("query", "")) if "query" in source else source)
    ids = ids_of(source.getlist("ids"), AT_ONCE)
    today = local_today(settings.TIME_ZONE, timezone.now())
    if request.method != "POST":
        count = bounded_count(listed(request.user, wanted, today))
        context = {
            "query": wanted.query,
            "ids": ids,
            "count": len(ids) or count.value,
            "is_more": not ids and count.is_more,
        }
        template = "clients/export.html" if request.htmx else "clients/export_page.html"  # type: ignore[attr-defined]
        return render(request, template, context)
    kept = columns_of(request.user, LIST_KEY, known=COLUMNS, default=DEFAULT)
    columns = columns_for(request.user, kept, advised=wanted.advised)
    kind = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    asked: dict[str, Any] = {
        "actor": request.user,
        "now": timezone.now(),
        "wanted": wanted,
        "ids": ids,
        "kind": kind,
    }
    if note_export(**asked) > AT_ONCE:
        return redirect("clients:export_job", queue_export(**asked, columns=columns).pk)
    clients = narrowed(request.user, wanted, ids, today, columns)
    rows = export_rows(clients, today, columns, advised=wanted.advised)
    return list_file(
        kind, export_head(columns), rows, name=f"clients-{timezone.localdate()}", title="Clients"
    )


def _own_job(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(exports_of(request.user).filter(kind=CLIENTS), pk=pk)


@EXPORT
def export_job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the export is; the page may be left."""
    job = _own_job(request, pk)
    percent = round(job.done * 100 / job.total) if job.total else 0
    template = "clients/export_progress.html" if request.htmx else "clients/export_job.html"  # type: ignore[attr-defined]
    return render(request, template, {"job": job, "percent": percent})


@EXPORT
def export_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file of a finished export, for the person who asked for it."""
    job = _own_job(request, pk)
    if not has_file(job):
        raise Http404
    file = default_storage.open(job.result["file"])
    return FileResponse(file, as_attachment=True, filename=job.result["name"])
