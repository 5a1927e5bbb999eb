"""The list of schedules, and a new one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contacts.models import Channel
from clientela.modules.renewals.models import Schedule
from clientela.modules.renewals.operations.schedules import create_schedule
from clientela.workspace.schedules import diff, words
from clientela.workspace.schedules.forms import ScheduleForm
from clientela.workspace.schedules.queries import versions as reads
from clientela.workspace.schedules.track import SPAN, position


@require_GET
@requires(Permission.RENEWALS_READ)
def schedules(request: HttpRequest) -> HttpResponse:
    """Every schedule: what is in force, what comes, where its steps stand. Tomorrow's figures come as a fragment."""
    today = timezone.localdate()
    rows = [_row(known) for known in reads.schedules(today)]
    may_write = request.user.can(Permission.SCHEDULES_WRITE)  # type: ignore[union-attr]
    return render(request, "schedules/list.html", {"rows": rows, "may_write": may_write, "today": today})


def _row(known: reads.Versions) -> dict[str, Any]:
    shown = known.in_force or known.shown
    steps = reads.steps_of(shown) if shown else []
    next_one = known.coming or known.draft
    base = known.base_of(next_one) if next_one else None
    changes = (
        diff.count(diff.differences(reads.steps_of(base), reads.steps_of(next_one)))
        if next_one and base
        else 0
    )
    return {
        "schedule": known.schedule,
        "in_force": known.in_force,
        "next": next_one,
        "next_kind": known.kind(next_one) if next_one else "",
        "changes": changes,
        "steps": steps,
        "by_channel": _channels(steps),
        "marks": _marks(steps),
        "periods": [
            {
                "left": position(min(step.day, SPAN), SPAN),
                "width": round(position(step.until_day, SPAN) - position(min(step.day, SPAN), SPAN), 2),
            }
            for step in steps
            if step.channel == Channel.ROBOT and step.until_day is not None and step.until_day < step.day
        ],
    }


def _channels(steps: list[Any]) -> list[dict[str, Any]]:
    found: dict[str, int] = {}
    for step in steps:
        found[step.channel] = found.get(step.channel, 0) + 1
    return [{"code": code, "name": words.channel_name(code), "count": count} for code, count in found.items()]


def _marks(steps: list[Any]) -> list[dict[str, Any]]:
    days: dict[int, list[str]] = {}
    for step in steps:
        if step.channel == Channel.ROBOT:
            continue
        channels = days.setdefault(min(step.day, SPAN), [])
        if step.channel not in channels:
            channels.append(step.channel)
    return [{"day": day, "left": position(day, SPAN), "channels": channels} for day, channels in days.items()]


@require_http_methods(["GET", "POST"])
@requires(Permission.SCHEDULES_WRITE)
def create(request: HttpRequest) -> HttpResponseBase:
    """A new schedule with an empty draft."""
    form = ScheduleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        version = create_schedule(
            actor=request.user, now=timezone.now(), code=_free_code(), name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
        )  # fmt: skip
        messages.success(request, _("Schedule made: add its first step"))
        url = reverse("schedules:editor", args=[version.schedule_id])
        return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]
    context = {
        "title": _("New schedule"), "form": form, "back": reverse("schedules:list"),
        "body": "schedules/dialogs/create.html",
    }  # fmt: skip
    template = "schedules/dialogs/modal.html" if request.htmx else "schedules/dialogs/page.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=422 if form.errors else 200)


def _free_code() -> str:
    taken, number = set(Schedule.objects.values_list("code", flat=True)), 1
    while f"schedule-{number}" in taken:
        number += 1
    return f"schedule-{number}"
