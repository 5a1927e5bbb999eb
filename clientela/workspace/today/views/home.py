"""The page of the day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.today import page
from clientela.workspace.today.queries.health import health


@require_GET
@requires(Permission.RENEWALS_READ)
def home(request: HttpRequest) -> HttpResponse:
    """The queue of the person; for administrators and auditors how the system is."""
    part = bool(request.htmx) and request.htmx.target == "today"  # type: ignore[attr-defined]
    if request.user.role in page.HEALTH_ROLES:  # type: ignore[union-attr,operator]
        today, now = timezone.localdate(), timezone.now()
        found = health(today=today, now=now)
        context = {
            "health": found,
            "stuck": found.is_stuck(now),
            "day_words": page.day_words(today),
            "today": today,
        }
        return render(request, "today/parts/health.html" if part else "today/health.html", context)
    context = page.context(request.user, request.GET.get("show", ""))
    return render(request, "today/parts/queue.html" if part else "today/today.html", context)
