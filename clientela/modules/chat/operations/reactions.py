"""Signs under messages: put there and taken away again by the same act."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.chat.models import Message, Reaction
from clientela.modules.chat.operations.rooms import locked, people_in, told
from clientela.modules.chat.rules import REACTIONS


class NoSuchReaction(Refusal):
    """The sign is none of the few, or the message is deleted."""

    message = _("This sign cannot be put under the message.")
    field = "emoji"


@transaction.atomic
def react(*, actor: Any, now: datetime, message: Message, emoji: str) -> bool:
    """Put a sign under a message of a room one may see, or take it away; whether it stands now.

    Raises ``NoSuchReaction``, PermissionDenied.
    """
    room = locked(actor, message.room)
    if emoji not in REACTIONS or not room.messages.filter(pk=message.pk, deleted_at=None).exists():
        raise NoSuchReaction
    row, is_new = Reaction.objects.get_or_create(
        message=message, user=actor, emoji=emoji, defaults={"created_at": now}
    )
    if not is_new:
        row.delete()
    told(room, people_in(room), now)
    return is_new
