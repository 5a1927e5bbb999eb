"""The page, what its grid asks for, and its side."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.calendar.models import Event
from clientela.modules.calendar.operations.reminding import keep_for, take_notices
from clientela.workspace.calendar import page
from clientela.workspace.calendar.forms import local_of

VIEWS = {"day": "timeGridDay", "week": "timeGridWeek", "month": "dayGridMonth", "agenda": "listWeek"}


def side_context(request: HttpRequest) -> dict[str, Any]:
    """The month at the side, invitations and reminders."""
    user, now = caller(request), timezone.now()
    today = local_today(user.time_zone, now)
    keep_for([user.pk], now=now)
    invited = page.waiting(user, now)
    language = get_language() or "ru"
    return {
        "month": page.month(day_of(request.GET.get("day", ""), today), today, language),
        "invited": [(row, page.when(row.one, user, language)) for row in invited],
        "rules": user.reminder_rules.all(),
    }


def day_of(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if 2000 <= day.year < 2100 else today


def whole(request: HttpRequest, **more: Any) -> HttpResponse:
    """The whole page; ``drawer`` is what stands open in it."""
    user = caller(request)
    kinds = [kind for kind in request.GET.getlist("kind") if kind in Event.Kind.values]
    chosen = request.GET.get("view", request.COOKIES.get("calendar", ""))
    context = side_context(request) | {
        "views": VIEWS,
        "view": chosen if chosen in VIEWS else "week",
        "kinds": [(value, label, value in kinds) for value, label in Event.Kind.choices],
        "zone": user.time_zone,
        "day": day_of(request.GET.get("day", ""), local_today(user.time_zone, timezone.now())),
    }
    return render(request, "calendar/page.html", context | more, status=more.get("status", 200))


@requires(Permission.CALENDAR_USE)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return whole(request)


@requires(Permission.CALENDAR_USE)
@require_GET
def side(request: HttpRequest) -> HttpResponse:
    """The pane at the right anew: another month, or something was answered."""
    return render(request, "calendar/parts/side.html", side_context(request))


@requires(Permission.CALENDAR_USE)
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """What the grid shows between two wall-clock times of the person."""
    user = caller(request)
    since = local_of(request.GET.get("start", ""), user.time_zone)
    until = local_of(request.GET.get("end", ""), user.time_zone)
    if since is None or until is None or not timedelta(0) < until - since <= page.LONGEST_LOOK:
        return JsonResponse([], safe=False, status=400)
    kinds = [kind for kind in request.GET.getlist("kind") if kind in Event.Kind.values]
    cells = page.grid(user, since, until, kinds, timezone.now())
    if not kinds and user.can(Permission.RENEWALS_READ):
        cells += page.terms(user, _date(since, user), _date(until, user))
    return JsonResponse(cells, safe=False)


def _date(moment: datetime, user: Any) -> date:
    return local_today(user.time_zone, moment)


@requires(Permission.CALENDAR_USE)
@require_POST
def notices(request: HttpRequest) -> HttpResponse:
    """Reminders that came while the page was open, as toasts."""
    response = HttpResponse(status=204)
    texts = take_notices(caller(request), now=timezone.now())
    if texts:
        trigger_client_event(response, "toast", {"value": [{"text": text, "kind": "info"} for text in texts]})
    return response
