"""What the robot and the client said to each other."""

from collections.abc import Collection, Sequence
from typing import Any

from clientela.modules.clients.models import Client
from clientela.modules.robot.models import Attempt, Said


def attempt_for(user: Any, attempt_id: int) -> Attempt | None:
    """One time a client whom this person may see was rung."""
    rows = Attempt.objects.filter(pk=attempt_id, client__in=Client.objects.visible_to(user))
    return rows.select_related("client", "call__dialogue", "call__version").first()


def said_on(lines: Collection[str]) -> Sequence[Said]:
    """The conversation that the robot had on these lines before a person took them, in its order."""
    return list(Said.objects.filter(attempt__line__in=lines).order_by("attempt", "move"))
