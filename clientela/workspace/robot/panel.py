"""What the templates of the dialogue editor need: versions, the board with its figures, the node in hand."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.modules.accounts.rules import Permission
from clientela.modules.calls.models import Sound
from clientela.modules.robot.models import Dialogue, DialogueVersion
from clientela.modules.robot.queries import figures as counted
from clientela.modules.robot.queries.dialogues import Versions, versions_of
from clientela.modules.robot.rules import layout
from clientela.modules.robot.rules.checks import Problem, problems
from clientela.modules.robot.rules.dialogue import (
    EVERYWHERE,
    VARIABLES,
    Act,
    Exit,
    Kind,
    Meaning,
    Node,
    Outcome,
)
from clientela.modules.robot.rules.dialogue import Dialogue as Graph
from clientela.modules.robot.rules.phrases import PHRASES

ICONS = {
    Kind.SAY: "volume", Kind.ASK: "help-circle", Act.OFFER: "send", Act.SMS: "message-2", Act.HAND_OVER: "headset",
    Act.STOP: "ban", Act.WRONG_NUMBER: "user-off", Act.CALL_BACK: "calendar-plus", Act.NOTHING: "phone-off",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a person is: a version of a dialogue, perhaps with a node in hand."""

    versions: Versions
    version: DialogueVersion
    key: str
    may_write: bool

    @cached_property
    def graph(self) -> Graph:
        return self.version.parsed

    @property
    def node(self) -> Node | None:
        return self.graph.nodes.get(self.key)

    @property
    def editable(self) -> bool:
        return self.may_write and self.version.state == DialogueVersion.State.DRAFT

    def url(self, **changes: Any) -> str:
        """The address of the editor; ``node`` and ``version`` may be changed."""
        pairs = {
            "version": changes.get("version", self.version.number),
            "node": changes.get("node", self.key),
        }
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{reverse('robot:editor', args=[self.versions.dialogue.pk])}?{query}"

    def of(self, name: str, *more: Any) -> str:
        """The address of an act on this version."""
        return reverse(f"robot:{name}", args=[self.versions.dialogue.pk, self.version.number, *more])


def load(request: HttpRequest, dialogue_id: int, number: int | None, key: str = "") -> Place:
    """The place an address speaks of; without a number the version that opens by itself. Raises Http404."""
    versions = versions_of(get_object_or_404(Dialogue, pk=dialogue_id), timezone.localdate())
    version = versions.get(number) if number else versions.shown
    if version is None:
        raise Http404
    may_write = request.user.can(Permission.SCHEDULES_WRITE)  # type: ignore[union-attr]
    return Place(versions, version, key or version.parsed.start, may_write)


def context(request: HttpRequest, at: Place) -> dict[str, Any]:
    """Everything of the editor's page."""
    wrong = problems(at.graph)
    figures = counted.figures(request.user, at.versions.dialogue, now=timezone.now())
    return {
        "at": at, "dialogue": at.versions.dialogue, "version": at.version, "editable": at.editable,
        "may_write": at.may_write, "kind": at.versions.kind(at.version), "tabs": _tabs(at),
        "figures": figures, "summary": _summary(figures), "problems": _named(at, wrong),
        "urls": {name: at.of(name) for name in ("draft", "changes", "launch", "retire", "check", "trial", "add_node")},
        **board(at, figures, wrong), **node_context(at, figures, wrong),
    }  # fmt: skip


def _named(at: Place, wrong: list[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "text": one.text,
            "name": at.graph.nodes[one.node].name if one.node in at.graph.nodes else "",
            "url": at.url(node=one.node) if one.node else "",
        }
        for one in wrong
    ]


def _tabs(at: Place) -> list[dict[str, Any]]:
    known = at.versions
    words = {
        "in_force": ("good", _("in force")),
        "coming": ("info", pgettext("version", "to come")),
        "draft": ("warn", pgettext("version", "draft")),
        "past": ("", pgettext("version", "former")),
    }
    shown = [one for one in (known.in_force, known.coming, known.draft) if one is not None]
    if at.version not in shown:
        shown.append(at.version)
    return [
        {
            "label": _("Version %(n)s") % {"n": one.number}, "url": at.url(version=one.number),
            "current": one == at.version, "css": words[known.kind(one)][0], "badge": words[known.kind(one)][1],
        }
        for one in sorted(shown, key=lambda one: one.number)
    ]  # fmt: skip


