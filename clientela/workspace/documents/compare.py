"""What differs between a text of the company and the shipped one, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

AROUND = 2


@dataclass(frozen=True)
class Line:
    """One line: ``same`` in both, ``old`` in ours only, ``new`` in the shipped only, or a ``gap`` of same lines."""

    state: Literal["same", "old", "new", "gap"]
    text: str = ""
    count: int = 0


def compared(ours: str, theirs: str) -> list[Line]:
    """The differences with some lines around them; nothing where the texts are the same."""
    old, new = _lines(ours), _lines(theirs)
    found: list[Line] = []
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for place, (what, first, last, begin, end) in enumerate(codes):
        if what == "equal":
            found += _around(old[first:last], starts=place == 0, ends=place == len(codes) - 1)
        else:
            found += [Line("old", text) for text in old[first:last]]
            found += [Line("new", text) for text in new[begin:end]]
    return found if any(line.state in ("old", "new") for line in found) else []


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def _around(same: Sequence[str], *, starts: bool, ends: bool) -> list[Line]:
    head, tail = 0 if starts else AROUND, 0 if ends else AROUND
    hidden = len(same) - head - tail
    if hidden < 2:
        return [Line("same", text) for text in same]
    return [
        *(Line("same", text) for text in same[:head]),
        Line("gap", count=hidden),
        *(Line("same", text) for text in same[len(same) - tail :]),
    ]
