"""What came of the robot's calls in the last thirty days, within the reader's scope."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q

from clientela.modules.organisation.queries import scope_of
from clientela.modules.robot.models import Attempt, Dialogue, RobotCall, Said
from clientela.modules.robot.rules.dialogue import Outcome

DAYS = 30
_HUMAN = ("person", "unknown")


@dataclass(frozen=True)
class Figures:
    """``visits`` by node, ``ways`` by (node, next node), ``said`` average seconds by node; the rest counts calls."""

    visits: dict[str, int] = field(default_factory=dict)
    ways: dict[tuple[str, str], int] = field(default_factory=dict)
    meanings: dict[tuple[str, str, str], int] = field(default_factory=dict)
    seconds: dict[str, int] = field(default_factory=dict)
    attempts: int = 0
    talks: int = 0
    talk_seconds: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    def share(self, node: str, to: str) -> float | None:
        """Percent of who heard ``node`` that went on to ``to``."""
        heard = self.visits.get(node, 0)
        return 100 * self.ways.get((node, to), 0) / heard if heard else None

    def of_talks(self, *outcomes: str) -> float | None:
        """Percent of conversations that came to these outcomes."""
        return 100 * sum(self.outcomes.get(one, 0) for one in outcomes) / self.talks if self.talks else None

    @property
    def reached(self) -> float | None:
        """Percent of attempts that a person answered."""
        return 100 * self.talks / self.attempts if self.attempts else None


def figures(user: Any, dialogue: Dialogue, *, now: datetime) -> Figures:
    """Figures of all versions of a dialogue together: a node keeps its key from version to version."""
    since = now - timedelta(days=DAYS)
    said = Said.objects.filter(
        scope_of(user).q("attempt__call__client__"), at__gte=since, version__dialogue=dialogue
    ).order_by()
    visits, seconds = {}, {}
    spent = ExpressionWrapper(F("left_at") - F("at"), output_field=DurationField())
    for node, count, average in said.values_list("node").annotate(n=Count("id"), s=Avg(spent)):
        visits[node] = count
        if average is not None:
            seconds[node] = round(average.total_seconds())
    ways: dict[tuple[str, str], int] = {}
    meanings: dict[tuple[str, str, str], int] = {}
    left = said.exclude(to="").values_list("node", "meaning", "to").annotate(n=Count("id"))
    for node, meaning, to, count in left:
        ways[node, to] = ways.get((node, to), 0) + count
        meanings[node, meaning, to] = count
    attempts = Attempt.objects.filter(
        scope_of(user).q("call__client__"),
        rung_at__gte=since,
        call__dialogue=dialogue,
        ended_at__isnull=False,
    ).order_by()
    human = Q(answered_at__isnull=False, who__in=_HUMAN)
    length = ExpressionWrapper(F("ended_at") - F("answered_at"), output_field=DurationField())
    counted = attempts.aggregate(n=Count("id"), talks=Count("id", filter=human), s=Avg(length, filter=human))
    outcomes = (
        RobotCall.objects.visible_to(user).filter(dialogue=dialogue, ended_at__gte=since).exclude(outcome="")
    )
    return Figures(
        visits, ways, meanings, seconds, counted["n"], counted["talks"],
        round(counted["s"].total_seconds()) if counted["s"] else 0,
        dict(outcomes.order_by().values_list("outcome").annotate(n=Count("id"))),
    )  # fmt: skip


AGREED = (Outcome.AGREED,)
TO_A_PERSON = (Outcome.HANDED_OVER, Outcome.TOO_DEAR)
FORBADE = (Outcome.STOPPED,)
