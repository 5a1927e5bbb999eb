"""Where the nodes of a dialogue stand on the board: columns by distance from the start, rows that keep links short."""

from collections import defaultdict
from dataclasses import dataclass

from clientela.modules.robot.rules.dialogue import Dialogue, Exit

NODE_WIDTH, NODE_HEIGHT = 176, 98
_STEP_X, _STEP_Y, _EDGE = 232, 128, 18


@dataclass(frozen=True, slots=True)
class Place:
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class Link:
    """A drawn link; ``path`` is of SVG, the label stands at (x, y)."""

    source: str
    target: str
    path: str
    x: int
    y: int


def places(dialogue: Dialogue) -> dict[str, Place]:
    """The place of every node, also of those that nothing leads to."""
    columns = _columns(dialogue)
    rows: dict[str, float] = {}
    placed: dict[str, Place] = {}
    before: dict[str, list[str]] = defaultdict(list)
    for node in dialogue.nodes.values():
        for to in node.links():
            before[to].append(node.key)
    for column in range(max(columns.values(), default=0) + 1):
        keys = [key for key in dialogue.nodes if columns[key] == column]
        keys.sort(key=lambda key: _middle([rows[one] for one in before[key] if one in rows]))
        for row, key in enumerate(keys):
            rows[key] = row
            placed[key] = Place(_EDGE + column * _STEP_X, 22 + row * _STEP_Y)
    return placed


def _middle(rows: list[float]) -> float:
    return sum(rows) / len(rows) if rows else 99.0


def _columns(dialogue: Dialogue) -> dict[str, int]:
    columns: dict[str, int] = {}
    wave, depth = [dialogue.start], 0
    while wave:
        found = [key for key in wave if key in dialogue.nodes and key not in columns]
        columns |= dict.fromkeys(found, depth)
        wave, depth = [to for key in found for to in dialogue.nodes[key].links()], depth + 1
    last = max(columns.values(), default=0)
    for name, key in dialogue.exits.items():
        columns.setdefault(key, 0 if name == Exit.VOICEMAIL else last)
    for key in dialogue.nodes:
        columns.setdefault(key, last)
    return columns


def size(placed: dict[str, Place]) -> tuple[int, int]:
    """Width and height of the board."""
    width = max((one.left for one in placed.values()), default=0) + NODE_WIDTH + _EDGE
    height = max((one.top for one in placed.values()), default=0) + NODE_HEIGHT + 22
    return width, height


def links(dialogue: Dialogue, placed: dict[str, Place]) -> list[Link]:
    """Every link once, however many answers share it."""
    drawn = []
    for node in dialogue.nodes.values():
        for to in dict.fromkeys(node.links()):
            if to in placed and to != node.key:
                drawn.append(_link(node.key, to, placed[node.key], placed[to]))
    return drawn


def _link(source: str, target: str, a: Place, b: Place) -> Link:
    ay, by = a.top + NODE_HEIGHT // 2, b.top + NODE_HEIGHT // 2
    if b.left > a.left:
        ax, bx = a.left + NODE_WIDTH, b.left
        bend = (bx - ax) // 2
        return Link(
            source,
            target,
            f"M{ax},{ay}C{ax + bend} {ay} {bx - bend} {by} {bx},{by}",
            (ax + bx) // 2,
            (ay + by) // 2,
        )
    if b.left == a.left and abs(a.top - b.top) == _STEP_Y:
        x, down = a.left + NODE_WIDTH // 2, b.top > a.top
        start, end = (a.top + NODE_HEIGHT, b.top) if down else (a.top, b.top + NODE_HEIGHT)
        return Link(source, target, f"M{x},{start}L{x},{end}", x, (start + end) // 2)
    side = max(a.left, b.left) + NODE_WIDTH
    path = f"M{a.left + NODE_WIDTH},{ay}H{side + 14}V{by}H{b.left + NODE_WIDTH}"
    return Link(source, target, path, side + 14, (ay + by) // 2)
