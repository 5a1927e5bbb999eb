"""The staffing of a day as asked for by a link: volumes and times from history unless the link says others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from clientela.modules.calls.figures.forecast import MOST_WEEKS, USUAL_WEEKS, Forecast
from clientela.modules.calls.figures.rules import SLOTS
from clientela.modules.calls.figures.shift import Need, Targets, reached, staffing
from clientela.modules.routing.shifts import on_shift
from clientela.workspace.wallboard.line import Line, tomorrow

FIRST_SLOT, LAST_SLOT = 16, 40
MOST_CALLS, MOST_AHT, MOST_AHEAD = 2000, 7200, 366
SHRINKAGE = 30
PLOT = 128.0


def _whole(text: Any, least: int, most: int) -> int | None:
    try:
        value = int(text)
    except (TypeError, ValueError):
        return None
    return value if least <= value <= most else None


@dataclass(frozen=True)
class Wish:
    """What the link asks for; what it leaves out comes from the history and from the queue. Percents are whole."""

    day: date
    weeks: int
    aht: int | None
    within: int | None
    aim: int | None
    shrinkage: int
    volumes: tuple[tuple[int, float], ...]

    @classmethod
    def read(cls, query: Mapping[str, Any], line: Line) -> Self:
        """From an address; what makes no sense counts as left out."""
        try:
            day = date.fromisoformat(query.get("day", ""))
        except ValueError:
            day = tomorrow(line)
        if abs((day - line.today).days) > MOST_AHEAD:
            day = tomorrow(line)
        shrinkage = _whole(query.get("shrinkage"), 0, 90)
        found = ((slot, _calls(query.get(f"v{slot}"))) for slot in range(SLOTS))
        return cls(
            day, _whole(query.get("weeks"), 1, MOST_WEEKS) or USUAL_WEEKS, _whole(query.get("aht"), 1, MOST_AHT),
            _whole(query.get("within"), 0, 3600), _whole(query.get("aim"), 1, 99),
            SHRINKAGE if shrinkage is None else shrinkage,
            tuple((slot, calls) for slot, calls in found if calls is not None),
        )  # fmt: skip


def _calls(text: Any) -> float | None:
    try:
        value = float(str(text).replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value <= MOST_CALLS else None


@dataclass(frozen=True)
class Plan:
    """The staffing of a day. ``changed`` are the half-hours whose calls the link says."""

    line: Line
    wish: Wish
    forecast: Forecast
    targets: Targets
    needs: list[Need]
    changed: frozenset[int]

    @property
    def shown(self) -> list[Need]:
        """The half-hours of the table: the usual day, wider where calls are expected."""
        used = [need.slot for need in self.needs if need.calls or need.slot in self.changed]
        return self.needs[min([FIRST_SLOT, *used]) : max([LAST_SLOT, *(slot + 1 for slot in used)])]

    @property
    def short(self) -> list[Need]:
        """Half-hours in which people are missing."""
        return [need for need in self.needs if need.gap]

    @property
    def calls(self) -> float:
        return sum(need.calls for need in self.needs)

    @property
    def level(self) -> float | None:
        """The level of the day with those who are there."""
        return reached(self.needs)

    @property
    def query(self) -> str:
        """The link of exactly this."""
        wish = self.wish
        values: dict[str, Any] = {
            "queue": self.line.queue, "day": wish.day.isoformat(), "weeks": wish.weeks, "shrinkage": wish.shrinkage,
            "aht": wish.aht, "within": wish.within, "aim": wish.aim,
        }  # fmt: skip
        values |= {f"v{slot}": f"{calls:g}" for slot, calls in wish.volumes if slot in self.changed}
        return urlencode({name: value for name, value in values.items() if value is not None})


def plan_of(line: Line, wish: Wish) -> Plan:
    """Count it."""
    forecast = line.forecast(wish.day, wish.weeks)
    volumes = list(forecast.volumes)
    changed = set()
    for slot, calls in wish.volumes:
        if calls != volumes[slot]:
            volumes[slot] = calls
            changed.add(slot)
    targets = Targets(
        aht=wish.aht or forecast.aht, within=line.aim.answer_within if wish.within is None else wish.within,
        aim=(wish.aim or line.aim.answer_share) / 100, shrinkage=wish.shrinkage / 100,
    )  # fmt: skip
    have = on_shift(line.queue, line.user, wish.day, line.zone)
    return Plan(line, wish, forecast, targets, staffing(volumes, have, targets), frozenset(changed))


def plan_for_tomorrow(line: Line) -> Plan:
    """The staffing of tomorrow as the history says."""
    return plan_of(line, Wish.read({}, line))


def time_of(slot: int) -> str:
    return f"{slot // 2}:{'30' if slot % 2 else '00'}"


def columns(plan: Plan) -> dict[str, Any]:
    """The plot: a column a half-hour, heights in pixels, and three lines of the scale."""
    most = max([4, *(max(need.wanted, need.have) for need in plan.shown)])
    height = PLOT / most
    bars = [
        {
            "need": need, "time": time_of(need.slot), "hour": "" if need.slot % 2 else need.slot // 2,
            "have": round(min(need.have, max(need.wanted, need.have)) * height, 1), "gap": round(need.gap * height, 1),
            "mark": round(need.wanted * height, 1),
        }
        for need in plan.shown
    ]  # fmt: skip
    step = max(1, most // 3)
    grid = [{"n": n, "top": round(4 + PLOT - n * height, 1)} for n in range(step, most + 1, step)]
    return {"bars": bars, "grid": grid}


def day_before(plan: Plan, days: int) -> str:
    """The link of another day with the same targets; its volumes come from its own history."""
    wish = plan.wish
    values = {"queue": plan.line.queue, "day": wish.day + timedelta(days=days), "weeks": wish.weeks,
              "shrinkage": wish.shrinkage}  # fmt: skip
    return urlencode(values)
