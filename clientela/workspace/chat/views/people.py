"""Who is in a room: new talks and groups, members, leaving, muting."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from clientela.foundation.bulk import listed
from clientela.foundation.ids import ids_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.chat import queries
from clientela.modules.chat.models import Room
from clientela.modules.chat.operations import rooms
from clientela.workspace.chat import presence

SHOWN, MOST = 30, 250


def _group(request: HttpRequest, room_id: int) -> Room:
    rows = Room.objects.visible_to(request.user).filter(kind=Room.Kind.GROUP)
    return get_object_or_404(rows, pk=room_id)


def _choice(request: HttpRequest, without: Any = ()) -> dict[str, Any]:
    """Colleagues to choose from; who is chosen stays in sight."""
    user = caller(request)
    data = request.POST if request.method == "POST" else request.GET
    chosen = ids_of(data.getlist("people"), MOST)
    text = data.get("q", "")
    others = queries.colleagues(user).exclude(pk__in=listed(without))
    kept = list(queries.like(others.filter(pk__in=listed(chosen)), ""))
    shown = kept + list(queries.like(others.exclude(pk__in=listed(chosen)), text)[:SHOWN])
    return {"people": shown, "chosen": chosen, "q": text, "here": presence.online(shown)}


def _dialog(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    if request.GET.get("part"):
        return render(request, "chat/choice.html", context)
    template = "chat/people.html" if request.htmx else "chat/people_page.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHAT_USE)
def new(request: HttpRequest) -> HttpResponseBase:
    """Write to a colleague, or make a group."""
    context = _choice(request) | {
        "title": request.POST.get("title", ""),
        "act": reverse("chat:new"),
        "room": None,
    }
    if request.method != "POST":
        return _dialog(request, context)
    try:
        made = rooms.create_group(
            actor=request.user, now=timezone.now(), title=context["title"], people=context["chosen"]
        )
    except Refusal as refusal:
        return _dialog(request, context | {"error": str(refusal)}, status=422)
    return _to(request, made)


def _to(request: HttpRequest, room: Room) -> HttpResponseBase:
    url = reverse("chat:room", args=[room.pk])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHAT_USE)
def members(request: HttpRequest, room_id: int) -> HttpResponseBase:
    """Who is in a group; bring colleagues in; its owner gives it another name."""
    room, user, now = _group(request, room_id), caller(request), timezone.now()
    inside = User.objects.filter(rooms__room=room).order_by("last_name", "first_name", "pk")
    is_owner = room.owner_id == user.pk
    context = _choice(request, rooms.people_in(room)) | {
        "title": request.POST.get("title", room.title), "act": reverse("chat:people", args=[room.pk]), "room": room,
        "inside": list(inside), "is_owner": is_owner, "me": user.pk,
    }  # fmt: skip
    if request.method != "POST":
        return _dialog(request, context)
    try:
        rooms.add_people(actor=user, now=now, room=room, people=context["chosen"])
        if is_owner:
            rooms.rename(actor=user, now=now, room=room, title=context["title"])
    except Refusal as refusal:
        return _dialog(request, context | {"error": str(refusal)}, status=422)
    return _to(request, room)


@require_POST
@requires(Permission.CHAT_USE)
def remove(request: HttpRequest, room_id: int, user_id: int) -> HttpResponseBase:
    """Take somebody out of a group that one owns."""
    room = _group(request, room_id)
    if room.owner_id != caller(request).pk:
        raise Http404
    person = get_object_or_404(User.objects.filter(rooms__room=room), pk=user_id)
    rooms.remove_person(actor=request.user, now=timezone.now(), room=room, person=person)
    return _to(request, room)


@require_POST
@requires(Permission.CHAT_USE)
def leave(request: HttpRequest, room_id: int) -> HttpResponseBase:
    """Leave a group, or follow a discussion no longer."""
    rows = Room.objects.visible_to(request.user).exclude(kind=Room.Kind.DIRECT)
    room = get_object_or_404(rows, pk=room_id)
    rooms.leave(actor=request.user, now=timezone.now(), room=room)
    url = reverse("chat:home")
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]


@require_POST
@requires(Permission.CHAT_USE)
def mute(request: HttpRequest, room_id: int) -> HttpResponseBase:
    """Count and alert nothing of this room, or do again."""
    room = get_object_or_404(Room.objects.visible_to(request.user), pk=room_id)
    muted = request.POST.get("muted") == "1"
    rooms.mute(actor=request.user, now=timezone.now(), room=room, muted=muted)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("chat:room", room.pk)
    response = HttpResponse(status=204)
    text = (
        _("This room is silent now: it only tells you when you are called")
        if muted
        else _("This room tells you again")
    )
    trigger_client_event(response, "toast", {"text": text})
    return trigger_client_event(response, "said-changed", {})
