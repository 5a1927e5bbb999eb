"""What every verb says about a piece of work: what it takes, when it moves on, what was decided."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from clientela.modules.routing.models import Queue, WorkItem
from clientela.modules.routing.queries import wider, working_hours
from clientela.modules.routing.rules import Reason, in_time

KEPT = 40
LIVE = {WorkItem.Media.CALL, WorkItem.Media.CHAT}
State = WorkItem.State


def is_live(media: str) -> bool:
    """Whether work of this kind needs somebody at the screen."""
    return media in LIVE


def stays_in_hand(media: str) -> bool:
    """Whether work of this kind takes of its person's capacity until it is over, and not only until the answer."""
    return is_live(media) or media == WorkItem.Media.REQUEST


def weight_of(media: str) -> int:
    """What work of this kind takes of a capacity of 100; a request takes one place at a desk."""
    return int(settings.WORK_WEIGHTS[media])


def told(
    decisions: list[dict[str, Any]], reasons: Iterable[Reason], now: datetime, to: int | None = None
) -> list[dict[str, Any]]:
    """The decisions with these added, each with its moment and whom the work went to; the oldest are forgotten."""
    return [*decisions, *stamped(reasons, now.isoformat(), to)][-KEPT:]


def stamped(reasons: Iterable[Reason], at: str, to: int | None) -> list[dict[str, Any]]:
    """Reasons as they are kept: codes and numbers with the moment and whom the work went to; words come when read."""
    return [{"why": reason.why.value, **reason.facts, "at": at, "to": to} for reason in reasons]


def reasons_of(item: WorkItem) -> list[dict[str, Any]]:
    """Why the work is where it is: what was decided when it came there."""
    kept = [one for one in item.decisions if datetime.fromisoformat(one["at"]) == item.since]
    return [{name: value for name, value in one.items() if name not in ("at", "to")} for one in kept]


def overflows_at(queue: Queue, media: str, branch_id: int, zone: str, now: datetime) -> datetime | None:
    """When work that waits in ``queue`` since ``now`` goes to the wider one; None after the last."""
    if not wider(queue.key, branch_id):
        return None
    seconds = queue.live_overflow if is_live(media) else queue.letter_overflow
    return in_time(now, seconds, live=is_live(media), zone=ZoneInfo(zone), hours=working_hours())


def taken_back_at(queue: Queue, media: str, due_at: datetime | None, now: datetime) -> datetime | None:
    """When work offered at ``now`` is taken from somebody who stays silent."""
    if not is_live(media):
        return due_at if queue.takes_back_letters else None
    return in_time(now, queue.live_take_back, live=True, zone=ZoneInfo("UTC"), hours=working_hours())
