"""How many calls will come: pure.

The forecast of a half-hour is the mean of the calls offered in the same half-hour of the same weekday of the last weeks.
Days without a single call (the line was closed) and public holidays are left out; `LEAST_DAYS` are the fewest that say
anything. A holiday itself is not forecast: its weekday says nothing about it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clientela.modules.calls.figures.rules import SLOTS, Totals, total

LEAST_DAYS = 2
USUAL_WEEKS, MOST_WEEKS = 5, 26
# While nobody has talked yet: three minutes, as long as a short question takes.
USUAL_AHT = 180.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """Calls by half-hour, the mean handling time in seconds, and the days of history that both are of."""

    day: date
    volumes: tuple[float, ...]
    aht: float
    days: tuple[date, ...]
    holiday: bool

    @property
    def is_thin(self) -> bool:
        """Too little is known of such days."""
        return len(self.days) < LEAST_DAYS


def days_like(day: date, weeks: int, is_holiday: Callable[[date], bool]) -> list[date]:
    """The same weekday of the ``weeks`` before ``day``, the latest first, without public holidays."""
    before = [day - timedelta(weeks=n) for n in range(1, weeks + 1)]
    return [one for one in before if not is_holiday(one)]


def forecast(day: date, history: Mapping[date, Sequence[Totals]], *, holiday: bool) -> Forecast:
    """The forecast of ``day`` from days like it, each as `SLOTS` totals; volumes to a tenth of a call."""
    known = {one: slots for one, slots in sorted(history.items()) if total(slots).offered}
    volumes = [
        round(sum(slots[n].offered for slots in known.values()) / len(known), 1) if known else 0.0
        for n in range(SLOTS)
    ]
    handled = total(one for slots in known.values() for one in slots)
    return Forecast(day, tuple(volumes), round(handled.aht or USUAL_AHT), tuple(known), holiday)
