"""Talk among colleagues for other programs: what the screens do, within the same rooms."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.private_files import private_download
from clientela.foundation.refusals import FileRefused
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.chat import queries, schemas
from clientela.modules.chat.models import Membership, Message, Room
from clientela.modules.chat.operations import messages, reactions, rooms

router = Router(tags=["chat"])
for _refusal in (
    rooms.NoSuchPerson,
    rooms.Untitled,
    rooms.TooMany,
    messages.NothingSaid,
    messages.OtherRoom,
    reactions.NoSuchReaction,
):
    map_problem(_refusal, 422)
map_problem(rooms.OnlyOwner, 403)
map_problem(messages.TooLate, 409)
map_problem(FileRefused, 422)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _room(request: HttpRequest, room_id: int) -> Room:
    return get_object_or_404(Room.objects.visible_to(request.user), pk=room_id)


def _own(request: HttpRequest, said_id: int) -> Message:
    found = queries.message_of(request.user, said_id)
    if found is None or found.author_id != caller(request).pk:
        raise Http404
    return found


def _out(request: HttpRequest, room: Room, row: Membership | None = None) -> dict[str, Any]:
    user = caller(request)
    row = row or Membership.objects.filter(room=room, user=user).select_related("room").first()
    named = queries.names_of(user, [room]).get(room.pk)
    return _line(room, row, named)


def _line(room: Room, row: Membership | None, named: queries.Named | None) -> dict[str, Any]:
    return {
        "id": room.pk, "kind": room.kind, "title": named.title if named else "", "record_kind": room.record_type,
        "record_number": room.record_id, "last_at": room.last_at, "last_text": room.last_text,
        "unread": max(0, room.last_number - row.read_number) if row else 0,
        "is_called": row.is_called if row else False, "muted": row.muted if row else False,
    }  # fmt: skip


@router.get("/chat/rooms", response=Page[schemas.ChatRoomOut])
@requires(Permission.CHAT_USE)
def list_rooms(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Rooms one is in and discussions one follows, the newest talk first."""
    user = caller(request)
    rows = queries.rooms_of(user).select_related("room")
    page = page_of(rows, order=("-room__last_at", "-id"), cursor=cursor, limit=limit)
    names = queries.names_of(user, [row.room for row in page["items"]])
    return {
        "items": [_line(row.room, row, names.get(row.room_id)) for row in page["items"]],
        "next": page["next"],
    }


@router.post("/chat/rooms", response={201: schemas.ChatRoomOut})
@requires(Permission.CHAT_USE)
def open_room(request: HttpRequest, body: schemas.ChatRoomIn) -> Any:
    """Opens a talk: the one of two people or of a record is found if it is there."""
    if body.kind == "group":
        room = rooms.create_group(**_who(request), title=body.title, people=body.person_ids)
    elif body.kind == "direct":
        person = User.objects.filter(pk__in=body.person_ids[:1]).first()
        if person is None:
            raise rooms.NoSuchPerson
        room = rooms.open_direct(**_who(request), person=person)
    else:
        room = rooms.open_record(
            **_who(request), record_type=body.record_kind, record_id=body.record_number or 0
        )
    return Status(201, _out(request, room))


@router.get("/chat/search", response=list[schemas.ChatMessageOut])
@requires(Permission.CHAT_USE)
def search_chat(request: HttpRequest, q: str = Query("", max_length=120)) -> Any:
    """The newest messages of the last year with all these words, in one's rooms: 30 at the most."""
    return queries.search(caller(request), q, now=timezone.now())


@router.get("/chat/rooms/{room_id}", response=schemas.ChatRoomOut)
@requires(Permission.CHAT_USE)
def chat_room(request: HttpRequest, room_id: int) -> Any:
    return _out(request, _room(request, room_id))


@router.patch("/chat/rooms/{room_id}", response=schemas.ChatRoomOut)
@requires(Permission.CHAT_USE)
def change_room(request: HttpRequest, room_id: int, body: schemas.ChatRoomChange) -> Any:
    """Renames a group (its owner), or makes a room silent for oneself."""
    room = _room(request, room_id)
    if body.title is not None:
        room = rooms.rename(**_who(request), room=room, title=body.title)
    if body.muted is not None:
        rooms.mute(**_who(request), room=room, muted=body.muted)
    return _out(request, room)


