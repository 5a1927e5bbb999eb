"""The page of the day."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.accounts.rules import Role
from clientela.workspace.today import page
from clientela.workspace.today.queries.health import health

View = Callable[[HttpRequest], HttpResponseBase]
# Everybody arrives at the root; these have no queue of terms and begin at their own work.
BEGIN_AT: dict[str, str] = {
    Role.PRODUCT_MANAGER: "product_pages:list",
    Role.UNDERWRITER: "underwriting:queue",
    Role.ADJUSTER: "claims:list",
}


def begins_elsewhere(view: View) -> View:
    """Send who has no day to the page of their own work."""

    @wraps(view)
    def arrive(request: HttpRequest) -> HttpResponseBase:
        place = BEGIN_AT.get(getattr(request.user, "role", ""))
        return redirect(place) if place else view(request)

    return arrive


@require_GET
@begins_elsewhere
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
