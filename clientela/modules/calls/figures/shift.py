"""A day's staffing by half-hour: who is needed, who is there, what comes of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from clientela.modules.calls.figures.erlang import Service, people_needed, rostered, service
from clientela.modules.calls.figures.rules import SLOT

SECONDS = SLOT.total_seconds()


@dataclass(frozen=True, slots=True)
class Targets:
    """``aim`` of the calls (0…1) answered ``within`` seconds, each handled in ``aht`` seconds; of the time of those on
    the shift the share ``shrinkage`` goes to breaks, training and illness."""

    aht: float
    within: float = 20
    aim: float = 0.8
    shrinkage: float = 0.3


@dataclass(frozen=True, slots=True)
class Need:
    """One half-hour. ``needed`` at the telephone, ``wanted`` on the shift for it, ``have`` on the shift.

    ``given`` is what the needed give, ``reached`` what those who are there will.
    """

    slot: int
    calls: float
    needed: int
    wanted: int
    have: int
    given: Service
    reached: Service

    @property
    def gap(self) -> int:
        """How many are missing on the shift; 0 where there are enough."""
        return max(0, self.wanted - self.have)


def staffing(volumes: Sequence[float], have: Sequence[int], targets: Targets) -> list[Need]:
    """The need of each half-hour; ``volumes`` and ``have`` are by half-hour of the day."""
    return [
        _need(slot, calls, there, targets)
        for slot, (calls, there) in enumerate(zip(volumes, have, strict=True))
    ]


def _need(slot: int, calls: float, have: int, targets: Targets) -> Need:
    load = {"seconds": SECONDS, "aht": targets.aht}
    needed = people_needed(calls, **load, within=targets.within, aim=targets.aim)
    at_phone = floor(have * (1 - targets.shrinkage) + 1e-9)
    return Need(
        slot, calls, needed, rostered(needed, targets.shrinkage), have,
        service(calls, needed, **load, within=targets.within),
        service(calls, at_phone, **load, within=targets.within),
    )  # fmt: skip


def reached(needs: Sequence[Need]) -> float | None:
    """The level of the whole day with those who are there: of all calls, those answered in time. None without calls."""
    calls = sum(need.calls for need in needs)
    return sum(need.reached.level * need.calls for need in needs) / calls if calls else None
