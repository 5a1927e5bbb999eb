"""Drafts, what they change, and putting one in force."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from clientela.foundation.ui import formats
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.robot.operations.dialogues import (
    BadStart,
    VersionInForce,
    activate,
    make_draft,
    retire,
)
from clientela.modules.robot.rules.checks import problems
from clientela.workspace.robot import diff, panel, words
from clientela.workspace.robot.panel import Place


class DayForm(forms.Form):
    """The first day of a version."""

    day = forms.DateField(
        label=gettext_lazy("First day of the version"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )


def _go(request: HttpRequest, url: str) -> HttpResponseBase:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]


def _dialog(request: HttpRequest, at: Place, context: dict[str, Any], status: int = 200) -> HttpResponse:
    template = "robot/dialogs/modal.html" if request.htmx else "robot/dialogs/page.html"  # type: ignore[attr-defined]
    return render(request, template, context | {"at": at, "back": at.url()}, status=status)


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def draft(request: HttpRequest, dialogue_id: int, number: int) -> HttpResponseBase:
    """Copy the version into the dialogue's draft, or open the draft that is there."""
    at = panel.load(request, dialogue_id, number)
    made = make_draft(actor=request.user, now=timezone.now(), version=at.version)
    return _go(request, at.url(version=made.number))


def _changes(at: Place) -> dict[str, Any]:
    base = at.versions.base_of(at.version)
    found = diff.differences(base.parsed, at.graph) if base else []
    rows = [
        {
            "state": one.state,
            "name": one.name,
            "parts": [(words.field_name(name), old, new) for name, old, new in one.parts],
        }
        for one in found
    ]
    return {"base": base, "rows": rows}


@require_GET
@requires(Permission.RENEWALS_READ)
def changes(request: HttpRequest, dialogue_id: int, number: int) -> HttpResponse:
    """Everything in which a version differs from the one it is compared with."""
    at = panel.load(request, dialogue_id, number)
    title = _("What version %(n)s changes") % {"n": at.version.number}
    return _dialog(request, at, {"title": title, "body": "robot/dialogs/changes.html", **_changes(at)})


@require_http_methods(["GET", "POST"])
@requires(Permission.SCHEDULES_WRITE)
def launch(request: HttpRequest, dialogue_id: int, number: int) -> HttpResponseBase:
    """Put a draft in force from a day on."""
    at = panel.load(request, dialogue_id, number)
    tomorrow = timezone.localdate() + timedelta(days=1)
    form = DayForm(request.POST or None, initial={"day": tomorrow})
    error, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            day = form.cleaned_data["day"]
            try:
                activate(actor=request.user, now=timezone.localtime(), version=at.version, active_from=day)
            except (BadStart, VersionInForce) as refusal:
                error = str(refusal)
            else:
                said = formats.long_date(day, get_language() or "ru", timezone.localdate())
                messages.success(request, _("Version %(n)s starts on %(day)s") % {"n": number, "day": said})
                return _go(request, at.url())
    context = {
        "title": _("Start version %(n)s") % {"n": number}, "body": "robot/dialogs/launch.html", "form": form,
        "error": error, "problems": problems(at.graph), "action": at.of("launch"), "editable": at.editable,
        **_changes(at),
    }  # fmt: skip
    return _dialog(request, at, context, status)


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def retire_version(request: HttpRequest, dialogue_id: int, number: int) -> HttpResponseBase:
    """Take a version out before its day."""
    at = panel.load(request, dialogue_id, number)
    try:
        retire(actor=request.user, now=timezone.localtime(), version=at.version)
    except VersionInForce as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Version %(n)s will not start") % {"n": number})
    return _go(request, at.url())
