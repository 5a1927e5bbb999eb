"""The steps of a formula that certain facts call for: what they need, and their tables compiled together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clientela.modules.rating.rules.engine import Decision, Node
from clientela.modules.rating.rules.formula import Step, Words
from clientela.modules.rating.rules.tables import Body


@dataclass(frozen=True)
class Sheet:
    """A version of a table as a plan uses it."""

    code: str
    title: Words
    number: int
    body: Body


class Route:
    """``steps`` are ``(place in the formula, step)``; node ``s3`` is the table of step 3, ``w3`` its limits."""

    def __init__(self, steps: Sequence[tuple[int, Step]], sheet: Callable[[str], Sheet]) -> None:
        self.steps = tuple(steps)
        self.decision = Decision(_nodes(self.steps, sheet))
        self._wants = [
            (step, _facts(step, step.table, sheet), _facts(step, step.within, sheet))
            for _, step in self.steps
        ]

    def missing(self, known: Mapping[str, Any]) -> Iterator[str]:
        """The facts without which these steps cannot be done; ``drivers.0.age`` is of the first driver."""
        for step, own, limits in self._wants:
            given = step.given in known
            if step.left_out(known):
                continue
            if step.of and step.of not in known:
                yield step.of
            if step.given and not step.table and not given:
                yield step.given
            for fact in limits if given else own + limits if not step.each else ():
                if fact not in known:
                    yield fact
            if step.each and not given:
                yield from _missing_of_items(step.each, own, known)


def _missing_of_items(each: str, own: tuple[str, ...], known: Mapping[str, Any]) -> Iterator[str]:
    items = known.get(each)
    if not isinstance(items, list) or not items:
        yield each
        return
    for number, item in enumerate(items):
        for fact in own:
            if item.get(fact, known.get(fact)) in (None, ""):
                yield f"{each}.{number}.{fact}"


def _facts(step: Step, table: str, sheet: Callable[[str], Sheet]) -> tuple[str, ...]:
    return tuple(step.facts.get(key, key) for key in sheet(table).body.inputs) if table else ()


def _nodes(steps: Sequence[tuple[int, Step]], sheet: Callable[[str], Sheet]) -> Iterator[Node]:
    for place, step in steps:
        if step.table:
            yield Node(f"s{place}", sheet(step.table).body, step.facts, step.each)
        if step.within:
            yield Node(f"w{place}", sheet(step.within).body, step.facts)
