"""What a step gave in the last thirty days, counted from its touches."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Q, QuerySet

from clientela.modules.organisation.queries import scope_of
from clientela.modules.renewals.models import Renewal, Step, Touch
from clientela.modules.renewals.queries.planning import spec

DAYS = 30
LIVE = 600

State = Touch.State
# What each figure counts. A message that was read was delivered before.
SENT = (State.SENT, State.DELIVERED, State.OPENED, State.REPLIED, State.FAILED, State.DONE)
MEANS: dict[str, tuple[str, ...]] = {
    "sent": SENT,
    "delivered": (State.DELIVERED, State.OPENED, State.REPLIED),
    "opened": (State.OPENED, State.REPLIED),
    "replied": (State.REPLIED,),
    "failed": (State.FAILED,),
    "renewed": SENT,
}


@dataclass(frozen=True)
class Results:
    """Counts of touches; ``renewed`` are those after which the next term was paid."""

    sent: int
    delivered: int
    opened: int
    replied: int
    failed: int
    renewed: int

    def share(self, count: int) -> float:
        """Percent of what was sent."""
        return 100 * count / self.sent if self.sent else 0.0


def touches_of(user: Any, step: Step, *, today: date) -> "QuerySet[Touch]":
    """Touches of the step, whatever version planned them, due in the last thirty days up to yesterday."""
    mine = Touch.objects.filter(
        step_key=spec(step).key,
        channel=step.channel,
        due_on__gte=today - timedelta(days=DAYS),
        due_on__lt=today,
    )
    scope = scope_of(user)
    return mine if scope.everything else mine.filter(scope.q("renewal__"))


def meaning(what: str) -> Q:
    """The filter behind one figure."""
    found = Q(state__in=MEANS[what])
    return found & _renewed() if what == "renewed" else found


def _renewed() -> Q:
    return Q(renewal__paid_at__gte=F("sent_at"))


def results_of(user: Any, step: Step, *, today: date) -> Results:
    """Count once in ten minutes: one grouped statement over thirty days of touches."""
    parts = (scope_of(user), spec(step).key, step.channel, today)
    key = f"schedules.results:{sha256(repr(parts).encode()).hexdigest()}"
    found: Results | None = cache.get(key)
    if found is None:
        found = _count(touches_of(user, step, today=today))
        cache.set(key, found, LIVE)
    return found


def _count(touches: "QuerySet[Touch]") -> Results:
    rows = (
        touches.values_list("state")
        .annotate(n=Count("id"), renewed=Count("id", filter=_renewed()))
        .order_by()
    )
    counts = {state: (n, renewed) for state, n, renewed in rows}
    totals = {what: sum(counts.get(state, (0, 0))[0] for state in states) for what, states in MEANS.items()}
    totals["renewed"] = sum(counts.get(state, (0, 0))[1] for state in SENT)
    return Results(**totals)


def terms_behind(user: Any, step: Step, what: str, *, today: date) -> "QuerySet[Renewal]":
    """The terms behind one figure."""
    touches = touches_of(user, step, today=today).filter(meaning(what))
    return Renewal.objects.filter(id__in=touches.values("renewal_id"))
