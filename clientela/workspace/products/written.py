"""What a form holds as JSON: conditions, answers to choose from, rows as they were. Only what the base can keep."""

import json
from typing import Any


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def loads(text: str) -> Any:
    """Raises ValueError for what is no JSON, or JSON that no database keeps: endless numbers, broken letters."""
    try:
        found = json.loads(text, parse_constant=_refused, parse_float=_finite)
        written = dumps(found)
    except RecursionError:
        raise ValueError from None
    written.encode()
    if "\\u0000" in written:
        raise ValueError
    return found


def names(text: str) -> dict[str, Any]:
    """Names with values; nothing for everything else."""
    try:
        found = loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _refused(_word: str) -> Any:
    raise ValueError


def _finite(text: str) -> float:
    found = float(text)
    if found in (float("inf"), float("-inf")):
        raise ValueError
    return found
