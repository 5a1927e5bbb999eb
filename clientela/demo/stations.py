"""Who takes which work in the demo company: skills, capacities, states, and what went past its deadline already."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from clientela.foundation.bulk import insert_missing
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Branch, RenewalCentre
from clientela.modules.routing.models import Queue, Station
from clientela.modules.routing.operations import tend

_SERVING = (Role.CENTRE_OPERATOR, Role.BRANCH_HEAD)
# Languages beside Russian, what was taken away, capacity: for one operator after another.
_OPERATORS: tuple[tuple[tuple[str, ...], tuple[str, ...], int], ...] = (
    (("tt",), (), 100), ((), (), 100), (("en",), ("product:mortgage",), 100), ((), ("channel:vk",), 80),
    (("tt", "en"), (), 120), ((), (), 100), ((), ("channel:call",), 100),
)  # fmt: skip
_STATES = ("available", "available", "busy", "available", "break", "available", "away")


def seat(now: datetime) -> int:
    """A place of work for operators, heads and agents; returns how many."""
    people = User.objects.filter(is_active=True, role__in=[*_SERVING, Role.TEAM_LEAD, Role.AGENT])
    rows, operators = [], 0
    for user in people.order_by("id"):
        extra: tuple[tuple[str, ...], tuple[str, ...], int] = ((), (), 100)
        state = "available"
        if user.role == Role.CENTRE_OPERATOR:
            extra, state = _OPERATORS[operators % 7], _STATES[operators % 7]
            operators += 1
        rows.append(_row(user, extra, state, now - timedelta(minutes=7 * (operators % 9))))
    insert_missing(Station, rows)
    insert_missing(
        Queue, [_times(f"centre:{pk}") for pk in RenewalCentre.objects.values_list("pk", flat=True)]
    )
    insert_missing(Queue, [_times(f"branch:{pk}") for pk in Branch.objects.values_list("pk", flat=True)])
    while tend(limit=500, now=now):
        pass
    return len(rows)


def _row(
    user: User, extra: tuple[tuple[str, ...], tuple[str, ...], int], state: str, at: datetime
) -> dict[str, Any]:
    languages, without, capacity = extra
    skills = {*settings.WORK_SKILLS_OF_ALL, *(f"language:{code}" for code in languages)} - {*without}
    return {
        "user": user.pk, "state": state, "since": at, "seen_at": None, "capacity": capacity, "load": 0, "idle_since": at,
        "skills": sorted(skills), "serves": user.role in _SERVING,
    }  # fmt: skip


def _times(key: str) -> dict[str, Any]:
    """Centres are quicker than branches; branches take late letters back."""
    is_centre = key.startswith("centre:")
    return {
        "key": key, "live_overflow": 20 if is_centre else 60, "letter_overflow": 1800 if is_centre else 3600,
        "live_take_back": 15, "takes_back_letters": not is_centre, "is_paused": False,
        "answer_within": 20, "answer_share": 80,
    }  # fmt: skip
