"""Rooms: opened, joined, left, named, read."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import insert_missing, listed
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, PermissionDenied, ensure
from clientela.modules.accounts.models import User
from clientela.modules.chat import records
from clientela.modules.chat.events import RoomChanged
from clientela.modules.chat.models import Membership, Room
from clientela.modules.chat.queries import colleagues

MOST_MEMBERS = 200
PEOPLE_AN_EVENT = 20


class NoSuchPerson(Refusal):
    """The person is not a colleague who talks here."""

    message = _("Choose colleagues from the list.")
    field = "people"


class Untitled(Refusal):
    """A group needs a name."""

    message = _("Give the group a name.")
    field = "title"


class TooMany(Refusal):
    """A group has a bound."""

    message = _("A group has up to 200 people.")
    field = "people"


class OnlyOwner(Refusal):
    """Only the owner of a group does this."""

    message = _("Only the owner of the group may do this.")


def parts(people: Collection[int]) -> list[list[int]]:
    """People of one event each; at least one part."""
    ids = sorted(people)
    return [ids[at : at + PEOPLE_AN_EVENT] for at in range(0, len(ids), PEOPLE_AN_EVENT)] or [[]]


def told(room: Room, people: Collection[int], now: datetime) -> None:
    """Tell open pages that something in the room changed."""
    publish_all([RoomChanged(room.pk, part) for part in parts(people)], now=now)


def locked(actor: Any, room: Room) -> Room:
    """The room, held to the end of the transaction. Raises PermissionDenied if ``actor`` may not see it."""
    ensure(actor, Permission.CHAT_USE)
    rows = Room.objects.visible_to(actor).select_for_update(of=("self",))
    found = rows.filter(pk=room.pk).first()
    if found is None:
        raise PermissionDenied("scope")
    return found


def people_in(room: Room) -> set[int]:
    """Ids of who is in the room."""
    return set(room.memberships.values_list("user_id", flat=True))


def join(room: Room, people: Iterable[int], now: datetime, *, read: int = 0) -> None:
    """Put people into the room; who is there stays as they are."""
    rows = [
        {
            "room": room.pk, "user": user_id, "read_number": read, "called_number": 0, "muted": False, "draft": "",
            "joined_at": now,
        }
        for user_id in people
    ]  # fmt: skip
    insert_missing(Membership, rows)


@transaction.atomic
def open_direct(*, actor: Any, now: datetime, person: User) -> Room:
    """The room of two people, made at the first call. Raises NoSuchPerson."""
    ensure(actor, Permission.CHAT_USE)
    if not colleagues(actor).filter(pk=person.pk).exists():
        raise NoSuchPerson
    pair = ":".join(str(pk) for pk in sorted([actor.pk, person.pk]))
    values = {"kind": Room.Kind.DIRECT, "last_at": now, "created_at": now}
    room, _created = Room.objects.get_or_create(pair=pair, defaults=values)
    join(room, [actor.pk, person.pk], now)
    return room


@transaction.atomic
def create_group(*, actor: Any, now: datetime, title: str, people: Iterable[int]) -> Room:
    """A named group with ``actor`` as its owner. Raises Untitled, NoSuchPerson, TooMany."""
    ensure(actor, Permission.CHAT_USE)
    title = _titled(title)
    chosen = _known(actor, people)
    if len(chosen) >= MOST_MEMBERS:
        raise TooMany
    room = Room.objects.create(kind=Room.Kind.GROUP, title=title, owner=actor, last_at=now, created_at=now)
    join(room, [actor.pk, *chosen], now)
    record(actor=actor, now=now, action="chat.group_made", obj=room, changes={"people": [0, len(chosen) + 1]})
    told(room, [actor.pk, *chosen], now)
    return room


@transaction.atomic
def open_record(*, actor: Any, now: datetime, record_type: str, record_id: int) -> Room:
    """The discussion of a record, made at the first call. Raises PermissionDenied."""
    ensure(actor, Permission.CHAT_USE)
    if not records.may_see(actor, record_type, record_id):
        raise PermissionDenied("scope")
    values = {"kind": Room.Kind.RECORD, "last_at": now, "created_at": now}
    return Room.objects.get_or_create(record_type=record_type, record_id=record_id, defaults=values)[0]


@transaction.atomic
def add_people(*, actor: Any, now: datetime, room: Room, people: Iterable[int]) -> Room:
    """Any member brings colleagues into a group; they read all that was said. Raises NoSuchPerson, TooMany."""
    room = _group(actor, room)
    inside = people_in(room)
    fresh = _known(actor, people) - inside
    if len(inside) + len(fresh) > MOST_MEMBERS:
        raise TooMany
    if fresh:
        join(room, sorted(fresh), now, read=room.last_number)
        record(actor=actor, now=now, action="chat.joined", obj=room, changes={"people": ["", _names(fresh)]})
        told(room, inside | fresh, now)
    return room


@transaction.atomic
def remove_person(*, actor: Any, now: datetime, room: Room, person: User) -> None:
    """The owner takes somebody out of a group. Raises OnlyOwner."""
    room = _group(actor, room)
    if room.owner_id != actor.pk:
        raise OnlyOwner
    if person.pk != actor.pk:
        _gone(actor, now, room, person, "chat.removed")


@transaction.atomic
def leave(*, actor: Any, now: datetime, room: Room) -> None:
    """Leave a group, or stop following a discussion; a group's owner hands it to who is longest in it."""
    room = locked(actor, room)
    if room.kind == Room.Kind.DIRECT:
        raise PermissionDenied("direct")
    if room.kind == Room.Kind.RECORD:
        Membership.objects.filter(room=room, user=actor).delete()
        return
    _gone(actor, now, room, actor, "chat.left")
    if room.owner_id == actor.pk:
        heir = room.memberships.order_by("joined_at", "pk").values_list("user_id", flat=True).first()
        Room.objects.filter(pk=room.pk).update(owner=heir)


