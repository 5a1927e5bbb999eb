"""In what two versions of a dialogue differ, for people."""

from dataclasses import dataclass, fields

from clientela.modules.robot.rules.dialogue import Dialogue, Node


@dataclass(frozen=True, slots=True)
class Change:
    """``state`` is added, removed or changed; ``parts`` name the fields with their values before and after."""

    state: str
    name: str
    parts: list[tuple[str, str, str]]


def differences(before: Dialogue, after: Dialogue) -> list[Change]:
    """Changed nodes in the order of the newer version, then those that are gone."""
    found = []
    for key, node in after.nodes.items():
        old = before.nodes.get(key)
        if old is None:
            found.append(Change("added", node.name, [("speech", "", node.speech)]))
        elif old != node:
            found.append(Change("changed", node.name, _parts(old, node)))
    gone = [node for key, node in before.nodes.items() if key not in after.nodes]
    return found + [Change("removed", node.name, [("speech", node.speech, "")]) for node in gone]


def _parts(old: Node, new: Node) -> list[tuple[str, str, str]]:
    return [
        (one.name, _shown(old, one.name), _shown(new, one.name))
        for one in fields(Node)
        if getattr(old, one.name) != getattr(new, one.name)
    ]


def _shown(node: Node, name: str) -> str:
    if name == "answers":
        return "; ".join(f"{one.key or '—'} {one.meaning} → {one.to}" for one in node.answers)
    value = getattr(node, name)
    return "" if value is None else str(value)
