"""The list of imports."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.organisation.queries import scope_of
from clientela.workspace.imports import queries

PER_PAGE = 50


@require_GET
@requires(Permission.IMPORTS_RUN)
def runs(request: HttpRequest) -> HttpResponse:
    """Runs in sight, the newest first."""
    page = Paginator(queries.visible_runs(request.user), PER_PAGE).get_page(request.GET.get("page"))
    for run in page:
        run.address = queries.address(run)  # type: ignore[attr-defined]
    context = {"page": page, "total": page.paginator.count, "everybody": scope_of(request.user).everything}
    return render(request, "imports/list.html", context)


@require_GET
@requires(Permission.IMPORTS_RUN)
def open_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """To the step on which the run is."""
    return redirect(queries.address(queries.get_run(request.user, run_id)))
