"""Where the heading is: titles above it are skipped, a heading of two merged rows becomes one."""

import re
from dataclasses import dataclass

LOOK_AT = 25
_LETTER = re.compile(r"[^\W\d_]|[№#%]")
_DATA = re.compile(
    r"[+\d][\d\s().,:/\-+]*|\d{4}-\d{2}-\d{2}.*|[^@\s]+@[^@\s]+\.[^@\s]+|true|false", re.IGNORECASE
)


@dataclass(frozen=True)
class Header:
    """``first`` and ``rows``: which of the leading rows (from 0) are the heading; ``names``: one a column."""

    first: int
    rows: int
    names: tuple[str, ...]

    @property
    def data_from(self) -> int:
        return self.first + self.rows


def find_header(sample: list[list[str | None]], given_row: int | None = None) -> Header:
    """Find the heading among the first rows; ``given_row`` (1-based, 0 for none) is a person's answer."""
    width = max((len(row) for row in sample), default=0)
    grid = [[(cell or "").strip() for cell in row] + [""] * (width - len(row)) for row in sample]
    if given_row == 0 or not grid:
        return Header(0, 0, _unique([""] * width))
    if given_row is not None:
        first = min(given_row, len(grid)) - 1
        return _header_at(grid, first)
    for first, row in enumerate(grid[:LOOK_AT]):
        filled = [cell for cell in row if cell]
        if len(filled) < max(1, _needed(width)):
            if _is_group_row(grid, first, width):
                return _header_at(grid, first)
            continue
        if all(_is_label(cell) for cell in filled):
            return _header_at(grid, first)
        return Header(first, 0, _unique([""] * width))
    return Header(0, 0, _unique([""] * width))


def _needed(width: int) -> int:
    return width if width < 3 else (width * 6 + 9) // 10


def _is_label(cell: str) -> bool:
    return bool(_LETTER.search(cell)) and len(cell) <= 80 and not _DATA.fullmatch(cell)


def _is_group_row(grid: list[list[str]], first: int, width: int) -> bool:
    """A row of merged group names: sparse itself, and the row below has labels in most columns."""
    if first + 1 >= len(grid):
        return False
    groups = [cell for cell in grid[first] if cell]
    below = grid[first + 1]
    labels = [cell for cell in below if cell]
    together = sum(bool(top or bottom) for top, bottom in zip(grid[first], below, strict=True))
    return (
        len(groups) >= 2
        and len(labels) >= 2
        and together >= _needed(width)
        and all(_is_label(cell) for cell in [*groups, *labels])
        and any(not top and bottom for top, bottom in zip(grid[first], below, strict=True))
    )


def _header_at(grid: list[list[str]], first: int) -> Header:
    width = len(grid[first])
    if not (_is_group_row(grid, first, width) and any(not cell for cell in grid[first])):
        return Header(first, 1, _unique(grid[first]))
    names, group = [], ""
    for top, bottom in zip(grid[first], grid[first + 1], strict=True):
        group = top or group
        names.append(" ".join(part for part in ((top or group) if bottom else top, bottom) if part))
    return Header(first, 2, _unique(names))


def column_letter(index: int) -> str:
    """``A``, ``B`` … ``Z``, ``AA`` as spreadsheets name their columns; from 0."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def _unique(names: list[str]) -> tuple[str, ...]:
    """Every column gets a name of its own: empty ones their letter, repeated ones a number."""
    seen: dict[str, int] = {}
    result = []
    for index, name in enumerate(names):
        base = " ".join(name.split())[:120] or column_letter(index)
        seen[base] = seen.get(base, 0) + 1
        result.append(base if seen[base] == 1 else f"{base} ({seen[base]})")
    return tuple(result)
