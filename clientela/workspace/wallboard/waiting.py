"""Who waits in a line, calls and conversations together: those on the line stand first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from clientela.modules.calls.figures.counting import waiting
from clientela.modules.contacts.models import Conversation
from clientela.modules.contacts.queries.conversations import WORK
from clientela.modules.routing.models import WorkItem
from clientela.modules.routing.queries import work_on
from clientela.modules.routing.rules.wording import describe
from clientela.workspace.calls.words import title_of
from clientela.workspace.wallboard.line import Line

MOST = 20


@dataclass(frozen=True)
class Waiting:
    """Somebody waits since ``since``; ``due`` is when the promise to them breaks. ``why``: why nobody has it yet."""

    kind: str
    pk: int
    name: str
    about: str
    why: str
    since: datetime
    due: datetime
    late: bool
    holder: str


def items(line: Line) -> list[Waiting]:
    """On the line first, then conversations whose time runs out next, then those that are overdue; some of each."""
    written = Conversation.objects.filter(
        line.place, state=Conversation.State.OPEN, waiting_since__isnull=False
    )
    soon = written.filter(answer_by__gte=line.now).order_by("answer_by", "id")
    late = written.filter(answer_by__lt=line.now).order_by("answer_by", "id")
    return [*_calls(line), *_conversations(line, soon), *_conversations(line, late)]


def _calls(line: Line) -> list[Waiting]:
    rows = waiting(line.place).select_related("client", "our", "offered_to")[:MOST]
    within = timedelta(seconds=line.aim.answer_within)
    return [
        Waiting(
            "call", call.pk, title_of(call), call.reason or (call.our.label if call.our else ""),
            _why(call.reasons, str(call.offered_to or "")), call.queued_at, call.queued_at + within,
            line.now > call.queued_at + within, str(call.offered_to or ""),
        )
        for call in rows
        if call.queued_at is not None
    ]  # fmt: skip


def _why(reasons: list[dict[str, Any]], person: str) -> str:
    return describe(reasons[-1], person) if reasons else ""


def _conversations(line: Line, rows: "QuerySet[Conversation]") -> list[Waiting]:
    talks = list(rows.select_related("client", "assignee")[:MOST])
    work = work_on(WORK, [talk.pk for talk in talks])
    return [
        Waiting(
            "conversation", talk.pk, str(talk), talk.last_text, _decided(work.get(talk.pk), str(talk.assignee or "")),
            talk.waiting_since, talk.answer_by, line.now > talk.answer_by, str(talk.assignee or ""),
        )
        for talk in talks
        if talk.waiting_since is not None and talk.answer_by is not None
    ]  # fmt: skip


def _decided(item: WorkItem | None, person: str) -> str:
    return _why(item.decisions, person) if item is not None else ""
