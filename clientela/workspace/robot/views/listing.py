"""The dialogues, and what the robot does today."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.robot.models import Attempt, Dialogue, Pause, RobotCall
from clientela.modules.robot.operations.requests import pause, resume
from clientela.modules.robot.queries.dialogues import versions_of
from clientela.modules.robot.queries.figures import figures

SHOWN = 100


@require_GET
@requires(Permission.RENEWALS_READ)
def dialogues(request: HttpRequest) -> HttpResponse:
    """Every dialogue with its figures, the calls of today, and whether the robot is paused."""
    now, today = timezone.now(), timezone.localdate()
    rows: list[dict[str, Any]] = []
    for dialogue in Dialogue.objects.all():
        known = versions_of(dialogue, today)
        rows.append(
            {"dialogue": dialogue, "known": known, "figures": figures(request.user, dialogue, now=now)}
        )
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    calls = RobotCall.objects.visible_to(request.user)
    waiting = calls.filter(state=RobotCall.State.WAITING, next_at__lt=start + timedelta(days=1))
    done = calls.filter(ended_at__gte=start)
    live = calls.live()
    shown = [
        *live.select_related("client").order_by("id")[:SHOWN],
        *waiting.select_related("client").order_by("next_at", "id")[:SHOWN],
        *done.select_related("client").order_by("-ended_at")[:SHOWN],
    ][:SHOWN]
    context = {
        "rows": rows, "calls": shown, "live": live.count(), "waiting": waiting.count(),
        "outcomes": list(done.exclude(outcome="").order_by().values_list("outcome").annotate(n=Count("id"))),
        "rung": Attempt.objects.filter(call__in=calls, rung_at__gte=start).count(),
        "pause": Pause.objects.select_related("by").filter(ended_at=None).first(),
        "may_write": request.user.can(Permission.SCHEDULES_WRITE),  # type: ignore[union-attr]
    }  # fmt: skip
    return render(request, "robot/list.html", context)


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def pause_robot(request: HttpRequest) -> HttpResponseBase:
    """Ring nobody until somebody lets it go on."""
    pause(actor=request.user, now=timezone.now(), reason=request.POST.get("reason", ""))
    messages.success(request, _("The robot rings nobody now"))
    return redirect("robot:list")


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def resume_robot(request: HttpRequest) -> HttpResponseBase:
    """Let the robot call again."""
    resume(actor=request.user, now=timezone.now())
    messages.success(request, _("The robot calls again"))
    return redirect("robot:list")
