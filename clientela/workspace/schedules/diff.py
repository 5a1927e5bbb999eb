"""What differs between two versions of a schedule: whole steps, fields, conditions, words of the texts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

from clientela.modules.renewals.models import Step

# Fields in the order in which they are told; conditions and texts are told by themselves.
FIELDS = ("name", "day", "until_day", "at_time", "channel")
TEXTS = ("subject", "text", "subject_en", "text_en")

Kind = Literal["field", "text", "added", "removed", "changed"]


@dataclass(frozen=True)
class Piece:
    """A run of words of a text: ``same``, ``old`` or ``new``."""

    state: Literal["same", "old", "new"]
    text: str


@dataclass(frozen=True)
class Change:
    """One difference. ``kind`` says what ``name`` is: a field, a text, or a condition that came, went or changed."""

    kind: Kind
    name: str
    before: Any = None
    after: Any = None
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class StepChange:
    """What became of one step; a new or removed step is one change, whatever stands in it."""

    state: Literal["new", "gone", "changed"]
    step: Step
    changes: list[Change] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.changes) or 1


def differences(before: Iterable[Step], after: Iterable[Step]) -> list[StepChange]:
    """Steps that differ, matched by their key, in the order of ``after``, then those that are gone."""
    old = {step.key: step for step in before}
    found: list[StepChange] = []
    for step in after:
        former = old.pop(step.key, None)
        if former is None:
            found.append(StepChange("new", step))
        elif changes := step_changes(former, step):
            found.append(StepChange("changed", step, changes))
    return found + [StepChange("gone", step) for step in old.values()]


def count(changes: Iterable[StepChange]) -> int:
    """How many single differences there are."""
    return sum(change.count for change in changes)


def step_changes(before: Step, after: Step) -> list[Change]:
    """The differences between two versions of one step."""
    found = [
        Change("field", name, getattr(before, name), getattr(after, name))
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    ]
    found += _conditions(before.conditions, after.conditions)
    for name in TEXTS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found.append(Change("text", name, old, new, words(old, new)))
    return found


def _conditions(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[Change]:
    old, new = ({c["code"]: c for c in conditions} for conditions in (before, after))
    found = [Change("removed", code, old[code]) for code in old if code not in new]
    for code, condition in new.items():
        if code not in old:
            found.append(Change("added", code, None, condition))
        elif _value(old[code]) != _value(condition):
            found.append(Change("changed", code, old[code], condition))
    return found


def _value(condition: Mapping[str, Any]) -> Any:
    value = condition.get("value")
    return sorted(value) if isinstance(value, list) else value


def words(before: str, after: str) -> list[Piece]:
    """Two texts as one: what stayed, what went, what came, word by word."""
    old, new = (re.findall(r"\{\w+\}|\w+|\s+|[^\w\s]", text) for text in (before, after))
    pieces: list[Piece] = []
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(Piece("old", "".join(old[i1:i2])))
        if j1 < j2:
            pieces.append(Piece("new", "".join(new[j1:j2])))
    return pieces
