"""The editor of a schedule: the page, and the panel when another step is taken in hand."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.renewals.models import Schedule
from clientela.workspace.schedules import panel
from clientela.workspace.schedules.queries.versions import versions_of


@require_GET
@requires(Permission.RENEWALS_READ)
def editor(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """The board of a version and its steps; ``version`` and ``step`` are in the address."""
    versions = versions_of(get_object_or_404(Schedule, pk=schedule_id), timezone.localdate())
    wanted = id_of(request.GET.get("version"))
    version = versions.get(wanted) if wanted else versions.shown
    if version is None:
        raise Http404
    at = panel.place(request, versions, version)
    part = bool(request.htmx) and request.htmx.target == "step"  # type: ignore[attr-defined]
    context = panel.editor_context(request, at)
    return render(request, "schedules/parts/chosen.html" if part else "schedules/editor.html", context)
