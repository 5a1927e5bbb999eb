"""What a version would do on a day, counted on the real portfolio within a person's scope, without planning it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from clientela.modules.organisation.queries import scope_of
from clientela.modules.renewals.models import Renewal, ScheduleVersion, Step, Touch
from clientela.modules.renewals.operations.terms import HORIZON_DAYS
from clientela.modules.renewals.queries.planning import audience, began, reason_case, spec, steps_in_force
from clientela.modules.renewals.rules import REACH_BITS, StepSpec

# A count may be this old; a changed step is counted anew at once, because its conditions are in the key.
COUNTS_LIVE = 60
# Of the rows of ``met_by``: those that nothing holds back.
GOES = Q(reason="")


@dataclass(frozen=True)
class StepPlan:
    """What one step would do on a day: touches that go, and terms held back by reason.

    ``known`` is False when the terms the step would meet are not opened yet (60 days before their end).
    """

    step: Step
    going: int = 0
    held: dict[str, int] = field(default_factory=dict)
    known: bool = True

    @property
    def held_total(self) -> int:
        return sum(self.held.values())


@dataclass(frozen=True)
class DayPlan:
    """The plan of a day: by step, by channel and by reason; ``people`` counts different clients."""

    day: date
    steps: list[StepPlan]
    people: int

    @property
    def going(self) -> int:
        return sum(plan.going for plan in self.steps)

    @property
    def unknown(self) -> bool:
        """Whether some steps reach beyond the terms that are opened."""
        return any(not plan.known for plan in self.steps)

    def channels(self) -> list[tuple[str, int]]:
        """Touches by channel, most first."""
        found: Counter[str] = Counter()
        for plan in self.steps:
            found[plan.step.channel] += plan.going
        return found.most_common()

    def reasons(self) -> list[tuple[str, int]]:
        """Terms held back by reason, most first."""
        found: Counter[str] = Counter()
        for plan in self.steps:
            found.update(plan.held)
        return found.most_common()


def day_plan(user: Any, steps: Sequence[Step], *, day: date, today: date) -> DayPlan:
    """Count every step for ``day``; one statement a step that is not counted yet, and one for the clients."""
    if not steps:
        return DayPlan(day, [], 0)
    place = _place(user, steps[0], day=day, today=today)
    kept: dict[str, tuple[int, dict[str, int]]] = cache.get(place) or {}
    fresh = dict(kept)
    plans = []
    for step in steps:
        mark = _mark(step, day=day)
        if mark not in fresh:
            plan = _count(user, step, day=day, today=today)
            fresh[mark] = (plan.going, plan.held)
        plans.append(_plan(step, fresh[mark], day=day, today=today))
    if len(fresh) > len(kept):
        cache.set(place, fresh, COUNTS_LIVE)
    return DayPlan(day, plans, _people(user, plans, day=day, today=today))


def counted(user: Any, steps: Sequence[Step], *, day: date, today: date) -> dict[str, StepPlan]:
    """The steps whose count is known already, by their key: one look into the cache."""
    kept = cache.get(_place(user, steps[0], day=day, today=today)) if steps else None
    marks = {_mark(step, day=day): step for step in steps}
    return {
        step.key: _plan(step, kept[mark], day=day, today=today)
        for mark, step in marks.items()
        if kept and mark in kept
    }


def _plan(step: Step, counts: tuple[int, dict[str, int]], *, day: date, today: date) -> StepPlan:
    return StepPlan(step, *counts, known=_known(step, day=day, today=today))


def _count(user: Any, step: Step, *, day: date, today: date) -> StepPlan:
    if not _known(step, day=day, today=today):
        return StepPlan(step, known=False)
    rows = met_by(user, step, day=day, today=today).values_list("reason").annotate(n=Count("id")).order_by()  # type: ignore[misc]
    counts: dict[str, int] = dict(rows)
    going = counts.pop("", 0)
    return StepPlan(step, going, counts)


def _people(user: Any, plans: Iterable[StepPlan], *, day: date, today: date) -> int:
    going = [
        met_by(user, plan.step, day=day, today=today).filter(GOES).values("client_id")
        for plan in plans
        if plan.going
    ]
    if not going:
        return 0
    if len(going) == 1:
        return going[0].distinct().count()
    return going[0].union(*going[1:]).count()


def _known(step: Step, *, day: date, today: date) -> bool:
    return day + timedelta(days=step.day) <= today + timedelta(days=HORIZON_DAYS)


def met_by(user: Any, step: Step, *, day: date, today: date) -> "QuerySet[Renewal]":
    """Visible terms that the step would meet on ``day``, with the ``reason`` that holds each back ('' goes).

    A step meets a term on its day, a period on the day the term enters it. A version that starts on ``day`` also
    takes in those already inside its periods who had no such touch. What is planned for ``day`` already counts as if
    it were not, so that the figures of a version do not change when the evening's planning has run.
    """
    known = spec(step)
    met = Q(end_date=day + timedelta(days=step.day))
    if step.until_day is not None and _starts(step, day):
        inside = Q(
            end_date__gte=day + timedelta(days=step.until_day), end_date__lt=day + timedelta(days=step.day)
        )
        met |= inside & ~_met_before(step, day=day, today=today)
    before = Touch.objects.filter(
        renewal_id=OuterRef("pk"), step_key=known.key, term_end=OuterRef("end_date"), due_on__lt=day
    )
    return (
        Renewal.objects.visible_to(user)
        .filter(met)
        .filter(audience(known))
        .exclude(Exists(before))
        .annotate(reached=F("reach").bitand(REACH_BITS[step.channel]))
        .annotate(reason=reason_case(known, today=day))
    )


def _starts(step: Step, day: date) -> bool:
    """Whether the step is looked at as one that begins on ``day``: of a draft, or of a version whose day has not come.

    On trial a step is counted as in its experiment where it comes with its ``arm``; alone, as of a draft.
    """
    if step.arm is not None and step.arm.gets_b:
        return False
    if step.version.state == ScheduleVersion.State.TRIAL:
        return True
    since = began(step)
    return since is None or since >= day


def _met_before(step: Step, *, day: date, today: date) -> Q:
    """Terms that the same step, of whatever version they go by, will have met between today and ``day``."""
    found = Q(pk__in=[])
    for current in steps_in_force(today):
        if current.key == step.key and current.version.schedule_id == step.version.schedule_id:
            last = day - timedelta(days=1) + timedelta(days=current.day)
            found |= Q(end_date__lte=last) & audience(spec(current))
    return found


def _place(user: Any, step: Step, *, day: date, today: date) -> str:
    """Where the counts of a schedule on a day are kept for a scope."""
    parts = (scope_of(user), step.version.schedule_id, day, today)
    return f"schedules.plan:{sha256(repr(parts).encode()).hexdigest()}"


def _mark(step: Step, *, day: date) -> str:
    """What decides the count of a step: a change of any of it is counted anew."""
    starts = step.until_day is not None and _starts(step, day)
    return repr((*_plain(spec(step)), starts))


def _plain(step: StepSpec) -> tuple[Any, ...]:
    conditions = tuple(sorted(repr(sorted(c.items())) for c in step.conditions))
    return step.key, step.day, step.until_day, step.channel, conditions, step.arm
