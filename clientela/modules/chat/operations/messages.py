"""What is said: written, changed, deleted, brought back."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.private_files import fault_of, plain_name
from clientela.foundation.refusals import FileRefused, Refusal
from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.chat.events import MessagePosted
from clientela.modules.chat.models import Message, MessageFile, Room
from clientela.modules.chat.operations.rooms import call, catch_up, join, locked, parts, people_in, told
from clientela.modules.chat.queries import called_in
from clientela.modules.chat.rules import folded

LONGEST = 5000
MOST_FILES = 10


class NothingSaid(Refusal):
    """There is neither text nor a file."""

    message = _("Write something first.")
    field = "text"


class OtherRoom(Refusal):
    """An answer stands in the room of what it answers."""

    message = _("The message you answer is not in this room.")
    field = "reply_to"


class TooLate(Refusal):
    """Own words are changed within an hour."""

    message = _("A message can be changed or deleted for an hour, by its author.")


@transaction.atomic
def say(
    *, actor: Any, now: datetime, room: Room, text: str, files: Sequence[File] = (), reply_to: int | None = None
) -> Message:  # fmt: skip
    """Write in a room one may see. Raises NothingSaid, OtherRoom, FileRefused, PermissionDenied."""
    room = locked(actor, room)
    text = text.strip()[:LONGEST]
    if not text and not files:
        raise NothingSaid
    if reply_to is not None and not room.messages.filter(pk=reply_to, deleted_at=None).exists():
        raise OtherRoom
    names = _checked(files)
    called = called_in(text, room, actor)
    room.last_number, room.last_at, room.last_author = room.last_number + 1, now, actor
    room.last_text = text[:200] or names[0][:200]
    message = Message.objects.create(
        room=room, number=room.last_number, author=actor, text=text, folded=folded(" ".join([text, *names])),
        reply_to_id=reply_to, called=called, created_at=now,
    )  # fmt: skip
    room.save(update_fields=["last_number", "last_at", "last_author", "last_text"])
    follow = [actor.pk, *(pk for pk, _ in called)] if room.kind == Room.Kind.RECORD else []
    join(room, follow, now, read=room.last_number - 1)
    catch_up(room, actor)
    call(room, [pk for pk, _ in called], room.last_number)
    _keep(message, files, names)
    others = people_in(room) - {actor.pk}
    publish_all([MessagePosted(message.pk, room.pk, part) for part in parts(others)], now=now)
    return message


@transaction.atomic
def edit(*, actor: Any, now: datetime, message: Message, text: str) -> Message:
    """Change own words; the journal says when. Raises TooLate, NothingSaid."""
    room, message = _own(actor, now, message)
    text = text.strip()[:LONGEST]
    if not text:
        raise NothingSaid
    if message.deleted_at is not None:
        raise TooLate
    if text == message.text:
        return message
    files = message.files.values_list("name", flat=True)
    message.text, message.folded, message.edited_at = text, folded(" ".join([text, *files])), now
    message.called = called_in(text, room, actor)
    message.save(update_fields=["text", "folded", "called", "edited_at"])
    _shown(room, message, text)
    _note(actor, now, room, message, "chat.message_edited")
    return message


@transaction.atomic
def delete(*, actor: Any, now: datetime, message: Message) -> bool:
    """Take own words back; within the hour they can be brought back. Raises TooLate."""
    return _mark(actor, now, message, deleted_at=now, action="chat.message_deleted")


@transaction.atomic
def restore(*, actor: Any, now: datetime, message: Message) -> bool:
    """Bring own words back. Raises TooLate."""
    return _mark(actor, now, message, deleted_at=None, action="chat.message_restored")


def _mark(actor: Any, now: datetime, message: Message, *, deleted_at: datetime | None, action: str) -> bool:
    room, message = _own(actor, now, message)
    if (message.deleted_at is None) == (deleted_at is None):
        return False
    message.deleted_at = deleted_at
    message.save(update_fields=["deleted_at"])
    _shown(room, message, "" if deleted_at else message.text)
    _note(actor, now, room, message, action)
    return True


def _own(actor: Any, now: datetime, message: Message) -> tuple[Room, Message]:
    room = locked(actor, message.room)
    message = Message.objects.get(pk=message.pk)
    if message.author_id != actor.pk:
        raise PermissionDenied("author")
    if not message.may_change(actor, now):
        raise TooLate
    return room, message


def _shown(room: Room, message: Message, text: str) -> None:
    """The list of rooms shows the newest words."""
    if message.number == room.last_number:
        Room.objects.filter(pk=room.pk).update(last_text=text[:200])


def _note(actor: Any, now: datetime, room: Room, message: Message, action: str) -> None:
    """The journal tells that it happened, not the words: who reads the journal is not in the room."""
    record(
        actor=actor, now=now, action=action, obj=room, changes={"number": [message.number, message.number]}
    )
    told(room, people_in(room), now)


def _checked(files: Sequence[File]) -> list[str]:
    if len(files) > MOST_FILES:
        raise FileRefused(_("Up to 10 files go with a message."))
    words = {
        "kind": _("Files of this kind are not kept: use PDF, a picture, an office document or ZIP."),
        "empty": _("The file is empty."),
        "large": _("The file is larger than 20 MB."),
    }
    names = []
    for file in files:
        names.append(plain_name(file.name or ""))
        if fault := fault_of(names[-1], file.size):
            raise FileRefused(words[fault])
    return names


def _keep(message: Message, files: Sequence[File], names: Sequence[str]) -> None:
    """Write the files; what was stored goes again if the transaction fails."""
    stored: list[tuple[Any, str]] = []
    try:
        for file, name in zip(files, names, strict=True):
            row = MessageFile(message=message, name=name, size=file.size)
            row.file.save(f"{get_random_string(24)}{PurePath(name).suffix.lower()}", file, save=False)
            stored.append((row.file.storage, str(row.file.name)))
            row.save(force_insert=True)
    except Exception:
        for storage, path in stored:
            storage.delete(path)
        raise
