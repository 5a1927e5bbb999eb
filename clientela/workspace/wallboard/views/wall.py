"""The wallboard: for who is signed in, and by a secret address for a screen without anybody."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.routing.history import screen_of, screens_for
from clientela.modules.routing.operations.screens import covers, make_screen, revoke_screen
from clientela.workspace.wallboard import wall
from clientela.workspace.wallboard.line import Line, choices, line_of, line_of_screen


def found_line(request: HttpRequest) -> Line:
    """The line of the address."""
    return line_of(caller(request), request.GET.get("queue", ""), timezone.now())


@require_safe
@requires(Permission.LINE_READ)
def board(request: HttpRequest) -> HttpResponse:
    """Figures of the day, who waits, who does what; large enough for a wall."""
    line, user = found_line(request), caller(request)
    context = wall.context(line, names=True) | {
        "choices": choices(user, line, reverse("wallboard:board")), "dark": not request.COOKIES.get("theme"),
        "may_run": user.can(Permission.LINE_RUN), "live": "calls presence", "again": 20,
    }  # fmt: skip
    return render(request, "wallboard/wall.html", context)


@require_safe
def screen(request: HttpRequest, token: str) -> HttpResponse:
    """The same figures without a name in them, until the screen is taken back."""
    row = screen_of(token)
    if row is None:
        raise Http404
    line = line_of_screen(row.queue, timezone.now())
    context = wall.context(line, names=False) | {"dark": True, "live": "", "again": 10}
    response = render(request, "wallboard/wall.html", context)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _screens(request: HttpRequest, line: Line, **more: Any) -> HttpResponse:
    user = caller(request)
    rows = [row for row in screens_for(user) if row.queue == line.queue]
    context = {"line": line, "rows": rows, "may_make": covers(user, line.queue), **more}
    return render(request, "wallboard/screens.html", context, status=422 if more.get("wrong") else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.LINE_RUN)
def screens(request: HttpRequest) -> HttpResponse:
    """Screens of the line; a new one tells its address once."""
    line = found_line(request)
    if request.method != "POST":
        return _screens(request, line)
    if not covers(caller(request), line.queue):
        raise Http404
    try:
        _row, token = make_screen(
            actor=caller(request), now=line.now, name=request.POST.get("name", ""), queue=line.queue
        )
    except ValidationError as error:
        return _screens(request, line, wrong=" ".join(error.messages))
    made = request.build_absolute_uri(reverse("wallboard:screen", args=[token]))
    return _screens(request, line, made=made)


@require_POST
@requires(Permission.LINE_RUN)
def revoke(request: HttpRequest, screen_id: int) -> HttpResponse:
    """The screen shows nothing from now on."""
    row = get_object_or_404(screens_for(caller(request)), pk=screen_id)
    revoke_screen(actor=caller(request), now=timezone.now(), screen=row)
    response = HttpResponse()
    return trigger_client_event(response, "toast", {"text": _("The screen is off"), "kind": "good"})
