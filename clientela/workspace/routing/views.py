"""Pages of routing: people and what they take, queues and their times, and one's own state."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.routing.operations import change_queue, change_station, set_state
from clientela.modules.routing.queries import (
    presence_of,
    queue_names,
    queue_of,
    queue_rules,
    queues_visible_to,
)
from clientela.workspace.routing import queries, words
from clientela.workspace.routing.forms import QueueForm, StationForm

PAGE = 50


def _tabs(current: str) -> list[dict[str, Any]]:
    names = {"people": _("People at work"), "queues": _("Queues")}
    return [
        {"label": label, "url": reverse(f"routing:{name}"), "current": name == current}
        for name, label in names.items()
    ]


@requires(Permission.ROUTING_WRITE)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Who is at work, in which state, with how much in hand, and what they can do."""
    now, name, serving = timezone.now(), request.GET.get("q", "").strip()[:80], request.GET.get("all") != "1"
    found = queries.people(caller(request), name=name, serving=serving)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [queries.row(user, now=now) for user in page.object_list]
    context = {
        "rows": [
            {
                "row": row, "state": words.state_mark(row.presence.state),
                "skills": words.skills(row.station.skills, settings.WORK_SKILLS_OF_ALL) if row.station else "",
                "load": 100 * row.station.load // max(row.station.capacity, 1) if row.station else 0,
            }
            for row in rows
        ],
        "page": page, "q": name, "serving": serving, "tabs": _tabs("people"),
    }  # fmt: skip
    return render(request, "routing/people.html", context)


@requires(Permission.ROUTING_WRITE)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """What a person takes: capacity, skills, the queue."""
    user = get_object_or_404(queries.people(caller(request)), pk=user_id)
    station = getattr(user, "station", None)
    form = StationForm(request.POST or None, person=user, station=station)
    if request.method == "POST" and form.is_valid():
        try:
            change_station(actor=caller(request), now=timezone.now(), person=user, **form.values())
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Kept: what %(name)s takes") % {"name": user})
            return redirect("routing:people")
    key = queue_of(user)
    context = {
        "form": form, "title": str(user), "back": reverse("routing:people"), "user_shown": user,
        "queue": words.queue_title(key, queue_names([key])[key]) if key else "",
    }  # fmt: skip
    return render(request, "routing/person.html", context, status=422 if form.errors else 200)


@requires(Permission.ROUTING_WRITE)
@require_GET
def queues(request: HttpRequest) -> HttpResponse:
    """The queues in sight: who waits, and when work leaves them."""
    rows = [
        {
            "row": row, "title": words.queue_title(row.key, row.name), "live": words.seconds(row.times.live_overflow),
            "letter": words.seconds(row.times.letter_overflow), "back": words.seconds(row.times.live_take_back),
        }
        for row in queries.queues(caller(request), now=timezone.now())
    ]  # fmt: skip
    return render(request, "routing/queues.html", {"rows": rows, "tabs": _tabs("queues")})


@requires(Permission.ROUTING_WRITE)
@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest, key: str) -> HttpResponse:
    """When work leaves one queue."""
    names = queues_visible_to(caller(request))
    if key not in names:
        raise Http404
    form = QueueForm(request.POST or None, times=queue_rules([key])[key])
    title = words.queue_title(key, names[key])
    if request.method == "POST" and form.is_valid():
        change_queue(actor=caller(request), now=timezone.now(), key=key, **form.values())
        messages.success(request, _("Kept: the times of the queue"))
        return redirect("routing:queues")
    context = {"form": form, "title": title, "back": reverse("routing:queues")}
    return render(request, "routing/queue.html", context, status=422 if form.errors else 200)


@requires(Permission.CONTACTS_WRITE)
@require_http_methods(["GET", "POST"])
def state(request: HttpRequest) -> HttpResponse:
    """One's own state: the switch of the person's menu, or its line in the navigation (``?part=line``)."""
    user, now = caller(request), timezone.now()
    if request.method == "POST":
        try:
            station = set_state(actor=user, now=now, state=request.POST.get("state", ""))
        except ValidationError as error:
            return HttpResponse(
                "\n".join(error.messages), status=400, content_type="text/plain; charset=utf-8"
            )
        if not request.htmx:  # type: ignore[attr-defined]
            back = request.POST.get("next", "")
            safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
            return redirect(back if safe else "/")
        context = words.own_state(user.pk, station.state)
    else:
        context = words.own_state(user.pk, presence_of([user.pk], now=now)[user.pk].state)
    part = "line" if request.GET.get("part") == "line" else "switch"
    response = render(request, f"routing/state_{part}.html", {"own_state": context})
    if request.method == "POST":
        trigger_client_event(response, "station-changed", {})
    return response
