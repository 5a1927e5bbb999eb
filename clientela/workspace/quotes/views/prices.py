"""Pricing the next terms of a window of days: how many there are, the run, and what became of earlier ones."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from clientela.foundation.dates import local_today
from clientela.foundation.jobs.models import Job
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.quotes.operations import begin_prices
from clientela.modules.quotes.operations.price_runs import KIND, RUNNING
from clientela.modules.quotes.operations.renewal_prices import expiring
from clientela.workspace.quotes.forms import PricesForm

AHEAD = timedelta(days=60)
SHOWN = 10


def _counts(job: Job, words: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"label": label, "count": count}
        for name, label in words.items()
        if (count := (job.parts or {}).get(name))
    ]


def _runs() -> list[dict[str, Any]]:
    words = {
        "made": _("prepared"), "repriced": _("price changed"), "as it was": _("as it was"), "not known": _("facts are missing"),
        "out of tariff": _("outside the tariff"), "no tariff": _("no tariff"), "asked": _("classes asked of the registry"),
    }  # fmt: skip
    lacks = {
        "lacks class": _("class of a driver"), "lacks drivers": _("age, experience or names of drivers"),
        "lacks territory": _("territory of the town"), "lacks answers": _("answers to the product's questions"),
    }  # fmt: skip
    states = {
        "queued": pgettext("job", "Waits"), "running": pgettext("job", "Under way"), "paused": pgettext("job", "Stopped"),
        "done": pgettext("job", "Done"), "failed": pgettext("job", "Broke off"), "cancelled": pgettext("job", "Given up"),
    }  # fmt: skip
    return [
        {
            "job": job, "state": states[job.state], "open": job.state in RUNNING, "since": date.fromisoformat(job.args["since"]),
            "until": date.fromisoformat(job.args["until"]), "percent": min(100, 100 * (job.done or 0) // max(1, job.total or 1)),
            "parts": _counts(job, words), "lacks": _counts(job, lacks),
        }
        for job in Job.objects.filter(kind=KIND).select_related("created_by").order_by("-id")[:SHOWN]
        if {"since", "until"} <= set(job.args)
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.SCHEDULES_WRITE)
def prices(request: HttpRequest) -> HttpResponse:
    """The window as a form with its count, and the runs; the newest tells how far it is."""
    today = local_today(settings.TIME_ZONE, timezone.now())
    usual = {"since": today, "until": today + AHEAD}
    form = PricesForm(request.POST if request.method == "POST" else request.GET or usual)
    valid = form.is_valid()
    if request.method == "POST" and valid:
        try:
            begin_prices(actor=caller(request), now=timezone.now(), **form.cleaned_data)
            return redirect("quotes:prices")
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
    window = form.cleaned_data if valid else {}
    count = expiring(window["since"], window["until"]).count() if {"since", "until"} <= set(window) else None
    runs = _runs()
    context = {"form": form, "count": count, "runs": runs, "busy": any(one["open"] for one in runs)}
    part = request.htmx and request.htmx.target == "price-runs"  # type: ignore[attr-defined]
    template = "quotes/parts/price_runs.html" if part else "quotes/prices.html"
    return render(request, template, context, status=422 if form.errors and request.method == "POST" else 200)
