"""Files of lists: ask how far an export is, take its file. It is begun where the list is: ``/client-exports``."""

from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema

from clientela.foundation.api.problems import Problem
from clientela.foundation.jobs.models import Job
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.exports.jobs import exports_of, has_file

router = Router(tags=["exports"])


class ExportOut(Schema):
    """``state``: queued, running, paused, done, failed or cancelled; ``done`` of ``total`` rows are written."""

    id: int
    kind: str
    state: str
    done: int
    total: int | None
    created_at: datetime
    finished_at: datetime | None


@router.get("/exports/{export_id}", response=ExportOut)
@requires(Permission.CLIENTS_EXPORT)
def get_export(request: HttpRequest, export_id: int) -> Any:
    """How far the export is. Only who asked for it sees it."""
    return get_object_or_404(exports_of(request.user), pk=export_id)


@router.get("/exports/{export_id}/file", openapi_extra={"responses": {200: {"content": {"text/csv": {}}}}})
@requires(Permission.CLIENTS_EXPORT)
def export_file(request: HttpRequest, export_id: int) -> Any:
    """The file of a finished export, CSV or XLSX; 409 while it is being written."""
    job = get_object_or_404(exports_of(request.user), pk=export_id)
    if job.state != Job.State.DONE:
        raise Problem(409, "not_ready", _("The file is not written yet."))
    if not has_file(job):
        raise Problem(404, "not_found", _("The file is kept no longer."))
    return FileResponse(
        default_storage.open(job.result["file"]), as_attachment=True, filename=job.result["name"]
    )
