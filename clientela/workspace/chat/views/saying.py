"""Writing: the composer, messages, drafts, files."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from clientela.foundation.ids import id_of
from clientela.foundation.private_files import private_download
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.chat import queries
from clientela.modules.chat.models import Message, Room
from clientela.modules.chat.operations import messages, reactions, rooms
from clientela.modules.chat.rules import REACTIONS

SAID = "said-changed"


def form_context(say_url: str, **values: Any) -> dict[str, Any]:
    """An empty composer that posts to ``say_url``."""
    return {"say_url": say_url, "text": "", "error": "", "editing": None, "answering": None} | values


def composer_context(request: HttpRequest, room: Room, **values: Any) -> dict[str, Any]:
    """The composer of a room with the person's draft."""
    row = room.memberships.filter(user=caller(request)).first()
    context = form_context(reverse("chat:say", args=[room.pk]), room=room, text=row.draft if row else "")
    return context | values


def _message(room: Room, text: str | None) -> Message | None:
    number = id_of(text)
    rows = Message.objects.filter(room=room, deleted_at=None).select_related("author")
    return rows.filter(pk=number).first() if number else None


def _room(request: HttpRequest, room_id: int) -> Room:
    return get_object_or_404(Room.objects.visible_to(request.user), pk=room_id)


@require_safe
@requires(Permission.CHAT_USE)
def composer(request: HttpRequest, room_id: int) -> HttpResponse:
    """The composer: to answer a message, to change an own one or the last own one, or plain."""
    room, user, now = _room(request, room_id), caller(request), timezone.now()
    editing = _message(room, request.GET.get("edit"))
    if request.GET.get("edit") == "last":
        own = Message.objects.filter(room=room, author=user, deleted_at=None)
        editing = own.order_by("-number").first()
    context = composer_context(request, room, focus=True)
    if editing is not None and editing.may_change(user, now):
        context |= {"editing": editing, "text": editing.text}
    else:
        context |= {"answering": _message(room, request.GET.get("answer"))}
    return render(request, "chat/composer.html", context)


@require_POST
@requires(Permission.CHAT_USE)
def say(request: HttpRequest, room_id: int) -> HttpResponseBase:
    """Write, answer, or change an own message."""
    room = _room(request, room_id)
    return _said(request, room) or redirect("chat:room", room.pk)


def first_words(request: HttpRequest, make: Callable[[], Room]) -> HttpResponseBase:
    """The first message makes its room, which is shown then; a refused one makes nothing."""
    with transaction.atomic():
        room = make()
        refused = _said(request, room, again=request.path)
        if refused is not None and refused.status_code == 422:
            transaction.set_rollback(True)
            return refused
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("chat:room", room.pk)
    if room.kind == Room.Kind.RECORD and "/chat/" not in request.headers.get("HX-Current-URL", ""):
        return trigger_client_event(HttpResponse(status=204), "discussion-begun", {})
    return HttpResponseClientRedirect(reverse("chat:room", args=[room.pk]))


def _said(request: HttpRequest, room: Room, *, again: str = "") -> HttpResponse | None:
    """The composer after the act; None for a plain form that went well."""
    text, now, user = request.POST.get("text", ""), timezone.now(), caller(request)
    editing, answering = _message(room, request.POST.get("edit")), _message(room, request.POST.get("answer"))
    try:
        if editing is not None:
            messages.edit(actor=user, now=now, message=editing, text=text)
        else:
            messages.say(
                actor=user, now=now, room=room, text=text, files=request.FILES.getlist("files"),
                reply_to=answering.pk if answering else None,
            )  # fmt: skip
    except Refusal as refusal:
        tried = {"text": text, "error": str(refusal), "editing": editing, "answering": answering}
        context = form_context(again, **tried) if again else composer_context(request, room, **tried)
        return render(request, "chat/composer.html", context, status=422)
    if not request.htmx:  # type: ignore[attr-defined]
        return None
    response = render(request, "chat/composer.html", composer_context(request, room, focus=True))
    return trigger_client_event(response, SAID, {}, after="settle")


@require_POST
@requires(Permission.CHAT_USE)
def draft(request: HttpRequest, room_id: int) -> HttpResponse:
    """Keep what was begun; what is being changed is no draft."""
    if not request.POST.get("edit"):
        rooms.keep_draft(
            actor=request.user,
            now=timezone.now(),
            room=_room(request, room_id),
            text=request.POST.get("text", ""),
        )
    return HttpResponse(status=204)


def _own(request: HttpRequest, said_id: int) -> Message:
    message = queries.message_of(request.user, said_id)
    if message is None or message.author_id != caller(request).pk:
        raise Http404
    return message


def _changed(
    request: HttpRequest, message: Message, text: str, undo: str = "", kind: str = "good"
) -> HttpResponseBase:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("chat:room", message.room_id)
    response = HttpResponse(status=204)
    toast = {"text": text, "kind": kind} | ({"undo_url": undo} if undo else {})
    trigger_client_event(response, "toast", toast)
    return trigger_client_event(response, SAID, {})


@require_POST
@requires(Permission.CHAT_USE)
def delete(request: HttpRequest, said_id: int) -> HttpResponseBase:
    """Take own words back; may be undone."""
    message = _own(request, said_id)
    try:
        messages.delete(actor=request.user, now=timezone.now(), message=message)
    except Refusal as refusal:
        return _changed(request, message, str(refusal), kind="bad")
    return _changed(request, message, _("The message is deleted"), reverse("chat:restore", args=[message.pk]))


@require_POST
@requires(Permission.CHAT_USE)
def restore(request: HttpRequest, said_id: int) -> HttpResponseBase:
    """Bring own words back."""
    message = _own(request, said_id)
    try:
        messages.restore(actor=request.user, now=timezone.now(), message=message)
    except Refusal as refusal:
        return _changed(request, message, str(refusal), kind="bad")
    return _changed(request, message, _("The message is back"))


@require_safe
@requires(Permission.CHAT_USE)
def reacting(request: HttpRequest, said_id: int) -> HttpResponse:
    """The few signs to choose from."""
    message = queries.message_of(request.user, said_id)
    if message is None:
        raise Http404
    return render(request, "chat/reacting.html", {"message": message, "choice": REACTIONS})


@require_POST
@requires(Permission.CHAT_USE)
def react(request: HttpRequest, said_id: int) -> HttpResponseBase:
    """Put a sign under a message, or take it away."""
    message = queries.message_of(request.user, said_id)
    if message is None:
        raise Http404
    try:
        reactions.react(
            actor=request.user, now=timezone.now(), message=message, emoji=request.POST.get("emoji", "")
        )
    except Refusal as refusal:
        return _changed(request, message, str(refusal), kind="bad")
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("chat:room", message.room_id)
    return trigger_client_event(HttpResponse(status=204), SAID, {})


@require_safe
@requires(Permission.CHAT_USE)
def download(request: HttpRequest, chat_file_id: int) -> FileResponse:
    """A file of a room the person may see."""
    found = queries.file_of(request.user, chat_file_id)
    if found is None:
        raise Http404
    return private_download(found.file, found.name)
