"""Tables as programs of the rules engine.

The engine only tells which row answers, never a number: values are read from the version's own text, so no binary
fraction ever meets money (`docs/decisions/0011`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

import zen

from clientela.modules.rating.rules import cells
from clientela.modules.rating.rules.tables import Body, Cell, Kind

# Rules in one program: the engine's reader goes one level deeper with each.
MOST_RULES = 64


class NoNumber(ValueError):
    """A fact that is compared with numbers is none; its key is the argument."""


@dataclass(frozen=True)
class Node:
    """A table in a decision: ``name`` is where its answer stands, ``each`` the list it is asked for item by item.

    ``facts`` maps a column to the fact that answers it.
    """

    name: str
    body: Body
    facts: Mapping[str, str]
    each: str = ""


class Decision:
    """Several tables asked at once."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = tuple(nodes)
        self._programs = [(node, _Program(node)) for node in self.nodes]

    def ask(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """By node: the cell that answers or ``None``; a list of these for each item; all cells of one that collects.

        Raises `NoNumber`.
        """
        return {node.name: _asked(node, program, facts) for node, program in self._programs}


def _asked(node: Node, program: "_Program", facts: Mapping[str, Any]) -> Any:
    if node.body.hit == "collect":
        items: Iterable[Mapping[str, Any]] = (facts.get(node.each) or ()) if node.each else ({},)
        return [cell for item in items for cell in program.all(item, facts)]
    if node.each:
        return [program.first(item, facts) for item in facts.get(node.each) or ()]
    return program.first({}, facts)


class _Program:
    """One table, compiled."""

    def __init__(self, node: Node) -> None:
        inputs = node.body.inputs
        self._fields = [
            (f"x{n}", node.facts.get(key, key), kind) for n, (key, kind) in enumerate(inputs.items())
        ]
        names = {key: f"x{n}" for n, key in enumerate(inputs)}
        self._cells: list[Cell] = []
        tests = []
        for cell, conditions in node.body.rules():
            tests.append(
                " and ".join(
                    filter(None, (condition(names[key], conditions[key], inputs[key]) for key in inputs))
                )
            )
            self._cells.append(cell)
        collects = node.body.hit == "collect"
        numbered = enumerate(test or "true" for test in tests)
        parts = iter(lambda: list(islice(numbered, MOST_RULES)), [])
        self._parts = [zen.compile_expression(_every(part) if collects else _first(part)) for part in parts]

    def first(self, item: Mapping[str, Any], facts: Mapping[str, Any]) -> Cell | None:
        context = self._context(item, facts)
        for part in self._parts:
            found = part.evaluate(context)
            if found is not None:
                return self._cells[int(found)]
        return None

    def all(self, item: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[Cell]:
        context = self._context(item, facts)
        for part in self._parts:
            yield from (self._cells[int(found)] for found in part.evaluate(context) if found is not None)

    def _context(self, item: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {
                name: plain(item[fact] if fact in item else facts.get(fact), kind)
                for name, fact, kind in self._fields
            }
        except InvalidOperation:
            for _, fact, kind in self._fields:
                try:
                    plain(item.get(fact, facts.get(fact)), kind)
                except InvalidOperation:
                    raise NoNumber(fact) from None
            raise


def plain(value: Any, kind: Kind) -> Any:
    """A fact as the engine compares it; ``None`` fits only where any value does. Raises `decimal.InvalidOperation`."""
    if value is None or value == "":
        return None
    if kind == Kind.RANGE:
        if type(value) is int:
            return value
        number = Decimal(str(value))
        return int(number) if number == number.to_integral_value() else float(number)
    if kind == Kind.BOOL:
        return bool(value)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def condition(name: str, text: str, kind: Kind) -> str:
    """A cell in the engine's own language; nothing where any value fits. Raises `cells.BadCell`."""
    if kind == Kind.EXACT:
        tests = " or ".join(f"{name} == {json.dumps(word, ensure_ascii=False)}" for word in cells.words(text))
        return f"({tests})" if tests else ""
    if kind == Kind.BOOL:
        flag = cells.flag(text)
        return "" if flag is None else f"{name} == {json.dumps(flag)}"
    span = cells.span(text)
    bounds = []
    if span.low is not None:
        bounds.append(f"{name} {'>' if span.low_open else '>='} {span.low}")
    if span.high is not None:
        bounds.append(f"{name} {'<' if span.high_open else '<='} {span.high}")
    return " and ".join([f"{name} != null", *bounds]) if bounds else ""


def _first(rules: list[tuple[int, str]]) -> str:
    program = "null"
    for number, test in reversed(rules):
        program = f'{test} ? "{number}" : {program}'
    return program


def _every(rules: list[tuple[int, str]]) -> str:
    return "[" + ", ".join(f'({test}) ? "{number}" : null' for number, test in rules) + "]"
