"""What a room, a line of the list and a message look like to one person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clientela.modules.accounts.models import User
from clientela.modules.chat.models import Membership, Message, Room
from clientela.modules.chat.queries import Named
from clientela.modules.chat.rules import REACTIONS, pieces

TOGETHER_SECONDS = 300


@dataclass(frozen=True)
class Line:
    """One room in the list."""

    room: Room
    name: str
    person: User | None
    text: str
    unread: int
    is_called: bool
    muted: bool
    has_draft: bool


@dataclass(frozen=True)
class Said:
    """One message; ``follows`` the one before by the same person within five minutes."""

    message: Message
    text: SafeString
    is_mine: bool
    may_change: bool
    follows: bool
    read: str
    reactions: Sequence["Reacted"] = ()


@dataclass(frozen=True)
class Reacted:
    """A sign under a message: how many put it there, who, and whether the person did."""

    emoji: str
    count: int
    names: str
    is_mine: bool


@dataclass(frozen=True)
class Day:
    """What was said on one day."""

    day: date
    said: Sequence[Said]


def line(row: Membership, named: Named | None, user: Any) -> Line:
    room = row.room
    text = room.last_text
    if room.last_author_id == user.pk and text:
        text = pgettext("chat", "You: %(text)s") % {"text": text}
    elif room.kind != Room.Kind.DIRECT and room.last_author and text:
        text = f"{room.last_author.first_name}: {text}"
    if row.draft:
        text = row.draft
    return Line(
        room, named.title if named else "", named.person if named else None, text, row.unread, row.is_called,
        row.muted, bool(row.draft),
    )  # fmt: skip


def days(
    messages: Iterable[Message], user: Any, *, now: datetime, readers: dict[int, int], names: dict[int, str]
) -> list[Day]:
    """Messages, oldest first, by the person's own days."""
    said, before = [], None
    for message in messages:
        follows = (
            before is not None and before.author_id == message.author_id and message.reply_to_id is None
            and (message.created_at - before.created_at).total_seconds() < TOGETHER_SECONDS
            and timezone.localdate(before.created_at) == timezone.localdate(message.created_at)
        )  # fmt: skip
        is_mine = message.author_id == user.pk
        said.append(
            Said(
                message, text_of(message), is_mine, message.may_change(user, now), follows,
                _read(message, readers, names, user) if is_mine else "", reactions(message, user),
            )
        )  # fmt: skip
        before = message
    by_day = groupby(said, key=lambda one: timezone.localdate(one.message.created_at))
    return [Day(day, list(some)) for day, some in by_day]


def reactions(message: Message, user: Any) -> list[Reacted]:
    """Signs under a message in their usual order."""
    if message.deleted_at is not None:
        return []
    rows = list(message.reactions.all())
    found = []
    for emoji in REACTIONS:
        who = [row.user for row in rows if row.emoji == emoji]
        if who:
            mine = any(person.pk == user.pk for person in who)
            found.append(Reacted(emoji, len(who), ", ".join(str(person) for person in who), mine))
    return found


def text_of(message: Message) -> SafeString:
    """The words with links that can be followed and names that stand out; everything else is inert."""
    called = [said for _pk, said in message.called]
    parts = [
        format_html('<b class="called">{}</b>', part)
        if calls
        else urlize(part, nofollow=True, autoescape=True)
        for part, calls in pieces(message.text, called)
    ]
    return mark_safe("".join(parts))  # noqa: S308  every part is escaped


def _read(message: Message, readers: dict[int, int], names: dict[int, str], user: Any) -> str:
    """Who has read it: a word for two people, a count and names for more."""
    others = [pk for pk in readers if pk != user.pk]
    read = [pk for pk in others if readers[pk] >= message.number]
    if not read:
        return ""
    if len(others) == 1:
        return _("read")
    some = ngettext("read by %(n)s", "read by %(n)s", len(read)) % {"n": len(read)}
    few = ", ".join(names[pk] for pk in read[:5] if pk in names)
    return f"{some}: {few}" if few else some
