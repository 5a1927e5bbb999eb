"""What the pages of routing read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from clientela.foundation.bulk import listed
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission, Role, permissions_of
from clientela.modules.organisation.queries import people_visible_to
from clientela.modules.routing.models import Queue, Station, WorkItem
from clientela.modules.routing.queries import Presence, presence, queue_rules, queues_visible_to

_WORKING = [role for role in Role.values if Permission.CONTACTS_WRITE in permissions_of(role)]


def people(user: User, *, name: str = "", serving: bool = False) -> "QuerySet[User]":
    """People in sight who talk with clients, surname first; ``serving``: only who gets work from a queue."""
    rows = people_visible_to(user).filter(is_active=True, role__in=_WORKING).select_related("station")
    if serving:
        rows = rows.filter(station__serves=True)
    if name:
        rows = rows.filter(Q(last_name__istartswith=name) | Q(email__istartswith=name))
    return rows.order_by("last_name", "first_name", "id")


@dataclass(frozen=True)
class Row:
    """A person with the place of work, if they were ever at work, and what others see of them."""

    user: User
    station: Station | None
    presence: Presence


def row(user: User, *, now: datetime) -> Row:
    station: Station | None = getattr(user, "station", None)
    seen = presence(station, now=now) if station else Presence(user.pk, Station.State.OFFLINE)
    return Row(user, station, seen)


@dataclass(frozen=True)
class QueueRow:
    """A queue with its times and who waits in it. The company's queue has no name."""

    key: str
    name: str
    times: Queue
    waiting: int
    since: datetime | None
    late: int


def queues(user: User, *, now: datetime) -> list[QueueRow]:
    """The queues in sight, in three statements; the longest first of those where somebody waits."""
    names = queues_visible_to(user)
    times = queue_rules(names)
    waiting = WorkItem.objects.filter(queue__in=listed(names), state=WorkItem.State.WAITING).order_by()
    counted: dict[str, Any] = {
        one["queue"]: dict(one)
        for one in waiting.values("queue").annotate(
            n=Count("id"), since=Min("queued_at"), late=Count("id", filter=Q(due_at__lte=now))
        )
    }
    empty = {"n": 0, "since": None, "late": 0}
    rows = []
    for key, name in names.items():
        found = counted.get(key, empty)
        rows.append(QueueRow(key, name, times[key], found["n"], found["since"], found["late"]))
    return rows
