"""Step 4: the loading, its pause, its end and its undo."""

from tempfile import TemporaryFile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from clientela.foundation.imports import operations as engine
from clientela.foundation.imports.models import ImportRun
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.imports import queries, words
from clientela.workspace.imports.views.common import frame, too_late

State = ImportRun.State
ENDED = (State.DONE, State.UNDONE)
KEPT = 2000


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORTS_RUN)
def load(request: HttpRequest, run_id: int) -> HttpResponse:
    """GET: how far it is. POST: begin; only what was checked is loaded."""
    run = queries.get_run(request.user, run_id)
    if request.method == "POST":
        if run.state != State.CHECKED:
            return too_late(request, run)
        return _ask(request, run, engine.request_run)
    if run.state not in {State.RUNNING, State.UNDOING, State.FAILED}:
        return redirect(queries.address(run))
    return render(request, "imports/progress.html", {**frame(run, 4), **_standing(run)})


@require_GET
@requires(Permission.IMPORTS_RUN)
def progress(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The part that asks for itself; at the end it sends the page on."""
    run = queries.get_run(request.user, run_id)
    if run.state in {*ENDED, State.CHECKED, State.MAPPING}:
        url = queries.address(run)
        return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(queries.address(run))
    return render(request, "imports/parts/progress.html", {"run": run, **_standing(run)})


def _standing(run: ImportRun) -> dict[str, Any]:
    return {
        "at": queries.standing(run, timezone.now()), "checking": run.state == State.CHECKING,
        "undoing": run.state == State.UNDOING, "may_pause": run.state == State.RUNNING,
    }  # fmt: skip


@require_POST
@requires(Permission.IMPORTS_RUN)
def pause(request: HttpRequest, run_id: int) -> HttpResponse:
    """Stop after the rows in hand."""
    return _ask(request, queries.get_run(request.user, run_id), engine.pause_run)


@require_POST
@requires(Permission.IMPORTS_RUN)
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    """Go on from where it stopped."""
    return _ask(request, queries.get_run(request.user, run_id), engine.resume_run)


@require_POST
@requires(Permission.IMPORTS_RUN)
def undo(request: HttpRequest, run_id: int) -> HttpResponse:
    """Take the whole import back, also while it runs."""
    return _ask(request, queries.get_run(request.user, run_id), engine.request_undo)


def _ask(request: HttpRequest, run: ImportRun, what: Any) -> HttpResponse:
    try:
        what(actor=request.user, now=timezone.now(), run=run)
    except engine.NotNow:
        return too_late(request, run)
    run.refresh_from_db()
    if what is engine.pause_run:
        messages.success(request, _("It stops after the rows in hand"))
    return redirect(queries.address(run))


@require_GET
@requires(Permission.IMPORTS_RUN)
def result(request: HttpRequest, run_id: int) -> HttpResponse:
    """What came of it, what was not taken and why, and until when it can be taken back."""
    run = queries.get_run(request.user, run_id)
    if run.state not in ENDED:
        return redirect(queries.address(run))
    parts, context = words.parts(run.counts, after=True), frame(run, 4)
    groups = queries.groups_of_errors(run)
    undone = run.state == State.UNDONE
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0
    context |= {
        "parts": parts, "written": sum(part["count"] for part in parts[:2]), "refused": parts[3]["count"],
        "made": words.made(run.counts), "groups": groups, "undone": undone, "lesser": [group for group in groups if not group["fatal"]],
        "parts_later": queries.later_parts(run), **_to_mend(request, run),
        "may_undo": queries.undo_open(run, timezone.now()), "took": words.lasting(seconds),
        "links": [] if undone else context["target"].result_links(run),
        "undo": queries.kept_by_undo(run) if undone else None,
    }  # fmt: skip
    return render(request, "imports/result.html", context)


def _to_mend(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    """The table of wrong cells, while the import stands."""
    causes = queries.causes_to_mend(run) if run.state == State.DONE else []
    if not causes:
        return {}
    cause = request.GET.get("cause", "")
    cause = cause if cause in {one["key"] for one in causes} else ""
    return {
        "causes": causes, "cause": cause, "ready": len(engine.fixed_rows(run)),
        **queries.mending_page(run, cause, request.GET.get("page")), "more": run.counts.get("refused", 0) > KEPT,
    }  # fmt: skip


@require_GET
@requires(Permission.IMPORTS_RUN)
def errors(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The rows that were not taken, as they stood, with reasons: CSV, or ``?kind=xlsx``."""
    run = queries.get_run(request.user, run_id)
    kind = "xlsx" if request.GET.get("kind") == "xlsx" else "csv"
    sink = TemporaryFile()  # noqa: SIM115 - the answer closes it
    if run.state not in {*ENDED, State.CHECKED} or not engine.write_error_file(run, sink, kind=kind):
        sink.close()
        raise Http404
    sink.seek(0)
    name = f"{run.file_name.rsplit('.', 1)[0]} - {_('not taken')}.{kind}"
    return FileResponse(sink, as_attachment=True, filename=name)