@router.get("/chat/rooms/{room_id}/people", response=Page[schemas.ChatPersonOut])
@requires(Permission.CHAT_USE)
def room_people(request: HttpRequest, room_id: int, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Who is in the room, or follows the discussion."""
    rows = _room(request, room_id).memberships.select_related("user")
    return page_of(rows, order=("joined_at", "id"), cursor=cursor, limit=limit)


@router.post("/chat/rooms/{room_id}/people", response=schemas.ChatRoomOut)
@requires(Permission.CHAT_USE)
def bring_in(request: HttpRequest, room_id: int, body: schemas.ChatPeopleIn) -> Any:
    """Brings colleagues into a group."""
    return _out(
        request, rooms.add_people(**_who(request), room=_room(request, room_id), people=body.person_ids)
    )


@router.delete("/chat/rooms/{room_id}/people/{user_id}", response={204: None})
@requires(Permission.CHAT_USE)
def take_out(request: HttpRequest, room_id: int, user_id: int) -> Any:
    """Leaves the room oneself, or takes somebody out of a group that one owns."""
    room = _room(request, room_id)
    if user_id == caller(request).pk:
        rooms.leave(**_who(request), room=room)
    else:
        person = get_object_or_404(User.objects.filter(rooms__room=room), pk=user_id)
        rooms.remove_person(**_who(request), room=room, person=person)
    return Status(204, None)


@router.post("/chat/rooms/{room_id}/reading", response={204: None})
@requires(Permission.CHAT_USE)
def read_room(request: HttpRequest, room_id: int, body: schemas.ChatReadIn) -> Any:
    rooms.mark_read(**_who(request), room=_room(request, room_id), number=body.number)
    return Status(204, None)


@router.get("/chat/rooms/{room_id}/messages", response=Page[schemas.ChatMessageOut])
@requires(Permission.CHAT_USE)
def room_messages(request: HttpRequest, room_id: int, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """What was said, newest first."""
    rows = queries.messages_of(_room(request, room_id))
    return page_of(rows, order=("-number",), cursor=cursor, limit=limit)


def _written(room: Room, number: int) -> Message:
    return queries.messages_of(room).get(number=number)


def _answered(room: Room, number: int | None) -> int | None:
    if number is None:
        return None
    found = room.messages.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise messages.OtherRoom
    return found


@router.post("/chat/rooms/{room_id}/messages", response={201: schemas.ChatMessageOut})
@requires(Permission.CHAT_USE)
def write(request: HttpRequest, room_id: int, body: schemas.ChatMessageIn) -> Any:
    """Writes in a room; @Surname, @Name Surname or @e-mail calls a colleague who may see it."""
    room = _room(request, room_id)
    said = messages.say(
        **_who(request), room=room, text=body.text, reply_to=_answered(room, body.reply_to_number)
    )
    return Status(201, _written(room, said.number))


@router.post("/chat/rooms/{room_id}/files", response={201: schemas.ChatMessageOut})
@requires(Permission.CHAT_USE)
def write_with_file(
    request: HttpRequest, room_id: int, file: File[UploadedFile], text: Form[str] = ""
) -> Any:
    """Writes with a file of up to 20 MB."""
    room = _room(request, room_id)
    said = messages.say(**_who(request), room=room, text=text, files=[file])
    return Status(201, _written(room, said.number))


@router.patch("/chat/said/{said_id}", response=schemas.ChatMessageOut)
@requires(Permission.CHAT_USE)
def change_message(request: HttpRequest, said_id: int, body: schemas.ChatMessageChange) -> Any:
    """Changes an own message within the hour."""
    found = _own(request, said_id)
    messages.edit(**_who(request), message=found, text=body.text)
    return _written(found.room, found.number)


@router.post("/chat/said/{said_id}/reactions", response=schemas.ChatMessageOut)
@requires(Permission.CHAT_USE)
def react(request: HttpRequest, said_id: int, body: schemas.ChatReactionIn) -> Any:
    """Puts a sign under a message, or takes one's own away."""
    found = queries.message_of(request.user, said_id)
    if found is None:
        raise Http404
    reactions.react(**_who(request), message=found, emoji=body.emoji)
    return _written(found.room, found.number)


@router.delete("/chat/said/{said_id}", response={204: None})
@requires(Permission.CHAT_USE)
def delete_message(request: HttpRequest, said_id: int) -> Any:
    """Deletes an own message within the hour."""
    messages.delete(**_who(request), message=_own(request, said_id))
    return Status(204, None)


@router.get("/chat/files/{chat_file_id}")
@requires(Permission.CHAT_USE)
def chat_file(request: HttpRequest, chat_file_id: int) -> FileResponse:
    found = queries.file_of(request.user, chat_file_id)
    if found is None:
        raise Http404
    return private_download(found.file, found.name)