@transaction.atomic
def rename(*, actor: Any, now: datetime, room: Room, title: str) -> Room:
    """Raises OnlyOwner, Untitled."""
    room = _group(actor, room)
    if room.owner_id != actor.pk:
        raise OnlyOwner
    before, room.title = room.title, _titled(title)
    if before != room.title:
        room.save(update_fields=["title"])
        record(actor=actor, now=now, action="chat.renamed", obj=room, changes={"title": [before, room.title]})
        told(room, people_in(room), now)
    return room


@transaction.atomic
def mute(*, actor: Any, now: datetime, room: Room, muted: bool) -> None:
    """A muted room counts nothing in the menu and alerts only when it calls the person."""
    room = locked(actor, room)
    join(room, [actor.pk], now, read=room.last_number)
    Membership.objects.filter(room=room, user=actor).update(muted=muted)


def mark_read(*, actor: Any, now: datetime, room: Room, number: int) -> None:
    """``actor``, who sees the room, has read up to this message."""
    number = min(number, room.last_number)
    with transaction.atomic():
        rows = Membership.objects.filter(room=room, user=actor, read_number__lt=number)
        if rows.update(read_number=number):
            told(room, [actor.pk], now)


def keep_draft(*, actor: Any, now: datetime, room: Room, text: str) -> None:
    """What ``actor``, who sees the room, has begun to write."""
    text = text[:5000]
    rows = Membership.objects.filter(room=room, user=actor)
    if not rows.update(draft=text) and text.strip():
        join(room, [actor.pk], now, read=room.last_number)
        rows.update(draft=text)


def _group(actor: Any, room: Room) -> Room:
    room = locked(actor, room)
    if room.kind != Room.Kind.GROUP:
        raise PermissionDenied("group")
    return room


def _known(actor: Any, people: Iterable[int]) -> set[int]:
    wanted = {pk for pk in people if pk != actor.pk}
    found = set(colleagues(actor).filter(pk__in=listed(wanted)).values_list("pk", flat=True))
    if found != wanted:
        raise NoSuchPerson
    return found


def _titled(title: str) -> str:
    title = " ".join(title.split())[:80]
    if not title:
        raise Untitled
    return title


def _gone(actor: Any, now: datetime, room: Room, person: Any, action: str) -> None:
    before = people_in(room)
    if Membership.objects.filter(room=room, user=person).delete()[0]:
        record(actor=actor, now=now, action=action, obj=room, changes={"people": [str(person), ""]})
        told(room, before, now)


def _names(people: Iterable[int]) -> str:
    return ", ".join(str(user) for user in User.objects.filter(pk__in=listed(people)))


def call(room: Room, people: Collection[int], number: int) -> None:
    """These people are called by a message; on a record they follow it from now on."""
    rows = Membership.objects.filter(room=room, user_id__in=listed(people), called_number__lt=number)
    rows.update(called_number=number)


def catch_up(room: Room, actor: Any) -> None:
    """Who writes has read what was there."""
    rows = Membership.objects.filter(room=room, user=actor)
    rows.update(read_number=room.last_number, draft="")
