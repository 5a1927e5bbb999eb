"""Asking for calls: once for each origin, whoever repeats it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.robot.events import RobotCallChanged
from clientela.modules.robot.models import Dialogue, Pause, RobotCall

CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A client to be reached by a dialogue until ``until``; ``values`` are the words of its variables."""

    client_id: int
    dialogue: str
    origin: str
    origin_id: int
    values: Mapping[str, str]
    until: datetime
    not_before: datetime | None = None


class NoDialogue(LookupError):
    """There is no dialogue with this code."""


def request_calls(requests: Sequence[Request], *, now: datetime) -> int:
    """Ask for calls; returns how many are new. Raises `NoDialogue`."""
    dialogues = {one.code: one for one in Dialogue.objects.filter(code__in={r.dialogue for r in requests})}
    missing = {r.dialogue for r in requests} - dialogues.keys()
    if missing:
        raise NoDialogue(", ".join(sorted(missing)))
    before = _known(requests)
    RobotCall.objects.bulk_create(
        [
            RobotCall(
                origin=one.origin, origin_id=one.origin_id, client_id=one.client_id, dialogue=dialogues[one.dialogue],
                values={**one.values, "robot": dialogues[one.dialogue].robot}, next_at=one.not_before or now,
                until=one.until, created_at=now,
            )
            for one in requests
        ],
        ignore_conflicts=True, batch_size=CHUNK,
    )  # fmt: skip
    return _known(requests) - before


def _known(requests: Sequence[Request]) -> int:
    origins: dict[str, list[int]] = {}
    for one in requests:
        origins.setdefault(one.origin, []).append(one.origin_id)
    return sum(_of(origin, ids).count() for origin, ids in origins.items())


def _of(origin: str, ids: Collection[int]) -> Any:
    return RobotCall.objects.filter(origin=origin, origin_id__in=ids)


@transaction.atomic
def pause(*, actor: Any, now: datetime, reason: str = "") -> Pause:
    """Ring nobody from now on; what is being said goes on to its end. A pause that is on stays as it is."""
    ensure(actor, Permission.SCHEDULES_WRITE)
    known = Pause.objects.select_for_update().filter(ended_at=None).first()
    if known is not None:
        return known
    made = Pause.objects.create(since=now, by=actor, reason=reason.strip()[:200])
    record(actor=actor, now=now, action="robot.paused", obj=made, reason=made.reason)
    publish(RobotCallChanged(0, 0), now=now)
    return made


@transaction.atomic
def resume(*, actor: Any, now: datetime) -> bool:
    """Ring again. False when there was no pause."""
    ensure(actor, Permission.SCHEDULES_WRITE)
    known = Pause.objects.select_for_update().filter(ended_at=None).first()
    if known is None:
        return False
    known.ended_at, known.ended_by = now, actor
    known.save(update_fields=["ended_at", "ended_by"])
    record(actor=actor, now=now, action="robot.resumed", obj=known)
    publish(RobotCallChanged(0, 0), now=now)
    return True
