"""Drafts, what they change, and putting one in force."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from clientela.foundation.ui import formats
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.renewals.operations.schedules import (
    BadStart,
    VersionInForce,
    activate,
    make_draft,
    retire,
)
from clientela.modules.renewals.queries.planning import first_free_day
from clientela.modules.renewals.queries.texts import unfilled
from clientela.workspace.schedules import diff, panel, words
from clientela.workspace.schedules.forms import DayForm
from clientela.workspace.schedules.panel import Place
from clientela.workspace.schedules.queries.day_plan import day_plan
from clientela.workspace.schedules.queries.versions import DRAFT, steps_of
from clientela.workspace.schedules.views.loading import load

LAUNCH_AHEAD = 366
# Farther ahead the terms are not opened yet, and there is nothing to count on.
COUNTED_AHEAD = 15


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def draft(request: HttpRequest, schedule_id: int, number: int) -> HttpResponseBase:
    """Copy the version into the schedule's draft, or open the draft that is there."""
    versions, version = load(schedule_id, number)
    made = make_draft(actor=request.user, now=timezone.now(), version=version)
    at = panel.place(request, versions, version, request.POST.get("step", ""))
    return _go(request, at.url(version=made.number))


def _go(request: HttpRequest, url: str) -> HttpResponseBase:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]


@require_GET
@requires(Permission.RENEWALS_READ)
def changes(request: HttpRequest, schedule_id: int, number: int) -> HttpResponse:
    """Everything in which a version differs from the one it is compared with."""
    versions, version = load(schedule_id, number)
    at = panel.place(request, versions, version)
    context = {
        "at": at,
        "title": _("What version %(n)s changes") % {"n": version.number},
        "part": "changes",
        "wide": True,
    }
    return dialog(request, at, context | changes_context(at))


def changes_context(at: Place) -> dict[str, Any]:
    """The differences in words."""
    base, known = at.versions.base_of(at.version), words.names()
    found = diff.differences(steps_of(base), steps_of(at.version)) if base else []
    return {"base": base, "rows": [_row(change, known) for change in found], "changes": diff.count(found)}


def _row(change: diff.StepChange, known: words.Names) -> dict[str, Any]:
    return {
        "state": change.state,
        "step": change.step,
        "when": words.when(change.step),
        "changes": [_told(one, known) for one in change.changes],
    }


def _told(change: diff.Change, known: words.Names) -> dict[str, Any]:
    match change.kind:
        case "field":
            values = [words.field_value(change.name, value) for value in (change.before, change.after)]
            return {"label": words.field_name(change.name), "before": values[0], "after": values[1]}
        case "text":
            return {"label": words.field_name(change.name), "pieces": change.pieces}
    label = {
        "added": _("Condition added"), "removed": _("Condition removed"), "changed": _("Condition changed"),
    }[change.kind]  # fmt: skip
    before, after = (words.sentence(c, known) if c else "" for c in (change.before, change.after))
    return {"label": label, "before": before, "after": after}


def dialog(request: HttpRequest, at: Place, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A dialog over the editor; a page of its own without htmx."""
    template = "schedules/dialogs/modal.html" if request.htmx else "schedules/dialogs/page.html"  # type: ignore[attr-defined]
    context |= {"back": at.url(), "body": f"schedules/dialogs/{context['part']}.html"}
    return render(request, template, context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.SCHEDULES_WRITE)
def launch(request: HttpRequest, schedule_id: int, number: int) -> HttpResponseBase:
    """Put a draft in force: first the day, then what it changes on that day, then the act."""
    versions, version = load(schedule_id, number)
    at, today = panel.place(request, versions, version), timezone.localdate()
    given = request.POST if request.method == "POST" else request.GET if "day" in request.GET else None
    last = today + timedelta(days=LAUNCH_AHEAD)
    form = DayForm(given, first=first_free_day(today), last=last, label=_("First day of the version"))
    chosen = form.cleaned_data["day"] if given is not None and form.is_valid() else None
    error = ""
    if request.method == "POST" and chosen and not unfilled(steps_of(version)):
        try:
            activate(actor=request.user, now=timezone.localtime(), version=version, active_from=chosen)
        except (BadStart, VersionInForce) as refusal:
            error = str(refusal)
        else:
            day = formats.long_date(chosen, get_language() or "ru", today)
            messages.success(
                request, _("Version %(n)s starts on %(day)s") % {"n": version.number, "day": day}
            )
            return _go(request, at.url())
    problems = [{"step": step, "text": why} for step, why in unfilled(steps_of(version))]
    context = {
        "at": at, "title": _("Start version %(n)s") % {"n": version.number}, "part": "launch", "wide": True,
        "form": form, "chosen": chosen, "error": error, "problems": problems,
        "is_draft": versions.kind(version) == DRAFT, "action": at.of_version("launch"),
    }  # fmt: skip
    context |= changes_context(at)
    if chosen:
        context |= compared(request, at, day=chosen, today=today)
    failed = (
        bool(error)
        or (given is not None and not form.is_valid())
        or (request.method == "POST" and bool(problems))
    )
    return dialog(request, at, context, status=422 if failed else 200)


def compared(request: HttpRequest, at: Place, *, day: date, today: date) -> dict[str, Any]:
    """What the version would do on a day beside the version in force, step by step."""
    plan = day_plan(request.user, steps_of(at.version), day=day, today=today)
    base = at.versions.base_of(at.version)
    former = day_plan(request.user, steps_of(base), day=day, today=today) if base else None
    old = {p.step.key: p for p in former.steps} if former else {}
    rows: list[dict[str, Any]] = []
    for found in plan.steps:
        before = old.pop(found.step.key, None)
        rows.append({"step": found.step, "when": words.when(found.step), "now": found, "before": before})
    rows += [
        {"step": gone.step, "when": words.when(gone.step), "now": None, "before": gone}
        for gone in old.values()
    ]
    return {
        "day": day,
        "day_words": words.day_words(day, today),
        "plan_of_day": plan,
        "former": former,
        "plan_rows": rows,
        "held": words.reasons(plan.reasons()),
    }


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def retire_version(request: HttpRequest, schedule_id: int, number: int) -> HttpResponseBase:
    """Take a version out before its day."""
    versions, version = load(schedule_id, number)
    at = panel.place(request, versions, version)
    try:
        retire(actor=request.user, now=timezone.localtime(), version=version)
    except VersionInForce as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Version %(n)s will not start") % {"n": version.number})
    return _go(request, at.url())
