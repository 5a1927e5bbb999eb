"""Finding the version and the step an address speaks of, and answering with the parts that changed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django_htmx.http import replace_url, trigger_client_event

from clientela.modules.renewals.models import Schedule, ScheduleVersion, Step
from clientela.workspace.schedules import panel
from clientela.workspace.schedules.queries.versions import Versions, steps_of, versions_of


def load(schedule_id: int, number: int) -> tuple[Versions, ScheduleVersion]:
    """A schedule's versions and the one with this number. Raises Http404."""
    versions = versions_of(get_object_or_404(Schedule, pk=schedule_id), timezone.localdate())
    version = versions.get(number)
    if version is None:
        raise Http404
    return versions, version


def load_step(schedule_id: int, number: int, key: str) -> tuple[Versions, ScheduleVersion, Step]:
    """The same with a step of the version. Raises Http404."""
    versions, version = load(schedule_id, number)
    step = next((step for step in steps_of(version) if step.key == key), None)
    if step is None:
        raise Http404
    return versions, version, step


def language_of(request: HttpRequest) -> str:
    """The language of the texts in hand, from the form or the address."""
    return request.POST.get("lang", "") or request.GET.get("lang", "")


def answer(
    request: HttpRequest,
    schedule_id: int,
    number: int,
    key: str,
    *,
    whole: bool = False,
    toast: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """What changed after a step was saved: the board, the versions and the preview, with ``whole`` the panel too.

    The counts of tomorrow look again by themselves. Without htmx the editor is opened anew.
    """
    versions, version = load(schedule_id, number)
    at = panel.place(request, versions, version, key, language_of(request))
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(at.url())
    context = panel.editor_context(request, at) | {"oob": True, "whole": whole}
    response: HttpResponse = render(request, "schedules/parts/saved.html", context)
    trigger_client_event(response, "plan-changed", {})
    if toast:
        trigger_client_event(response, "toast", toast)
    if whole:
        replace_url(response, at.url())
    return response


def refused(request: HttpRequest, errors: dict[str, list[str]]) -> HttpResponse:
    """Why nothing was saved, beside the fields; everything typed stays."""
    rows = [(name, " ".join(messages)) for name, messages in errors.items()]
    return render(request, "schedules/parts/errors.html", {"rows": rows}, status=422)
