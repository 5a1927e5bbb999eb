"""Refused rows mended in the browser and brought in again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from clientela.foundation.imports import operations as engine
from clientela.foundation.imports.models import RowError
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.imports import operations, queries
from clientela.workspace.imports.views.common import too_late


@require_POST
@requires(Permission.IMPORTS_RUN)
def fix(request: HttpRequest, run_id: int, error_id: int) -> HttpResponse:
    """Keep what was typed for one wrong cell, or say at the cell why it is still wrong."""
    run = queries.get_run(request.user, run_id)
    error = get_object_or_404(RowError.objects.filter(run=run, fatal=True), pk=error_id)
    error.run, typed, wrong = run, request.POST.get("value", ""), ""
    try:
        engine.fix_row(actor=request.user, now=timezone.now(), error=error, value=typed)
    except engine.StillWrong as refusal:
        wrong = str(refusal)
    except engine.NotNow:
        return too_late(request, run)
    if not request.htmx:  # type: ignore[attr-defined]
        if wrong:
            messages.error(request, wrong)
        return redirect("imports:result", run.pk)
    row = queries.mending_row(error, typed=typed, wrong=wrong)
    context = {"run": run, "row": row, "ready": len(engine.fixed_rows(run)), "oob": True}
    return render(request, "imports/parts/mended.html", context, status=422 if wrong else 200)


@require_POST
@requires(Permission.IMPORTS_RUN)
def again(request: HttpRequest, run_id: int) -> HttpResponse:
    """Bring every mended row in again, in one go, as a part of the same import."""
    run, now = queries.get_run(request.user, run_id), timezone.now()
    try:
        part = operations.bring_in_mended(actor=request.user, now=now, run=run)
    except engine.NotNow:
        return too_late(request, run)
    return redirect("imports:load", part.pk)
