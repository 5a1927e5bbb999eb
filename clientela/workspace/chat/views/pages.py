"""Reading: the list of rooms, one of them, the discussion of a record."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.chat import queries, records
from clientela.modules.chat.models import Membership, Room
from clientela.modules.chat.operations import rooms
from clientela.workspace.chat import presence, words
from clientela.workspace.chat.views import saying
from clientela.workspace.renewals.keyset import Key, page_of

PAGE, THREAD, SHOWN_PEOPLE = 40, 40, 60
ORDER = (Key("at", datetime, descending=True), Key("id", descending=True))


def found_room(request: HttpRequest, room_id: int) -> Room:
    """The room if the person may see it, else 404."""
    return get_object_or_404(Room.objects.visible_to(request.user), pk=room_id)


def list_context(request: HttpRequest, open_id: int | None = None) -> dict[str, Any]:
    """The person's rooms, the newest talk first."""
    user = caller(request)
    rows = queries.rooms_of(user).annotate(at=F("room__last_at"))
    shown = Membership.objects.select_related("room__last_author")
    page = page_of(rows, ORDER, shown=shown, after=request.GET.get("after", ""), size=PAGE)
    names = queries.names_of(user, [row.room for row in page.rows])
    lines = [words.line(row, names.get(row.room_id), user) for row in page.rows]
    here = presence.online([line.person for line in lines if line.person])
    return {"lines": lines, "after": page.after, "open_id": open_id, "here": here, "me": user.pk}


def room_context(request: HttpRequest, room: Room, *, before: int | None = None) -> dict[str, Any]:
    """What was said, and who reads it; looking at the newest counts as having read it."""
    user, now = caller(request), timezone.now()
    rows = queries.messages_of(room)
    if before is not None:
        rows = rows.filter(number__lt=before)
    messages = list(rows.order_by("-number")[: THREAD + 1])
    more, messages = len(messages) > THREAD, messages[:THREAD][::-1]
    members = list(room.memberships.select_related("user").order_by("user__last_name", "pk")[:SHOWN_PEOPLE])
    names = {row.user_id: str(row.user) for row in members}
    readers = {row.user_id: row.read_number for row in members}
    mine = next((row for row in members if row.user_id == user.pk), None)
    if mine is None:
        mine = room.memberships.filter(user=user).first()
    name = queries.names_of(user, [room]).get(room.pk)
    if before is None and "X-Hidden" not in request.headers:
        rooms.mark_read(actor=user, now=now, room=room, number=room.last_number)
    return {
        "room": room,
        "name": name.title if name else "",
        "record_url": name.url if name else "",
        "person": name.person if name else None,
        "days": words.days(messages, user, now=now, readers=readers, names=names),
        "before": urlencode({"before": messages[0].number}) if more else "",
        "members": members,
        "mine": mine,
        "here": presence.online([row.user for row in members]),
        "is_owner": room.owner_id == user.pk,
        "me": user.pk,
    }


def whole(
    request: HttpRequest, context: dict[str, Any], open_id: int | None = None, status: int = 200
) -> HttpResponse:
    """The page of the chat with a room, or with none."""
    return render(request, "chat/page.html", context | list_context(request, open_id), status=status)


@require_safe
@requires(Permission.CHAT_USE)
def home(request: HttpRequest) -> HttpResponse:
    """The list, and what to do with it."""
    return whole(request, {})


@require_safe
@requires(Permission.CHAT_USE)
def listing(request: HttpRequest) -> HttpResponse:
    """The list again, or its next page."""
    context = list_context(request, id_of(request.GET.get("open")))
    return render(request, "chat/lines.html" if request.GET.get("after") else "chat/list.html", context)


@require_safe
@requires(Permission.CHAT_USE)
def found(request: HttpRequest) -> HttpResponse:
    """Messages of one's rooms with these words."""
    user, text = caller(request), request.GET.get("q", "")
    messages = queries.search(user, text, now=timezone.now())
    names = queries.names_of(user, {message.room for message in messages})
    hits = [
        {
            "message": one,
            "room": names[one.room_id].title if one.room_id in names else "",
            "text": words.text_of(one),
        }
        for one in messages
    ]
    context = {"q": text, "hits": hits, "me": user.pk}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "chat/found.html", context)
    return whole(request, context | {"finding": True})


@require_safe
@requires(Permission.CHAT_USE)
def room(request: HttpRequest, room_id: int) -> HttpResponse:
    """One room beside the list."""
    found = found_room(request, room_id)
    context = room_context(request, found)
    return whole(request, context | saying.composer_context(request, found), found.pk)


@require_safe
@requires(Permission.CHAT_USE)
def thread(request: HttpRequest, room_id: int) -> HttpResponse:
    """What was said, again or further back."""
    before = id_of(request.GET.get("before"))
    context = room_context(request, found_room(request, room_id), before=before)
    return render(request, "chat/said.html" if before else "chat/thread.html", context)


@require_safe
@requires(Permission.CHAT_USE)
def calling(request: HttpRequest, room_id: int) -> HttpResponse:
    """Who may be called in this room, for what was typed after @."""
    room = found_room(request, room_id)
    people = queries.people_for(room, caller(request), request.GET.get("q", "")[:60])
    return render(request, "chat/calling.html", {"people": [_option(person) for person in people]})


def _option(person: User) -> dict[str, Any]:
    """A namesake is called by the address."""
    same = User.objects.filter(
        first_name=person.first_name, last_name=person.last_name, is_active=True
    ).count()
    return {"person": person, "said": str(person) if same == 1 else person.email}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHAT_USE)
def with_person(request: HttpRequest, user_id: int) -> HttpResponseBase:
    """The room with a colleague; it is made by the first message."""
    user = caller(request)
    person = get_object_or_404(queries.colleagues(user), pk=user_id)
    pair = ":".join(str(pk) for pk in sorted([user.pk, person.pk]))
    known = Room.objects.visible_to(user).filter(pair=pair).first()
    if request.method == "POST":
        return saying.first_words(
            request, lambda: rooms.open_direct(actor=user, now=timezone.now(), person=person)
        )
    if known is not None:
        return redirect("chat:room", known.pk)
    context = {"person": person, "name": str(person), "here": presence.online([person]), "empty_room": True}
    return whole(request, context | saying.form_context(reverse("chat:with", args=[person.pk])))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHAT_USE)
def on_record(request: HttpRequest, record_kind: str, record_id: int) -> HttpResponseBase:
    """The discussion beside a record; it is made by the first message."""
    user = caller(request)
    if not records.may_see(user, record_kind, record_id):
        raise Http404
    known = Room.objects.visible_to(user).filter(record_type=record_kind, record_id=record_id).first()
    if request.method == "POST":
        about: dict[str, Any] = {"record_type": record_kind, "record_id": record_id}
        return saying.first_words(request, lambda: rooms.open_record(actor=user, now=timezone.now(), **about))
    if not request.htmx and known is not None:  # type: ignore[attr-defined]
        return redirect("chat:room", known.pk)
    if known is not None:
        context = room_context(request, known) | saying.composer_context(request, known)
        return render(request, "chat/panel.html", context)
    title, url = records.KINDS[record_kind].titles([record_id])[record_id]
    context = {"name": title, "record_url": url, "empty_room": True}
    context |= saying.form_context(reverse("chat:on", args=[record_kind, record_id]))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "chat/panel.html", context)
    return whole(request, context)
