"""The line that is looked at: one queue's place, what the person may see of it, its day and its aim."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q

from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.calls.figures.counting import Day, bounds, calls_at, count_day, forecast_of
from clientela.modules.calls.figures.forecast import USUAL_WEEKS, Forecast
from clientela.modules.organisation.models import Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of
from clientela.modules.routing.history import Answered, answers
from clientela.modules.routing.models import Queue
from clientela.modules.routing.queries import queue_names, queues_visible_to
from clientela.workspace.routing.words import queue_title

# The forecast of a day is the same for an hour.
FORECAST_KEPT = 3600


@dataclass(frozen=True)
class Line:
    """``user`` narrows what is counted to what the person may see; None: all of the queue (a screen on the wall)."""

    queue: str
    name: str
    user: User | None
    now: datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clock of the place; the company's for the whole company."""
        kind, _colon, number = self.queue.partition(":")
        model: Any = RenewalCentre if kind == "centre" else Branch
        found = (
            model.objects.filter(pk=int(number)).values_list("time_zone", flat=True).first() if number else ""
        )
        return ZoneInfo(found or settings.TIME_ZONE)

    @cached_property
    def today(self) -> date:
        return local_today(self.zone, self.now)

    @cached_property
    def place(self) -> Q:
        """The calls that count."""
        return calls_at(self.queue, self.user)

    @cached_property
    def aim(self) -> Queue:
        """Within how many seconds which share of the calls is to be answered."""
        return Queue.objects.filter(key=self.queue).first() or Queue(key=self.queue)

    @cached_property
    def title(self) -> str:
        scope = scope_of(self.user) if self.user is not None else None
        if scope is not None and not (scope.everything or scope.branch_id or scope.centre_id):
            team = getattr(getattr(self.user, "placement", None), "team", None)
            return str(team or self.user)
        return queue_title(self.queue, self.name)

    def day(self, day: date) -> Day:
        return count_day(
            self.place, day, self.zone, within=Queue.objects.exclude(answer_within=Queue().answer_within)
        )

    def conversations(self) -> Answered:
        """First answers in conversations today."""
        begin, end = bounds(self.today, self.zone)
        return answers(self.place, begin=begin, end=end)

    def forecast(self, day: date, weeks: int = USUAL_WEEKS) -> Forecast:
        who = self.user.pk if self.user is not None and not scope_of(self.user).everything else 0
        key = f"line.forecast:{self.queue}:{who}:{day}:{weeks}:{self.today}"
        known: Forecast | None = cache.get(key)
        if known is None:
            known = forecast_of(self.place, day, self.zone, weeks=weeks)
            cache.set(key, known, FORECAST_KEPT)
        return known


def line_of(user: User, asked: str, now: datetime) -> Line:
    """The line a person asks for by the key of its queue, else the own one; an empty one for a team without agents."""
    names = queues_visible_to(user)
    if not names:
        return Line("branch:0", "", user, now)
    queue = asked if asked in names else own_queue(user, names)
    return Line(queue, names[queue], user, now)


def own_queue(user: User, names: dict[str, str]) -> str:
    """The whole company, the own branch, the own centre: the widest that the person sees all of."""
    scope = scope_of(user)
    for key in (f"branch:{scope.branch_id}", f"centre:{scope.centre_id}"):
        if key in names:
            return key
    return next(iter(names))


def line_of_screen(queue: str, now: datetime) -> Line:
    """All of a queue, for a screen on the wall."""
    return Line(queue, queue_names([queue]).get(queue, ""), None, now)


def choices(user: User, line: Line, path: str) -> list[dict[str, Any]]:
    """The lines the person may look at, for the filter; none where there is no choice."""
    names = queues_visible_to(user)
    if len(names) < 2:
        return []
    return [
        {
            "key": key,
            "label": queue_title(key, name),
            "current": key == line.queue,
            "url": f"{path}?queue={key}",
        }
        for key, name in names.items()
    ]


def tomorrow(line: Line) -> date:
    return line.today + timedelta(days=1)
