"""Drafts and versions of dialogues."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.robot.models import Dialogue, DialogueVersion
from clientela.modules.robot.operations import dialogues
from clientela.modules.robot.operations.dialogues import BadStart, ChangedMeanwhile, VersionInForce
from clientela.modules.robot.operations.shipped import load_shipped
from clientela.modules.robot.queries.dialogues import version_in_force, versions_of
from clientela.modules.robot.rules.checks import problems
from clientela.modules.robot.rules.dialogue import BadDialogue

TODAY = date(2026, 11, 18)
REFUSED = {"key": "refused", "name": "Отказ", "kind": "end", "outcome": "refused", "speech": "Всего доброго!"}


@pytest.fixture
def version(db: None, now: datetime) -> DialogueVersion:
    load_shipped(now=now, active_from=TODAY)
    return DialogueVersion.objects.get()


@pytest.fixture
def draft(version: DialogueVersion, renewals_manager: User, now: datetime) -> DialogueVersion:
    return dialogues.make_draft(actor=renewals_manager, now=now, version=version)


def test_what_is_shipped_may_call_and_is_loaded_once(version: DialogueVersion, now: datetime) -> None:
    load_shipped(now=now, active_from=TODAY)
    assert DialogueVersion.objects.get().number == 1
    assert problems(version.parsed) == []
    assert version_in_force("renewal", TODAY) == version
    assert version_in_force("renewal", TODAY - timedelta(days=1)) is None


def test_a_dialogue_has_one_draft(
    version: DialogueVersion, draft: DialogueVersion, renewals_manager: User, now: datetime
) -> None:
    assert (draft.number, draft.state, draft.graph) == (2, "draft", version.graph)
    assert dialogues.make_draft(actor=renewals_manager, now=now, version=version) == draft


def test_a_node_is_changed_in_the_draft_only(
    draft: DialogueVersion, renewals_manager: User, now: datetime
) -> None:
    dialogues.save_node(actor=renewals_manager, now=now, version=draft, values=REFUSED)
    draft.refresh_from_db()
    assert draft.parsed.nodes["refused"].speech == "Всего доброго!"
    assert Entry.objects.filter(action="dialogue.node").get().changes["speech"] == [
        "Поняла. Если передумаете, позвоните агенту. До свидания!", "Всего доброго!",
    ]  # fmt: skip
    in_force = DialogueVersion.objects.get(number=1)
    with pytest.raises(VersionInForce):
        dialogues.save_node(actor=renewals_manager, now=now, version=in_force, values=REFUSED)


def test_a_node_is_taken_out_but_not_where_calls_begin_or_end(
    draft: DialogueVersion, renewals_manager: User, now: datetime
) -> None:
    dialogues.delete_node(actor=renewals_manager, now=now, version=draft, key="refused")
    draft.refresh_from_db()
    assert [(p.code, p.node) for p in problems(draft.parsed)] == [("link", "objection")]
    for key in ("greeting", "stop"):
        with pytest.raises(BadDialogue):
            dialogues.delete_node(actor=renewals_manager, now=now, version=draft, key=key)


def test_a_whole_graph_comes_back_unless_somebody_changed_it(
    draft: DialogueVersion, renewals_manager: User, now: datetime
) -> None:
    before, seen = draft.graph, draft.changed_at
    later = now + timedelta(minutes=1)
    dialogues.delete_node(actor=renewals_manager, now=later, version=draft, key="refused")
    with pytest.raises(ChangedMeanwhile):
        dialogues.replace_graph(actor=renewals_manager, now=later, version=draft, graph=before, seen=seen)
    dialogues.replace_graph(actor=renewals_manager, now=later, version=draft, graph=before, seen=later)
    draft.refresh_from_db()
    assert draft.graph == before


def test_a_version_starts_on_a_day_to_come(
    version: DialogueVersion, draft: DialogueVersion, renewals_manager: User, now: datetime
) -> None:
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(BadStart):
        dialogues.activate(actor=renewals_manager, now=now, version=draft, active_from=TODAY)
    dialogues.activate(actor=renewals_manager, now=now, version=draft, active_from=tomorrow)
    assert version_in_force("renewal", TODAY) == version
    assert version_in_force("renewal", tomorrow) == draft
    known = versions_of(Dialogue.objects.get(), TODAY)
    assert (known.in_force, known.coming, known.draft) == (version, draft, None)
    dialogues.retire(actor=renewals_manager, now=now, version=draft)
    assert version_in_force("renewal", tomorrow) == version
    with pytest.raises(VersionInForce):
        dialogues.retire(actor=renewals_manager, now=now, version=version)


def test_what_is_wrong_does_not_start(draft: DialogueVersion, renewals_manager: User, now: datetime) -> None:
    dialogues.delete_node(actor=renewals_manager, now=now, version=draft, key="refused")
    with pytest.raises(BadStart):
        dialogues.activate(
            actor=renewals_manager, now=now, version=draft, active_from=TODAY + timedelta(days=1)
        )
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_who_may_not_edit_changes_nothing(draft: DialogueVersion, anna: User, now: datetime) -> None:
    acts: list[Any] = [
        lambda: dialogues.make_draft(actor=anna, now=now, version=draft),
        lambda: dialogues.save_node(actor=anna, now=now, version=draft, values=REFUSED),
        lambda: dialogues.delete_node(actor=anna, now=now, version=draft, key="refused"),
        lambda: dialogues.replace_graph(actor=anna, now=now, version=draft, graph=draft.graph),
        lambda: dialogues.activate(actor=anna, now=now, version=draft, active_from=TODAY + timedelta(days=1)),
        lambda: dialogues.retire(actor=anna, now=now, version=draft),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    before = draft.graph
    draft.refresh_from_db()
    assert (draft.graph, draft.state) == (before, "draft")
