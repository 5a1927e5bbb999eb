"""A script of a talk as data: what to say, what clients answer, where each answer leads, what it fills in."""

import re
from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.refusals import Refusal

MOST_NODES, MOST_ANSWERS = 40, 9
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
# What an answer means for the deal besides where it leads.
RESULTS: dict[str, Promise] = {
    "": pgettext_lazy("answer", "The talk goes on"),
    "agreed": pgettext_lazy("answer", "The client agrees"),
    "later": pgettext_lazy("answer", "The client thinks: a next step is named"),
    "lost": pgettext_lazy("answer", "The client refuses: the deal is closed as lost"),
}


class BadScript(Refusal):
    """The script is not whole; the message names the step."""

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client may say. ``goto``: the next step, empty ends the talk; ``objection``: the counter-argument shown."""

    label: str
    hint: str = ""
    icon: str = ""
    goto: str = ""
    objection: str = ""
    result: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """One step. ``asks`` are keys of the funnel's questions that are written down here."""

    key: str
    title: str
    text: str
    answers: tuple[Answer, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objection:
    """What a client objects, and what is said to it."""

    key: str
    title: str
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """Steps in their order, the first begins the talk."""

    nodes: tuple[Node, ...]
    objections: tuple[Objection, ...] = ()

    def node(self, key: str) -> Node | None:
        return next((one for one in self.nodes if one.key == key), None)

    def objection(self, key: str) -> Objection | None:
        return next((one for one in self.objections if one.key == key), None)

    def place(self, key: str) -> int:
        """The number of a step from 1; 0 when there is none."""
        return next((place for place, one in enumerate(self.nodes, 1) if one.key == key), 0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def parsed(raw: Mapping[str, Any]) -> Script:
    """A script from its data. Raises ``BadScript`` where the shape is wrong."""
    try:
        nodes = tuple(_node(one) for one in raw.get("nodes", ()))
        objections = tuple(
            Objection(
                str(one["key"]), str(one["title"]).strip()[:80],
                tuple(str(text).strip()[:600] for text in one.get("replies", ()) if str(text).strip()),
            )
            for one in raw.get("objections", ())
        )  # fmt: skip
    except (AttributeError, KeyError, TypeError):
        raise BadScript(_("The script is not in the form of a script.")) from None
    return Script(nodes, objections)


def _node(raw: Mapping[str, Any]) -> Node:
    answers = tuple(
        Answer(
            label=str(one["label"]).strip()[:80], hint=str(one.get("hint", "")).strip()[:80],
            icon=str(one.get("icon", ""))[:40], goto=str(one.get("goto", "")), objection=str(one.get("objection", "")),
            result=str(one.get("result", "")),
            fills={str(key): str(value)[:200] for key, value in dict(one.get("fills", {})).items()},
        )
        for one in raw.get("answers", ())
    )  # fmt: skip
    asks = tuple(str(key) for key in raw.get("asks", ()))
    title, text = str(raw["title"]).strip()[:80], str(raw["text"]).strip()[:1200]
    return Node(str(raw["key"]), title, text, answers, asks)


def check(script: Script, *, questions: Container[str]) -> None:
    """Every step is whole, every way leads somewhere, every step can be reached. Raises ``BadScript``."""
    nodes = {one.key: one for one in script.nodes}
    if not nodes or len(nodes) < len(script.nodes) or len(nodes) > MOST_NODES:
        raise BadScript(_("A script has from 1 to 40 steps, each with its own key."))
    objections = {one.key for one in script.objections if one.title and one.replies}
    for node in script.nodes:
        answers = node.answers
        whole = _KEY.fullmatch(node.key) and node.title and node.text and 0 < len(answers) <= MOST_ANSWERS
        if not whole or not all(one.label for one in answers):
            raise BadScript(
                _("“%(step)s” needs a title, words and up to nine answers.") % {"step": node.title}
            )
        fills = {key for one in answers for key in one.fills} | set(node.asks)
        leads = all(not one.goto or one.goto in nodes for one in answers)
        shown = all(not one.objection or one.objection in objections for one in answers)
        if (
            not leads
            or not shown
            or not all(key in questions for key in fills)
            or any(a.result not in RESULTS for a in answers)
        ):
            raise BadScript(
                _("“%(step)s” names a step, an objection or a question that is not there.")
                % {"step": node.title}
            )
    if lost := unreached(script):
        raise BadScript(_("Nothing leads to: %(steps)s") % {"steps": ", ".join(one.title for one in lost)})
    if stuck := endless(script):
        titles = ", ".join(one.title for one in stuck)
        raise BadScript(_("From here the talk never ends: %(steps)s") % {"steps": titles})


def unreached(script: Script) -> list[Node]:
    """Steps that no way from the beginning leads to."""
    found = _reached(script) if script.nodes else set()
    return [one for one in script.nodes if one.key not in found]


def endless(script: Script) -> list[Node]:
    """Steps from which no way leads to an end: the talk would go round for ever."""
    ending: set[str] = set()
    while fresh := {
        one.key
        for one in script.nodes
        if one.key not in ending and any(not a.goto or a.goto in ending for a in one.answers)
    }:
        ending |= fresh
    return [one for one in script.nodes if one.key not in ending]


def written(script: Script) -> set[str]:
    """The questions that some step writes down or some answer fills in."""
    return {
        key
        for node in script.nodes
        for key in (*node.asks, *(name for one in node.answers for name in one.fills))
    }


def _reached(script: Script) -> set[str]:
    found: set[str] = set()
    ahead = [script.nodes[0].key]
    while ahead:
        key = ahead.pop()
        node = script.node(key)
        if node is not None and key not in found:
            found.add(key)
            ahead += [one.goto for one in node.answers if one.goto]
    return found
