"""Editing dialogues: drafts, nodes, putting a version in force."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.robot.events import DialogueChanged
from clientela.modules.robot.models import Dialogue, DialogueVersion
from clientela.modules.robot.rules.checks import problems
from clientela.modules.robot.rules.dialogue import BadDialogue, node_from
from clientela.modules.robot.rules.dialogue import Dialogue as Graph

LONGEST_AHEAD = 366
MOST_NODES = 100
State = DialogueVersion.State


class VersionInForce(ValueError):
    """A version that clients hear or heard is never edited; make a draft from it."""

    def __init__(self) -> None:
        super().__init__(str(_("This version is in force. Make a draft to change it.")))


class ChangedMeanwhile(ValueError):
    """Somebody else changed the draft since it was shown."""

    def __init__(self) -> None:
        super().__init__(str(_("Somebody changed this draft meanwhile. Look at it again.")))


class BadStart(ValueError):
    """A version starts after today, and only when nothing is wrong with it."""

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))


def _draft(version: DialogueVersion) -> DialogueVersion:
    locked = DialogueVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != State.DRAFT:
        raise VersionInForce
    return locked


@transaction.atomic
def make_draft(*, actor: Any, now: datetime, version: DialogueVersion) -> DialogueVersion:
    """Copy a version into the dialogue's draft; the existing draft is given back if there is one."""
    ensure(actor, Permission.SCHEDULES_WRITE)
    dialogue = Dialogue.objects.select_for_update().get(pk=version.dialogue_id)
    existing = dialogue.versions.filter(state=State.DRAFT).first()
    if existing is not None:
        return existing
    number = (dialogue.versions.aggregate(n=Max("number"))["n"] or 0) + 1
    draft = DialogueVersion.objects.create(
        dialogue=dialogue,
        number=number,
        graph=version.graph,
        created_by=actor,
        created_at=now,
        changed_at=now,
    )
    record(
        actor=actor, now=now, action="dialogue.draft", obj=draft, object_name=str(draft),
        changes={"from": [None, version.number]},
    )  # fmt: skip
    return draft


def save_node(
    *, actor: Any, now: datetime, version: DialogueVersion, values: dict[str, Any]
) -> DialogueVersion:
    """Add a node to a draft or change the one with this key. Raises `BadDialogue`, `VersionInForce`."""
    node = node_from(values)

    def change(graph: Graph) -> list[Any]:
        before = graph.nodes.get(node.key)
        if before is None and len(graph.nodes) >= MOST_NODES:
            raise BadDialogue(_("A dialogue has a hundred nodes at most."), field="key")
        graph.nodes[node.key] = node
        return [before.speech if before else None, node.speech]

    return _edit(actor, now, version, change, action="dialogue.node", name=node.name)


def delete_node(*, actor: Any, now: datetime, version: DialogueVersion, key: str) -> DialogueVersion:
    """Take a node out of a draft; links to it lead nowhere until they are mended. Raises `BadDialogue`."""

    def change(graph: Graph) -> list[Any]:
        if key not in graph.nodes:
            raise BadDialogue(_("There is no such node."), node=key, field="key")
        if key == graph.start or key in graph.exits.values():
            raise BadDialogue(
                _("The conversation begins or ends here: this node stays."), node=key, field="key"
            )
        return [graph.nodes.pop(key).speech, None]

    return _edit(actor, now, version, change, action="dialogue.node_deleted", name=key)


def replace_graph(
    *, actor: Any, now: datetime, version: DialogueVersion, graph: Any, seen: datetime | None = None
) -> DialogueVersion:
    """Put a whole graph into a draft, as undoing or another program does. ``seen``: when it was changed as shown.

    Raises `BadDialogue`, `ChangedMeanwhile`, `VersionInForce`.
    """
    given = Graph.from_json(graph)
    if len(given.nodes) > MOST_NODES:
        raise BadDialogue(_("A dialogue has a hundred nodes at most."))

    def change(known: Graph) -> list[Any]:
        before = len(known.nodes)
        known.nodes.clear()
        known.nodes.update(given.nodes)
        known.exits.clear()
        known.exits.update(given.exits)
        return [before, len(given.nodes)]

    return _edit(
        actor, now, version, change, action="dialogue.replaced", name="", seen=seen,
        more={"start": given.start, "about_robot": given.about_robot},
    )  # fmt: skip


@transaction.atomic
def _edit(
    actor: Any,
    now: datetime,
    version: DialogueVersion,
    change: Callable[[Graph], list[Any]],
    *,
    action: str,
    name: str,
    seen: datetime | None = None,
    more: dict[str, Any] | None = None,
) -> DialogueVersion:
    ensure(actor, Permission.SCHEDULES_WRITE)
    draft = _draft(version)
    if seen is not None and draft.changed_at != seen:
        raise ChangedMeanwhile
    graph = draft.parsed
    changes = change(graph)
    draft.graph, draft.changed_at = graph.to_json() | (more or {}), now
    draft.save(update_fields=["graph", "changed_at"])
    record(
        actor=actor, now=now, action=action, obj=draft, object_name=f"{draft}: {name}" if name else str(draft),
        changes={"speech" if name else "nodes": changes},
    )  # fmt: skip
    return draft


@transaction.atomic
def activate(*, actor: Any, now: datetime, version: DialogueVersion, active_from: date) -> DialogueVersion:
    """Put a draft in force from a day after today. Conversations under way end by their own version.

    Raises `BadStart`, `VersionInForce`.
    """
    ensure(actor, Permission.SCHEDULES_WRITE)
    draft = _draft(version)
    today = local_today(settings.TIME_ZONE, now)
    if not today < active_from <= today + timedelta(days=LONGEST_AHEAD):
        raise BadStart(_("Choose a day from tomorrow to a year ahead."))
    wrong = problems(draft.parsed)
    if wrong:
        raise BadStart(wrong[0].text)
    draft.state, draft.active_from, draft.activated_by = State.ACTIVE, active_from, actor
    draft.save(update_fields=["state", "active_from", "activated_by"])
    record(
        actor=actor, now=now, action="dialogue.activate", obj=draft, object_name=str(draft),
        changes={"active_from": [None, active_from]},
    )  # fmt: skip
    publish(DialogueChanged(draft.dialogue_id), now=now)
    return draft


@transaction.atomic
def retire(*, actor: Any, now: datetime, version: DialogueVersion) -> DialogueVersion:
    """Take a version out before its day; the one before it stays in force. Raises `VersionInForce`."""
    ensure(actor, Permission.SCHEDULES_WRITE)
    locked = DialogueVersion.objects.select_for_update().get(pk=version.pk)
    today = local_today(settings.TIME_ZONE, now)
    if locked.state != State.ACTIVE or locked.active_from is None or locked.active_from <= today:
        raise VersionInForce
    locked.state = State.RETIRED
    locked.save(update_fields=["state"])
    record(actor=actor, now=now, action="dialogue.retire", obj=locked, object_name=str(locked))
    publish(DialogueChanged(locked.dialogue_id), now=now)
    return locked
