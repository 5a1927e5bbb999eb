"""Two versions side by side: starting, watching, the lists behind the figures, choosing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.renewals.models import Experiment, Schedule
from clientela.modules.renewals.operations.experiments import (
    BadExperiment,
    ExperimentEnded,
    end_experiment,
    start_experiment,
)
from clientela.modules.renewals.queries.experiments import SIDES, Results, results_of, terms_behind
from clientela.modules.renewals.queries.planning import first_free_day
from clientela.workspace.renewals.rows import contract_of
from clientela.workspace.schedules import comparison
from clientela.workspace.schedules.experiment_forms import EndForm, StartForm
from clientela.workspace.schedules.queries.experiments import candidates, experiments_of
from clientela.workspace.schedules.queries.versions import versions_of
from clientela.workspace.schedules.views.figures import MOST_ROWS, RELATED


def _one(schedule_id: int, pk: int) -> Experiment:
    rows = Experiment.objects.select_related("schedule", "control", "candidate", "created_by", "ended_by")
    return get_object_or_404(rows, schedule=schedule_id, pk=pk)


def _url(schedule_id: int, name: str = "experiments", *args: Any) -> str:
    return reverse(f"schedules:{name}", args=[schedule_id, *args])


@require_GET
@requires(Permission.RENEWALS_READ)
def experiments(request: HttpRequest, schedule_id: int, pk: int | None = None) -> HttpResponse:
    """One experiment of a schedule, without ``pk`` the newest, and the ones before it."""
    schedule, today = get_object_or_404(Schedule, pk=schedule_id), timezone.localdate()
    rows = experiments_of(schedule)
    shown = next((row for row in rows if pk in (None, row.pk)), None)
    if pk is not None and shown is None:
        raise Http404
    context = {
        "schedule": schedule, "rows": rows, "shown": shown, "today": today,
        "stage": comparison.stage(shown, today) if shown else None,
        "is_open": shown is not None and shown.ended_from is None,
        "may_start": all(row.ended_from is not None for row in rows),
        "may_write": request.user.can(Permission.SCHEDULES_WRITE),  # type: ignore[union-attr]
        "back": _url(schedule_id, "editor"), "start_url": _url(schedule_id, "start_experiment"),
        "end_url": _url(schedule_id, "end_experiment", shown.pk) if shown else "",
    }  # fmt: skip
    return render(request, "schedules/experiments.html", context)


@require_GET
@requires(Permission.RENEWALS_READ)
def figures(request: HttpRequest, schedule_id: int, pk: int) -> HttpResponse:
    """The counts and rates of both sides: the whole table, or with ``brief`` the line over the editor."""
    shown, today = _one(schedule_id, pk), timezone.localdate()
    found = results_of(request.user, shown, today=today)
    rates = comparison.rates(found)
    context = {
        "shown": shown, "rates": rates, "main": rates[0], "found": found, "counts": _counts(found),
        "terms_url": _url(schedule_id, "experiment_terms", pk), "stage": comparison.stage(shown, today),
        "more": [_more(rate) for rate in rates], "page_url": _url(schedule_id, "experiment", pk),
        "has_begun": today >= shown.first_day, "share_a": 100 - shown.share,
    }  # fmt: skip
    brief = "brief" in request.GET
    return render(request, f"schedules/parts/experiment_{'line' if brief else 'figures'}.html", context)


def _counts(found: Results) -> list[dict[str, Any]]:
    labels = {
        "clients": _("Clients"), "terms": _("Contracts"), "sent": _("Messages sent"), "calls": _("Calls made"),
        "ended": _("Contracts ended"),
    }  # fmt: skip
    rows = [
        {
            "what": what,
            "label": label,
            "cells": [(side, getattr(getattr(found, side), what)) for side in SIDES],
        }
        for what, label in labels.items()
    ]
    return [row for row in rows if row["what"] != "calls" or any(count for _side, count in row["cells"])]


def _more(rate: comparison.Rate) -> dict[str, Any]:
    sides = zip(SIDES, (rate.difference.a, rate.difference.b), strict=True)
    return {
        "rate": rate,
        "cells": [
            {"side": side, "count": p.count, "total": p.total, "share": comparison.percent(p.share),
             "spread": " … ".join(comparison.percent(bound) for bound in p.interval)}
            for side, p in sides
        ],
        "points": 100 * rate.difference.value, "spread": comparison.spread(rate.difference.interval),
        "p": comparison.p_words(rate.difference.p_value),
    }  # fmt: skip


@require_GET
@requires(Permission.RENEWALS_READ)
def terms(request: HttpRequest, schedule_id: int, pk: int) -> HttpResponse:
    """The contracts behind one figure of one side."""
    shown, today = _one(schedule_id, pk), timezone.localdate()
    side, what = request.GET.get("side", ""), request.GET.get("what", "")
    titles = {
        "clients": _("Clients of version %(n)s"), "terms": _("Contracts of version %(n)s"),
        "sent": _("Version %(n)s: sent"), "delivered": _("Version %(n)s: delivered"),
        "replied": _("Version %(n)s: replied"), "calls": _("Version %(n)s: called"),
        "ended": _("Version %(n)s: ended"), "renewed": _("Version %(n)s: renewed by the end"),
    }  # fmt: skip
    if side not in SIDES or what not in titles:
        raise Http404
    version = shown.candidate if side == "b" else shown.control
    behind = terms_behind(request.user, shown, side, what, today=today)
    found = list(behind.select_related(*RELATED).order_by("end_date", "id")[: MOST_ROWS + 1])
    title = titles[what] % {"n": version.number}
    context = {
        "title": title, "sub": shown.schedule.name, "most": MOST_ROWS, "more": len(found) > MOST_ROWS,
        "back": _url(schedule_id, "experiment", pk), "column": _("State"),
        "rows": [
            {"term": term, "name": term.client.name, "contract": contract_of(term),
             "left": (term.end_date - today).days, "note": term.get_state_display()}
            for term in found[:MOST_ROWS]
        ],
    }  # fmt: skip
    template = "schedules/parts/terms.html" if request.htmx else "schedules/terms.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SCHEDULES_WRITE)
def start(request: HttpRequest, schedule_id: int) -> HttpResponseBase:
    """Choose version B, its share and the days."""
    versions = versions_of(get_object_or_404(Schedule, pk=schedule_id), timezone.localdate())
    offered = candidates(versions)
    wanted = request.GET.get("version", "")
    chosen = (
        int(wanted) if wanted.isdecimal() and len(wanted) < 6 else next((v.number for v in offered), None)
    )
    form = StartForm(
        request.POST if request.method == "POST" else None, versions=offered, chosen=chosen,
        earliest=first_free_day(timezone.localdate()),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        version = versions.get(data["version"])
        assert version is not None
        try:
            made = start_experiment(
                actor=request.user, now=timezone.now(), version=version, first_day=data["first_day"],
                last_day=data["last_day"], share=data["share"],
            )  # fmt: skip
        except BadExperiment as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("The experiment is set"))
            return _go(request, _url(schedule_id, "experiment", made.pk))
    context = {
        "title": _("Start an experiment"), "form": form, "body": "schedules/dialogs/start_experiment.html",
        "in_force": versions.in_force, "offered": offered, "back": _url(schedule_id),
        "action": _url(schedule_id, "start_experiment"),
        "draft_url": _url(schedule_id, "draft", versions.in_force.number) if versions.in_force else "",
    }  # fmt: skip
    return _dialog(request, context, form.errors)


@require_http_methods(["GET", "POST"])
@requires(Permission.SCHEDULES_WRITE)
def end(request: HttpRequest, schedule_id: int, pk: int) -> HttpResponseBase:
    """Choose the version that stays, from which day, and why; also to stop early."""
    shown, today = _one(schedule_id, pk), timezone.localdate()
    form = EndForm(request.POST if request.method == "POST" else None, earliest=first_free_day(today))
    if request.method == "POST" and form.is_valid():
        try:
            end_experiment(actor=request.user, now=timezone.now(), experiment=shown, **form.cleaned_data)
        except BadExperiment as refusal:
            form.add_error(refusal.field, str(refusal))
        except ExperimentEnded as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The experiment is ended"))
            return _go(request, _url(schedule_id, "experiment", pk))
    names = {"a": shown.control.number, "b": shown.candidate.number}
    context = {
        "title": _("End the experiment"), "form": form, "body": "schedules/dialogs/end_experiment.html",
        "back": _url(schedule_id, "experiment", pk), "action": _url(schedule_id, "end_experiment", pk),
        "shown": shown, "names": names, "main": comparison.rates(results_of(request.user, shown, today=today))[0],
        "early": comparison.stage(shown, today)["css"] != "warn",
    }  # fmt: skip
    return _dialog(request, context, form.errors)


def _go(request: HttpRequest, url: str) -> HttpResponseBase:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]


def _dialog(request: HttpRequest, context: dict[str, Any], errors: Any) -> HttpResponse:
    template = "schedules/dialogs/modal.html" if request.htmx else "schedules/dialogs/page.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=422 if errors else 200)
