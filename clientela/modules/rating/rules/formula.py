"""The formula of a product as data: steps in order, each a value of a table or a given one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from clientela.foundation.dates import full_years
from clientela.modules.rating.rules.conditions import holds

Words = Mapping[str, str]  # language → text


class Op(StrEnum):
    """What a step does to the running amount with its value."""

    SET = "set"
    TIMES = "times"
    PLUS = "plus"
    PERCENT_OF = "percent_of"  # value percent of the fact `of`
    PLUS_PERCENT_OF = "plus_percent_of"
    PLUS_PERCENT = "plus_percent"  # the running amount grows by value percent
    AT_LEAST = "at_least"
    ROUND = "round"  # half up to a multiple of the value, 0.01
    AS_PERCENT_OF = "as_percent_of"  # the running amount was a percentage: of the fact `of`


@dataclass(frozen=True)
class Step:
    """One factor. ``given`` is a fact that stands instead of the table's value, ``within`` the table of its limits.

    ``each`` asks the table for every item of a list and takes the largest, or the ``sum``. ``when`` maps facts to the
    answers for which the step counts (see ``conditions``); ``facts`` maps columns of the table to facts of other names; ``part`` is a
    coverage's code. ``optional``: the step is left out without the given fact, without the fact it is a percentage
    of, or where the table has no row. ``constant`` is a value that no manager changes, such as a step of rounding.
    """

    code: str
    op: Op
    title: Words
    label: str = ""
    why: Words = field(default_factory=dict)
    table: str = ""
    column: str = ""
    given: str = ""
    within: str = ""
    each: str = ""
    take: str = "max"
    constant: str = ""
    of: str = ""
    part: str = ""
    optional: bool = False
    when: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    def counts(self, facts: Mapping[str, Any]) -> bool:
        """Whether these facts call for the step."""
        return all(holds(wanted, facts.get(fact)) for fact, wanted in self.when.items())

    def left_out(self, facts: Mapping[str, Any]) -> bool:
        """Whether an optional step has nothing to work with."""
        if not self.optional:
            return False
        return (bool(self.given) and not self.table and self.given not in facts) or (
            bool(self.of) and not facts.get(self.of)
        )


@dataclass(frozen=True)
class Formula:
    """Steps; facts that need not be given, with what they are then; facts that follow from a year or date.

    ``shares`` are facts that are a percentage of another; ``lookups`` facts that a table tells: the group of a make.
    ``sums`` maps a coverage to the fact that says its sum insured. A list has its length as ``…_count``.
    """

    steps: tuple[Step, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    sums: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Formula":
        steps = tuple(
            Step(**(step | {"op": Op(step["op"]), "when": dict(step.get("when", {}))}))
            for step in data.get("steps", ())
        )
        names = ("defaults", "derived", "sums", "shares", "lookups")
        return cls(steps, *(data.get(name, {}) for name in names))

    def complete(self, facts: Mapping[str, Any], on: date) -> dict[str, Any]:
        """``facts`` with defaults, and with full years since a year or date: of age, of experience."""
        known = {key: value for key, value in facts.items() if value is not None and value != ""}
        known = {**self.defaults, **known}
        self._derive(known, on)
        for fact, share in self.shares.items():
            if share["of"] in known:
                known.setdefault(fact, Decimal(str(known[share["of"]])) * Decimal(share["percent"]) / 100)
        for key, value in list(known.items()):
            if isinstance(value, (list, tuple)) and all(isinstance(item, Mapping) for item in value):
                known[key] = [dict(item) for item in value]
                known[f"{key}_count"] = len(value)
                for item in known[key]:
                    self._derive(item, on)
        return known

    def _derive(self, facts: dict[str, Any], on: date) -> None:
        for fact, source in self.derived.items():
            if fact not in facts and facts.get(source) not in (None, ""):
                facts[fact] = years_since(facts[source], on)


def years_since(start: Any, on: date) -> int:
    """Full years from a date, or calendar years from a year, to ``on``; never less than none."""
    if isinstance(start, str) and len(start) > 4:
        start = date.fromisoformat(start)
    if isinstance(start, date):
        return max(full_years(start, on), 0)
    return max(on.year - int(start), 0)


def run(op: Op, running: Decimal, value: Decimal, of: Decimal) -> Decimal:
    """The amount after a step, unrounded."""
    if op == Op.SET:
        return value
    if op == Op.TIMES:
        return running * value
    if op == Op.PLUS:
        return running + value
    if op == Op.PERCENT_OF:
        return of * value / 100
    if op == Op.PLUS_PERCENT_OF:
        return running + of * value / 100
    if op == Op.PLUS_PERCENT:
        return running * (100 + value) / 100
    if op == Op.ROUND:
        return (running / value).quantize(Decimal(1), ROUND_HALF_UP) * value
    if op == Op.AS_PERCENT_OF:
        return of * running / 100
    return max(running, value)