def _summary(figures: counted.Figures) -> list[dict[str, Any]]:
    return [
        {"label": _("Reached"), "value": figures.reached},
        {"label": _("Agreed"), "value": figures.of_talks(*counted.AGREED)},
        {"label": _("To a person"), "value": figures.of_talks(*counted.TO_A_PERSON)},
        {"label": _("Forbade"), "value": figures.of_talks(*counted.FORBADE)},
    ]


def board(
    at: Place, figures: counted.Figures, wrong: list[Problem], walked: list[str] | None = None
) -> dict[str, Any]:
    """Nodes and links with their figures; ``walked`` is the way of the tried conversation."""
    graph, path = at.graph, walked or []
    placed = layout.places(graph)
    width, height = layout.size(placed)
    bad, steps = {one.node for one in wrong}, set(pairwise(path))
    nodes = [
        {
            "node": node, "left": placed[key].left, "top": placed[key].top, "url": at.url(node=key),
            "icon": ICONS.get(node.act if node.kind == Kind.END else node.kind, "volume"),  # type: ignore[call-overload]
            "on": key == at.key, "walk": key in path, "wrong": key in bad, "visits": figures.visits.get(key, 0),
            "seconds": figures.seconds.get(key), "further": _further(node, figures),
        }
        for key, node in graph.nodes.items()
    ]  # fmt: skip
    nodes.sort(key=lambda one: (one["left"], one["top"]))
    links = []
    for link in layout.links(graph, placed):
        share = figures.share(link.source, link.target)
        if graph.nodes[link.source].kind == Kind.SAY and figures.visits:
            share = None
        links.append(
            {
                "path": link.path, "x": link.x, "y": link.y, "share": share,
                "walk": (link.source, link.target) in steps,
                "wide": f"{1 + 3 * (share or 0) / 100:.1f}",
            }
        )  # fmt: skip
    return {"nodes": nodes, "links": links, "width": width, "height": height}


def _further(node: Node, figures: counted.Figures) -> float | None:
    if node.kind != Kind.ASK or not figures.visits.get(node.key):
        return None
    gone = sum(count for (source, to), count in figures.ways.items() if source == node.key and to != node.key)
    return min(100.0, 100 * gone / figures.visits[node.key])


def node_context(at: Place, figures: counted.Figures, wrong: list[Problem]) -> dict[str, Any]:
    """The panel of the node in hand."""
    node, graph = at.node, at.graph
    if node is None:
        return {"node": None}
    heard = figures.visits.get(node.key, 0)
    sounds = [one for one in Sound.objects.all() if one.is_active or one.code == node.sound]
    answers = [
        {
            "answer": one, "label": Meaning(one.meaning).label, "phrases": ", ".join(one.phrases),
            "known": ", ".join(p.rstrip("*") for p in [*one.phrases, *PHRASES.get(one.meaning, ())][:4]),
            "to": graph.nodes[one.to].name if one.to in graph.nodes else "?",
            "share": 100 * figures.meanings.get((node.key, one.meaning, one.to), 0) / heard if heard else None,
        }
        for one in node.answers
    ]  # fmt: skip
    return {
        "node": node, "answers": answers, "node_kind": Kind(node.kind).label, "figures_of_node": heard,
        "act_label": Act(node.act).label, "outcome_label": Outcome(node.outcome).label if node.outcome else "",
        "next_name": graph.nodes[node.next].name if node.next in graph.nodes else "",
        "targets": [(one.key, one.name) for one in graph.nodes.values()],
        "meanings": [one for one in Meaning.choices if one[0] not in EVERYWHERE],
        "acts": Act.choices, "outcomes": Outcome.choices, "variables": [(n, v.label) for n, v in VARIABLES.items()],
        "exit_names": [
            (Exit(name).label, graph.nodes[key].name) for name, key in graph.exits.items() if key in graph.nodes
        ],
        "sounds": sounds, "recorded": next((one for one in sounds if one.code == node.sound), None),
        "may_sounds": at.may_write, "node_problems": [one.text for one in wrong if one.node == node.key],
        "save_url": at.of("save_node", node.key), "delete_url": at.of("delete_node", node.key),
        "is_fixed": node.key == graph.start or node.key in graph.exits.values(),
    }  # fmt: skip
