"""What is read of past states and answers."""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, DurationField, F, Q, QuerySet

from clientela.foundation.bulk import listed
from clientela.modules.accounts.models import User
from clientela.modules.organisation.queries import scope_of
from clientela.modules.routing.models import Answer, StateChange, Station, WallScreen
from clientela.modules.routing.queries import SEEN_WITHIN
from clientela.modules.routing.rules.spells import OFFLINE, Spell, spells

# A state declared before that is looked for no further back.
_BEFORE = timedelta(days=2)


def spells_of(
    user_ids: Collection[int], *, begin: datetime, end: datetime, now: datetime
) -> dict[int, list[Spell]]:
    """The states of each of these people between two moments, in two statements; nothing after ``now``."""
    end = min(end, now)
    rows = StateChange.objects.filter(user__in=listed(user_ids), at__gte=begin - _BEFORE, at__lt=end)
    changes: defaultdict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for user_id, at, state in rows.order_by("at", "id").values_list("user_id", "at", "state"):
        changes[user_id].append((at, state))
    gone = Station.objects.filter(user__in=listed(user_ids), seen_at__lt=now - SEEN_WITHIN)
    for user_id, seen_at in gone.values_list("user_id", "seen_at"):
        if seen_at is not None:
            changes[user_id].append((seen_at, OFFLINE))
    return {user_id: spells(sorted(changes[user_id]), begin, end) for user_id in user_ids}


@dataclass(frozen=True, slots=True)
class Answered:
    """Conversations answered: how many, how many of them in time, and the mean time to the first answer."""

    count: int
    in_time: int
    mean: timedelta | None

    @property
    def share(self) -> float | None:
        """Answered by the promised moment / answered; None while there is none."""
        return self.in_time / self.count if self.count else None


def answers(place: Q, *, begin: datetime, end: datetime) -> Answered:
    """First answers given between two moments to clients of ``place`` (a filter by agent, branch or centre).

    The time runs on the clock from the client's first unanswered message; the promise is in working time.
    """
    found = Answer.objects.filter(place, answered_at__gte=begin, answered_at__lt=end).aggregate(
        count=Count("id"), in_time=Count("id", filter=Q(answered_at__lte=F("due_at"))),
        mean=Avg(F("answered_at") - F("asked_at"), output_field=DurationField()),
    )  # fmt: skip
    return Answered(found["count"], found["in_time"], found["mean"])


def screen_of(token: str) -> WallScreen | None:
    """The wall screen of an address; None for one that is not good or was taken back."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    return WallScreen.objects.filter(digest=digest, revoked_at=None).first()


def screens_for(user: User) -> "QuerySet[WallScreen]":
    """Screens of the queues this person sees all of."""
    scope = scope_of(user)
    rows = WallScreen.objects.filter(revoked_at=None)
    return rows if scope.everything else rows.filter(queue=f"branch:{scope.branch_id or 0}")
