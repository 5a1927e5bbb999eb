"""What an open page asks for: what came since, and how much waits."""

from typing import Any

from clientela.foundation.push.models import Alert
from clientela.modules.accounts.access import Permission
from clientela.modules.chat.queries import unread_of
from clientela.workspace.inbox.queries import waiting_for

MOST = 20


def unread(user: Any) -> int:
    """Messages of colleagues not read yet."""
    return unread_of(user) if user.can(Permission.CHAT_USE) else 0


def counts(user: Any) -> dict[str, int]:
    """What waits, by the page where it waits."""
    return {"/chat/": unread(user), "/inbox/": waiting_for(user)}


def since(user: Any, last: int | None) -> tuple[list[Alert], int]:
    """The newest alerts after ``last``, oldest first, and the last one there is; with no ``last`` only that."""
    rows = Alert.objects.filter(user=user).order_by("-pk")
    if last is None:
        return [], rows.values_list("pk", flat=True).first() or 0
    fresh = list(rows.filter(pk__gt=last)[:MOST])[::-1]
    return fresh, fresh[-1].pk if fresh else last
