"""What the views of the wizard share."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clientela.foundation.imports.models import ImportRun
from clientela.foundation.imports.targets import get_target
from clientela.workspace.imports import queries


def frame(run: ImportRun | None, step: int) -> dict[str, Any]:
    """Context of every step."""
    context: dict[str, Any] = {"run": run, "steps": queries.steps(run, step)}
    if run is not None:
        context |= {"target": get_target(run.target), "editable": run.state in queries.EDITABLE}
    return context


def too_late(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Somebody was quicker, or the page was old: to the step on which the run is now."""
    run.refresh_from_db()
    messages.error(
        request,
        _("This cannot be done now: the file is %(state)s.") % {"state": run.get_state_display().lower()},
    )
    return redirect(queries.address(run))
