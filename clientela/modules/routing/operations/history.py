"""What is kept of people and of answers once it is past; written in the transaction of the change itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from clientela.modules.routing.models import Answer, StateChange, Station, WorkItem
from clientela.modules.routing.queries import SEEN_WITHIN


def note_state(station: Station, *, by: Any, now: datetime, reason: str = "") -> None:
    """The station has its new state since ``now``."""
    StateChange.objects.create(user_id=station.user_id, state=station.state, at=now, by=by, reason=reason)


def note_come(stations: Sequence[Station], *, now: datetime) -> None:
    """Pages of these people are open; who was not seen for a while was offline since then."""
    rows = []
    for station in stations:
        if station.seen_at is not None and station.seen_at >= now - SEEN_WITHIN:
            continue
        if station.seen_at is not None:
            rows.append(StateChange(user_id=station.user_id, state=Station.State.OFFLINE, at=station.seen_at))
        rows.append(StateChange(user_id=station.user_id, state=station.state, at=now))
    StateChange.objects.bulk_create(rows)


def note_answers(items: Iterable[WorkItem], *, now: datetime) -> None:
    """Somebody waited for each of these until now, and was answered."""
    rows = [
        Answer(
            kind=item.kind, media=item.media, agent_id=item.agent_id, branch_id=item.branch_id,
            centre_id=item.centre_id, person_id=item.assignee_id, asked_at=item.queued_at, answered_at=now,
            due_at=item.due_at,
        )
        for item in items
        if item.due_at is not None
    ]  # fmt: skip
    if rows:
        Answer.objects.bulk_create(rows)
