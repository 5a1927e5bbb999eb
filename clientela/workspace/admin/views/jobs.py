"""The job monitor and the acts on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clientela.foundation.ids import id_of
from clientela.foundation.jobs.models import Job
from clientela.foundation.outbox.models import Delivery
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.workspace.admin import monitor


def _chosen(request: HttpRequest) -> Job | None:
    number = id_of(request.GET.get("job"))
    if number is None:
        return None
    return get_object_or_404(Job.objects.select_related("created_by"), pk=number)


@requires(Permission.JOBS_READ)
@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """Health, regular jobs, asked jobs and failed reactions; ``part`` asks for the changing piece only."""
    now = timezone.now()
    job = _chosen(request)
    context: dict[str, Any] = {
        "now": now,
        "share": monitor.share_of_day(now),
        "health": monitor.health(now),
        "regular": monitor.regular(now),
        "asked": [(one, monitor.percent(one)) for one in monitor.asked()],
        "failed": monitor.failed_deliveries(),
        "job": job,
        "may_write": caller(request).can(Permission.JOBS_WRITE),
    }
    if job is not None:
        context |= {
            "percent": monitor.percent(job),
            "left": monitor.time_left(job, now),
            "words": monitor.last_line(job.error),
            "seconds": monitor.duration(job),
        }
    template = "jobs/parts/monitor.html" if request.GET.get("part") else "jobs/monitor.html"
    return render(request, template, context)


def _done(request: HttpRequest, act: Callable[[], Any], said: str, job_id: int | None = None) -> HttpResponse:
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    back = reverse("jobs:monitor")
    return redirect(f"{back}?job={job_id}" if job_id else back)


def _steer(request: HttpRequest, job_id: int, act: str, said: str) -> HttpResponse:
    job = get_object_or_404(Job, pk=job_id)
    return _done(
        request,
        lambda: monitor.steer(actor=caller(request), now=timezone.now(), job=job, act=act),
        said,
        job_id,
    )


@requires(Permission.JOBS_WRITE)
@require_POST
def pause(request: HttpRequest, job_id: int) -> HttpResponse:
    return _steer(request, job_id, "pause", _("It will pause after the piece in hand."))


@requires(Permission.JOBS_WRITE)
@require_POST
def go_on(request: HttpRequest, job_id: int) -> HttpResponse:
    return _steer(request, job_id, "resume", _("It goes on from where it stopped."))


@requires(Permission.JOBS_WRITE)
@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    return _steer(request, job_id, "cancel", _("It will stop after the piece in hand."))


@requires(Permission.JOBS_WRITE)
@require_POST
def start(request: HttpRequest, job_id: int) -> HttpResponse:
    """Run a regular job now."""
    job = get_object_or_404(Job, pk=job_id)
    return _done(
        request,
        lambda: monitor.start(actor=caller(request), now=timezone.now(), job=job),
        _("It is in the queue."),
    )


@requires(Permission.JOBS_WRITE)
@require_POST
def retry(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Let a failed reaction try again."""
    delivery = get_object_or_404(Delivery.objects.select_related("event"), pk=delivery_id)
    return _done(
        request,
        lambda: monitor.retry_delivery(actor=caller(request), now=timezone.now(), delivery=delivery),
        _("It will try again now."),
    )
