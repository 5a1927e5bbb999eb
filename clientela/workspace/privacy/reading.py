"""Who read cards, and who reads more than is usual for them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils.timezone import localtime

from clientela.foundation.audit.models import Entry
from clientela.foundation.fields import prefix_range
from clientela.modules.accounts.models import User

READ = prefix_range("action", "client.read")
LOOKED_BACK = timedelta(days=28)
# A day is unusual from so many cards on, where it is also so many times the person's usual day.
FEWEST, TIMES = 30, 3
AT_NIGHT = 5
NIGHT_ENDS, NIGHT_BEGINS = 6, 22


@dataclass(frozen=True)
class Reader:
    """One person's last day of reading against their own usual one."""

    user: User
    cards: int
    usual: float
    hidden: int
    at_night: int

    @property
    def is_unusual(self) -> bool:
        return (
            self.cards >= FEWEST and self.cards >= TIMES * max(self.usual, 1)
        ) or self.at_night >= AT_NIGHT


def readers_of(client_id: int) -> "QuerySet[Entry]":
    """Every reading of this card, the newest first."""
    rows = Entry.objects.filter(object_type="clients.client", object_id=client_id, **READ)
    return rows.select_related("actor").order_by("-at", "-id")


def readers(now: datetime) -> list[Reader]:
    """Everybody who read cards in the last day, the unusual first; three statements."""
    since, day = now - LOOKED_BACK, now - timedelta(days=1)
    rows = Entry.objects.filter(
        at__gte=since, at__lt=now, actor__isnull=False, object_type="clients.client", **READ
    )
    usual: dict[int, list[int]] = {}
    before = rows.filter(at__lt=day).annotate(day=TruncDate("at")).values("actor", "day")
    for row in before.annotate(cards=Count("object_id", distinct=True)).values_list("actor", "cards"):
        usual.setdefault(row[0], []).append(row[1])
    cards: dict[int, set[Any]] = {}
    hidden: Counter[int] = Counter()
    nightly: Counter[int] = Counter()
    for who, card, action, at in rows.filter(at__gte=day).values_list("actor", "object_id", "action", "at"):
        cards.setdefault(who, set()).add(card)
        hidden[who] += action != "client.read"
        nightly[who] += not NIGHT_ENDS <= localtime(at).hour < NIGHT_BEGINS
    people = User.objects.in_bulk(list(cards))
    found = [
        Reader(people[who], len(some), median(usual.get(who, [0])), hidden[who], nightly[who])
        for who, some in cards.items()
    ]
    return sorted(found, key=lambda one: (not one.is_unusual, -one.cards, one.user.pk))
