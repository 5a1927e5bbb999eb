"""Reading the chat: rooms, people, words."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from clientela.foundation.bulk import listed
from clientela.modules.accounts.models import User
from clientela.modules.accounts.queries import people_named
from clientela.modules.accounts.rules import Permission, Role, permissions_of
from clientela.modules.chat import records
from clientela.modules.chat.models import Membership, Message, MessageFile, Room
from clientela.modules.chat.rules import named, searched

TALKERS = tuple(role for role in Role.values if Permission.CHAT_USE in permissions_of(role))
FOUND = 30
SUGGESTED = 8
SEARCHED = timedelta(days=366)


def colleagues(user: Any) -> "QuerySet[User]":
    """Everybody who may be talked with; the company has one directory."""
    return User.objects.filter(is_active=True, role__in=TALKERS).exclude(pk=user.pk)


def like(people: "QuerySet[User]", text: str) -> "QuerySet[User]":
    """Those whose names or address begin with each of the words, in order of names."""
    for word in text.split()[:3]:
        title = word[:1].upper() + word[1:]
        begins = Q(last_name__startswith=title) | Q(first_name__startswith=title)
        people = people.filter(begins | Q(email__startswith=word.lower()))
    return people.order_by("last_name", "first_name", "pk")


def may_read(user: Any, room: Room, inside: Collection[int]) -> bool:
    """Whether this person may see the room, of which the ids of who is ``inside`` are known."""
    if room.kind != Room.Kind.RECORD:
        return user.pk in inside
    return records.may_see(user, room.record_type, room.record_id or 0)


def people_for(room: Room, user: Any, text: str) -> list[User]:
    """Colleagues who may be called in this room, whose names begin like ``text``: a few."""
    inside = set(room.memberships.values_list("user_id", flat=True))
    people = colleagues(user)
    if room.kind != Room.Kind.RECORD or not text.strip():
        return list(like(people.filter(pk__in=listed(inside)), text)[:SUGGESTED])
    found = [person for person in like(people, text)[: SUGGESTED * 3] if may_read(person, room, inside)]
    return found[:SUGGESTED]


def called_in(text: str, room: Room, author: Any) -> list[list[Any]]:
    """``[[id, what stands after @]]`` for every colleague the text calls and who may see the room."""
    if "@" not in text:
        return []
    inside = set(room.memberships.values_list("user_id", flat=True))
    called = []
    for person in people_named(text):
        said = named(text, person.first_name, person.last_name, person.email)
        if said and person.pk != author.pk and may_read(person, room, inside):
            called.append([person.pk, said])
    return called


def rooms_of(user: Any) -> "QuerySet[Membership]":
    """Where the person is, or what discussions they follow and may still see."""
    visible = Room.objects.visible_to(user).values("pk")
    return Membership.objects.filter(user_id=user.pk, room__in=visible)


def unread_of(user: Any) -> int:
    """Unread messages of all rooms that are not muted."""
    rows = rooms_of(user).filter(muted=False, room__last_number__gt=F("read_number"))
    return int(rows.aggregate(n=Coalesce(Sum(F("room__last_number") - F("read_number")), 0))["n"])


@dataclass(frozen=True)
class Named:
    """A room as one person sees it: of two people the other one, of a record its name."""

    title: str
    person: User | None = None
    url: str = ""


def names_of(user: Any, rooms: Iterable[Room]) -> dict[int, Named]:
    """Names of some rooms: a statement for the people and one for each kind of record."""
    rooms = list(rooms)
    direct = [room.pk for room in rooms if room.kind == Room.Kind.DIRECT]
    others = (
        Membership.objects.filter(room__in=listed(direct)).exclude(user_id=user.pk).select_related("user")
    )
    found = {row.room_id: Named(str(row.user), row.user) for row in others} if direct else {}
    wanted: dict[str, list[int]] = {}
    for room in rooms:
        if room.kind == Room.Kind.RECORD:
            wanted.setdefault(room.record_type, []).append(room.record_id or 0)
    titles = {name: records.KINDS[name].titles(ids) for name, ids in wanted.items() if name in records.KINDS}
    for room in rooms:
        if room.kind == Room.Kind.GROUP:
            found[room.pk] = Named(room.title)
        elif room.kind == Room.Kind.RECORD and room.record_type in titles:
            title, url = titles[room.record_type].get(room.record_id or 0, ("", ""))
            found[room.pk] = Named(title, url=url)
    return found


def messages_of(room: Room) -> "QuerySet[Message]":
    """What was said in a room that the person may see, with all that a line of it shows."""
    rows = Message.objects.filter(room=room).select_related("author", "reply_to__author")
    return rows.prefetch_related("files", "reactions__user")


def message_of(user: Any, message_id: int) -> Message | None:
    """A message of a room the person may see."""
    visible = Room.objects.visible_to(user)
    return Message.objects.filter(pk=message_id, room__in=visible).select_related("room", "author").first()


def file_of(user: Any, file_id: int) -> MessageFile | None:
    """A file of a message that is not deleted, in a room the person may see."""
    visible = Room.objects.visible_to(user)
    return MessageFile.objects.filter(pk=file_id, message__room__in=visible, message__deleted_at=None).first()


def search(user: Any, text: str, *, now: datetime) -> list[Message]:
    """The newest messages of the last year with every word, in the person's rooms and followed discussions."""
    words = searched(text)
    if not words:
        return []
    rows = Message.objects.filter(
        room__in=rooms_of(user).values("room"), deleted_at=None, created_at__gte=now - SEARCHED
    )
    for word in words:
        rows = rows.filter(folded__contains=word)
    found = rows.select_related("room", "author").prefetch_related("reactions")
    return list(found.order_by("-created_at", "-pk")[:FOUND])


def readers(room: Room) -> dict[int, int]:
    """How far each person in the room has read."""
    return dict(room.memberships.values_list("user_id", "read_number"))
