"""Rooms and colleagues for the palette."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from clientela.modules.accounts.access import Permission
from clientela.modules.chat.models import Room
from clientela.modules.chat.queries import colleagues, like, rooms_of
from clientela.modules.chat.rules import folded

FEW, MOST = 4, 200


def found(user: Any, text: str) -> list[dict[str, Any]]:
    """Groups whose name begins like the text, and colleagues to write to."""
    text = text.strip()
    if not user.can(Permission.CHAT_USE) or len(text) < 2:
        return []
    groups = rooms_of(user).filter(room__kind=Room.Kind.GROUP).select_related("room")
    begun = [
        row
        for row in groups.order_by("room__title")[:MOST]
        if folded(row.room.title).startswith(folded(text))
    ]
    items = [
        {
            "label": row.room.title, "icon": "users-group", "meta": _("group of the chat"),
            "url": reverse("chat:room", args=[row.room_id]),
        }
        for row in begun[:FEW]
    ]  # fmt: skip
    people = like(colleagues(user), text)[:FEW]
    return items + [
        {"label": str(person), "name": str(person), "meta": _("write in the chat"), "url": reverse("chat:with", args=[person.pk])}
        for person in people
    ]  # fmt: skip
