"""Weeks of requests looked back at: who got how much of what was due, and how quickly requests were answered."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Sum

from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_moment, local_today
from clientela.modules.organisation.models import Branch
from clientela.modules.requests.models import Request
from clientela.modules.routing.desks import shares
from clientela.modules.routing.models import Dealt, Desk
from clientela.modules.routing.rules import monday

MOST_WEEKS = 26
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """What a person got in the week that begins on ``first``, and what was due by today's weight and that week's hours."""

    first: date
    given: int
    due: float


@dataclass(frozen=True)
class Answers:
    """Requests that came in the period: how many were answered, the middle answer in minutes, the share of the answers
    within the promise, and how many wait beyond it still."""

    came: int
    answered: int
    minutes: float | None
    in_time: float | None
    late: int


@dataclass(frozen=True)
class Line:
    """A person of a branch over the chosen weeks."""

    user_id: int
    name: str
    branch_id: int
    branch: str
    weeks: tuple[Week, ...]
    answers: Answers

    @property
    def given(self) -> int:
        return sum(one.given for one in self.weeks)

    @property
    def due(self) -> float:
        return sum(one.due for one in self.weeks)

    @property
    def behind(self) -> float:
        """What came of the own share: less than 1 is less than was due."""
        return self.given / self.due if self.due else float(self.given)


def weeks_between(first: date, last: date, *, today: date) -> list[date]:
    """The Mondays of the weeks from one day to another: none that has not begun, the newest ``MOST_WEEKS`` of many."""
    end = min(monday(max(first, last)), monday(today))
    begin = min(monday(min(first, last)), end)
    found: list[date] = []
    while end >= begin and len(found) < MOST_WEEKS:
        found.append(end)
        end -= _WEEK
    return found[::-1]


def sharing_report(branches: Sequence[Branch], weeks: Sequence[date], *, now: datetime) -> list[Line]:
    """A line for each person who shares the requests of these branches, by branch and surname.

    Weights are those of today, hours are without the days of absence of the week. A few statements a week.
    """
    if not weeks:
        return []
    rows = Desk.objects.filter(
        branch__in=listed([one.pk for one in branches]), user__is_active=True, takes=True
    )
    order = ("branch__name", "user__last_name", "user__first_name", "user")
    desks = list(rows.select_related("user", "branch").order_by(*order))
    users = [desk.user_id for desk in desks]
    since, until = weeks[0], weeks[-1] + _WEEK
    given: defaultdict[tuple[int, date], int] = defaultdict(int)
    dealt = Dealt.objects.filter(user__in=listed(users), day__gte=since, day__lt=until)
    for user, day, count in dealt.order_by().values_list("user", "day").annotate(sum=Sum("count")):
        given[user, monday(day)] += count
    due: dict[tuple[int, date], float] = {}
    for week in weeks:
        share = shares(
            {desk.user_id: desk.weight for desk in desks},
            min(now, _begin(week + _WEEK) - timedelta(seconds=1)),
        )
        for branch in branches:
            here = [desk.user_id for desk in desks if desk.branch_id == branch.pk]
            whole, came = sum(share[user] for user in here), sum(given[user, week] for user in here)
            due |= {(user, week): came * share[user] / whole if whole else 0.0 for user in here}
    answers = _answers(users, _begin(since), _begin(until), now)
    return [
        Line(
            desk.user_id, str(desk.user), desk.branch_id, desk.branch.name,
            tuple(Week(week, given[desk.user_id, week], due[desk.user_id, week]) for week in weeks), answers[desk.user_id],
        )
        for desk in desks
    ]  # fmt: skip


def answers_of(
    lines: Sequence[Line], weeks: Sequence[date], branches: Sequence[Branch], *, now: datetime
) -> Answers:
    """How all requests of these branches in the weeks were answered, by whomever."""
    if not weeks:
        return Answers(0, 0, None, None, 0)
    rows = Request.objects.filter(
        branch__in=[one.pk for one in branches],
        created_at__gte=_begin(weeks[0]),
        created_at__lt=_begin(weeks[-1] + _WEEK),
    )
    return _counted(list(rows.values_list("created_at", "taken_at", "due_at", "state")), now)


def _begin(day: date) -> datetime:
    return local_moment(day, time.min, settings.TIME_ZONE)


def _answers(users: Sequence[int], since: datetime, until: datetime, now: datetime) -> dict[int, Answers]:
    rows = Request.objects.filter(assignee__in=listed(users), created_at__gte=since, created_at__lt=until)
    of_user: defaultdict[int, list[Any]] = defaultdict(list)
    for user, *row in rows.values_list("assignee", "created_at", "taken_at", "due_at", "state"):
        of_user[user].append(row)
    return {user: _counted(of_user[user], now) for user in users}


def _counted(rows: Sequence[Any], now: datetime) -> Answers:
    taken = [(at - came, due is None or at <= due) for came, at, due, _state in rows if at is not None]
    waited = sorted(time / timedelta(minutes=1) for time, _kept in taken)
    late = sum(
        1
        for _came, at, due, state in rows
        if at is None and due is not None and due < now and state == Request.State.NEW
    )
    if not taken:
        return Answers(len(rows), 0, None, None, late)
    kept = 100 * sum(kept for _time, kept in taken) / len(taken)
    return Answers(len(rows), len(taken), waited[len(waited) // 2], kept, late)


def this_week(now: datetime) -> date:
    """The Monday of the company's week."""
    return monday(local_today(settings.TIME_ZONE, now))
