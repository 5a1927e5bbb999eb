"""The figures of a line, each defined once: pure.

A call is counted in the half-hour in which the caller began to wait for a person (``Call.queued_at``), once the waiting
is over. Who hangs up in the menu, hears that we are closed, or leaves a wish there never waited and is not counted.

- *Offered*: answered + abandoned + asked to be called back from the queue. Who hangs up within `SHORT` is not offered:
  nobody could have answered; these *short* ones are told apart and are in no other figure.
- *Service level* (уровень сервиса): answered within T / offered. T is the queue's own, 20 s where nobody set another.
- *ASA*: the mean waiting time of the answered. *Abandonment*: abandoned / offered.
- *AHT*: (talk + wrap-up) / answered. Wrap-up is the time from the end of the talk until the person says how it came
  out; what is said later than `WRAP_UP_MOST` is no wrap-up and counts as nothing.
- *Occupancy*: handling time (talk + wrap-up) / time at work (available or busy).
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta

SHORT = timedelta(seconds=5)
WRAP_UP_MOST = timedelta(minutes=5)
# From this share of the aim on the level is near, below it is bad.
NEAR = 0.9
SLOTS, SLOT = 48, timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over some calls; seconds are whole sums. They add up, ratios do not: ratios are asked of the sum."""

    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    called_back: int = 0
    short: int = 0
    waited: float = 0
    talked: float = 0
    wrapped: float = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def offered(self) -> int:
        return self.answered + self.abandoned + self.called_back

    @property
    def level(self) -> float | None:
        """Service level, 0…1; None while nothing was offered."""
        return self.in_time / self.offered if self.offered else None

    @property
    def abandonment(self) -> float | None:
        """Abandoned / offered, 0…1."""
        return self.abandoned / self.offered if self.offered else None

    @property
    def asa(self) -> float | None:
        """Average speed of answer, seconds."""
        return self.waited / self.answered if self.answered else None

    @property
    def talk(self) -> float | None:
        """Mean talk, seconds."""
        return self.talked / self.answered if self.answered else None

    @property
    def wrap_up(self) -> float | None:
        """Mean wrap-up, seconds."""
        return self.wrapped / self.answered if self.answered else None

    @property
    def aht(self) -> float | None:
        """Average handling time, seconds."""
        return (self.talked + self.wrapped) / self.answered if self.answered else None


def total(some: Iterable[Totals]) -> Totals:
    """All of them together."""
    return sum(some, Totals())


def occupancy(handling: timedelta, at_work: timedelta) -> float | None:
    """Handling time / time at work, 0…1: a talk that began before the work did counts to its whole. None: not at work."""
    return min(handling / at_work, 1.0) if at_work else None


def judged(level: float | None, aim: float) -> str:
    """good, near or bad: how a service level stands to its aim; empty while there is none."""
    if level is None:
        return ""
    return "good" if level >= aim else "near" if level >= aim * NEAR else "bad"
