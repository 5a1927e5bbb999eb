"""What an experiment has shown so far: counts by side, and the terms behind them."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.lookups import LessThan

from clientela.modules.contacts.models import WRITTEN
from clientela.modules.organisation.queries import scope_of
from clientela.modules.renewals.experiments import differing
from clientela.modules.renewals.models import Experiment, Renewal, Step, Touch
from clientela.modules.renewals.proportions import Difference, Proportion
from clientela.modules.renewals.queries.planning import audience, spec
from clientela.modules.renewals.queries.splits import bucket_of

LIVE = 600
SIDES = ("a", "b")
State = Touch.State
ARRIVED = [State.DELIVERED, State.OPENED, State.REPLIED]
GONE = [State.SENT, *ARRIVED, State.FAILED]
# The touches behind each figure of messages and calls.
TOUCHES = {
    "sent": Q(channel__in=WRITTEN, state__in=GONE),
    "delivered": Q(channel__in=WRITTEN, state__in=ARRIVED),
    "replied": Q(channel__in=WRITTEN, state=State.REPLIED),
    "calls": Q(state=State.DONE),
}


@dataclass(frozen=True)
class Side:
    """Counts of one side. Messages and calls are of the days on which the versions may differ.

    ``ended`` are terms whose end has passed on this side, ``renewed`` those of them that were paid by their end.
    """

    clients: int = 0
    terms: int = 0
    sent: int = 0
    delivered: int = 0
    replied: int = 0
    calls: int = 0
    ended: int = 0
    renewed: int = 0

    @property
    def delivery(self) -> Proportion:
        return Proportion(self.delivered, self.sent)

    @property
    def reply(self) -> Proportion:
        return Proportion(self.replied, self.sent)

    @property
    def renewal(self) -> Proportion:
        return Proportion(self.renewed, self.ended)


@dataclass(frozen=True)
class Results:
    """Both sides; a difference is B less A."""

    a: Side
    b: Side

    @property
    def renewal(self) -> Difference:
        return Difference(self.a.renewal, self.b.renewal)

    @property
    def delivery(self) -> Difference:
        return Difference(self.a.delivery, self.b.delivery)

    @property
    def reply(self) -> Difference:
        return Difference(self.a.reply, self.b.reply)


def last_entry(experiment: Experiment, today: date) -> date:
    """The last day up to today on which terms entered."""
    days = [today, experiment.last_day]
    if experiment.ended_from is not None:
        days.append(experiment.ended_from - timedelta(days=1))
    return min(day for day in days if day is not None)


def last_end(experiment: Experiment) -> date | None:
    """The last day on which a term of the experiment may end; None while terms still enter without a last day."""
    if experiment.ended_from is not None:
        return experiment.ended_from - timedelta(days=1)
    if experiment.last_day is None:
        return None
    return experiment.last_day + timedelta(days=experiment.lead_days)


def entered(user: Any, experiment: Experiment, *, today: date) -> "QuerySet[Any]":
    """Visible terms that have entered, with their ``side``: everybody whom a step that differs is for.

    Whether a touch went makes no difference: a side is judged by all whom it was meant for.
    """
    lead = timedelta(days=experiment.lead_days)
    first, last = experiment.first_day + lead, last_entry(experiment, today) + lead
    return (
        Renewal.objects.visible_to(user)
        .filter(_meant(experiment), end_date__gte=first, end_date__lte=last)
        .annotate(side=_side(experiment, "client_id"))
    )


def _side(experiment: Experiment, client: str) -> Case:
    is_b = LessThan(bucket_of(experiment.pk, client), experiment.share)
    return Case(When(is_b, then=Value("b")), default=Value("a"), output_field=CharField())


def _steps(experiment: Experiment) -> list[Step]:
    versions = [experiment.control_id, experiment.candidate_id]
    return list(Step.objects.filter(version__in=versions).select_related("version__schedule"))


def _meant(experiment: Experiment) -> Q:
    steps = _steps(experiment)
    one, other = (
        [s for s in steps if s.version_id == v] for v in (experiment.control_id, experiment.candidate_id)
    )
    keys, found = differing(one, other), Q(pk__in=[])
    for step in steps:
        if step.key in keys:
            found |= audience(spec(step)) or Q(pk__gt=0)
    return found


def _touches(experiment: Experiment) -> "QuerySet[Touch]":
    keys = {spec(step).key for step in _steps(experiment)}
    return Touch.objects.filter(
        step_key__in=keys, day__lte=experiment.lead_days, term_end=F("renewal__end_date")
    )


def _over(experiment: Experiment, today: date) -> Q:
    """Terms that ended while their side was in force."""
    return Q(end_date__lt=min(today, experiment.ended_from or today))


def terms_behind(
    user: Any, experiment: Experiment, side: str, what: str, *, today: date
) -> "QuerySet[Renewal]":
    """The terms behind one figure of one side; ``what`` is terms, ended, renewed or a key of ``TOUCHES``."""
    terms = entered(user, experiment, today=today).filter(side=side)
    if what in TOUCHES:
        touches = _touches(experiment).filter(TOUCHES[what], renewal_id=OuterRef("pk"))
        return terms.filter(Exists(touches))
    if what in ("ended", "renewed"):
        terms = terms.filter(_over(experiment, today))
    return terms.filter(paid_at__date__lte=F("end_date")) if what == "renewed" else terms


def results_of(user: Any, experiment: Experiment, *, today: date) -> Results:
    """Count both sides once in ten minutes: one grouped statement over the terms, one over their touches."""
    parts = (scope_of(user), experiment.pk, experiment.ended_from, today)
    key = f"schedules.experiment:{sha256(repr(parts).encode()).hexdigest()}"
    found: Results | None = cache.get(key)
    if found is None:
        found = _count(user, experiment, today)
        cache.set(key, found, LIVE)
    return found


def _count(user: Any, experiment: Experiment, today: date) -> Results:
    terms = entered(user, experiment, today=today)
    over = _over(experiment, today)
    counts: dict[str, dict[str, int]] = {side: {} for side in SIDES}
    of_terms: QuerySet[Any] = (
        terms.values("side")
        .order_by()
        .annotate(
            terms=Count("id"),
            clients=Count("client_id", distinct=True),
            ended=Count("id", filter=over),
            renewed=Count("id", filter=over & Q(paid_at__date__lte=F("end_date"))),
        )
    )
    touches = _touches(experiment).filter(renewal_id__in=terms.values("id"))
    of_touches: QuerySet[Any] = (
        touches.annotate(side=_side(experiment, "renewal__client_id"))
        .values("side")
        .order_by()
        .annotate(**{what: Count("id", filter=q) for what, q in TOUCHES.items()})
    )
    for row in (*of_terms, *of_touches):
        counts[row.pop("side")] |= row
    return Results(*(Side(**counts[side]) for side in SIDES))
