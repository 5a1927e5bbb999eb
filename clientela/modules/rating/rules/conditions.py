"""A condition of a question, of a step or of who may be insured: whether an answer is the one that is wanted.

A list holds the answers that are wanted. Names with values stand for the rest: ``{"not": [...]}`` any other answer,
``{"min": "5"}`` and ``{"max": "10"}`` numbers with their ends, ``{"filled": true}`` any answer, ``false`` none.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

RELATIONS = frozenset({"not", "min", "max", "filled"})
_NOTHING: tuple[Any, ...] = (None, "", [])


def holds(wanted: Any, answer: Any) -> bool:
    """Whether ``answer`` is as ``wanted``; an answer that is not given is neither less nor more, and is not “not”."""
    if not isinstance(wanted, Mapping):
        return answer in (wanted if isinstance(wanted, (list, tuple)) else [wanted])
    given = answer not in _NOTHING
    if "filled" in wanted and given is not wanted["filled"]:
        return False
    if "not" in wanted and (not given or answer in wanted["not"]):
        return False
    return all(_beyond(name, wanted[name], answer) for name in ("min", "max") if name in wanted)


def readable(wanted: Any) -> bool:
    """Whether ``wanted`` says anything, and nothing strange."""
    if not isinstance(wanted, Mapping):
        return isinstance(wanted, list) and bool(wanted)
    if not wanted or set(wanted) - RELATIONS:
        return False
    others, filled = wanted.get("not", [""]), wanted.get("filled", True)
    ends = [number(wanted[name]) for name in ("min", "max") if name in wanted]
    return isinstance(others, list) and bool(others) and isinstance(filled, bool) and None not in ends


def number(value: Any) -> Decimal | None:
    """A number as it may be stored; nothing for what is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _beyond(name: str, end: Any, answer: Any) -> bool:
    found, limit = number(answer), number(end)
    if found is None or limit is None:
        return False
    return found >= limit if name == "min" else found <= limit
