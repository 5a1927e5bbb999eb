"""Whom to ring now: due calls are claimed, looked at a last time, and rung as lines and pace allow."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from clientela.foundation.claims import claim, one_at_a_time
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.calls.models import Call
from clientela.modules.calls.ports import Ring
from clientela.modules.contacts import guards
from clientela.modules.contacts.models import Channel, Purpose
from clientela.modules.contacts.queries import Ask, Assessed, assess_all
from clientela.modules.robot.events import RobotCallChanged
from clientela.modules.robot.models import Attempt, DialogueVersion, Pause, RobotCall
from clientela.modules.robot.operations.ending import drop, finish, wait, zone_of
from clientela.modules.robot.queries.dialogues import version_in_force
from clientela.modules.robot.rules.dialogue import Dialogue as Graph
from clientela.modules.robot.rules.dialogue import Outcome
from clientela.modules.robot.rules.retries import may_ring
from clientela.modules.robot.rules.speech import SpeechError, fill

BATCH = 50
RING_SECONDS = 30
# A line that tells nothing for so long after it should have ended is given up.
PATIENCE = timedelta(seconds=30)
_BUSY_WITH_US = timedelta(minutes=15)
State = RobotCall.State


def dial_due(*, worker: str, now: datetime, lease: timedelta) -> list[Ring]:
    """Take due calls and give the lines to be rung; each is stored as ringing before anybody rings it.

    A call whose facts, policy or day forbid it is dropped or waits with its reason. Nobody is rung while the robot is
    paused, and never on two lines at once.
    """
    if Pause.objects.filter(ended_at=None).exists():
        return []
    room = _room(now)
    if room <= 0:
        return []
    due = Q(state=State.WAITING, next_at__lte=now) | Q(state=State.TAKEN, lease_until__lt=now)
    ids = claim(
        RobotCall.objects.filter(due).order_by("next_at", "id"), to_state=State.TAKEN, worker=worker, now=now,
        lease=lease, limit=min(BATCH, room),
    )  # fmt: skip
    if not ids:
        return []
    with transaction.atomic():
        return _dial(ids, worker=worker, now=now)


def _room(now: datetime) -> int:
    """How many may be rung now: free lines, and what the pace of a minute leaves."""
    rung = Attempt.objects.filter(rung_at__gt=now - timedelta(minutes=1)).count()
    return min(settings.ROBOT_LINES - RobotCall.objects.live().count(), settings.ROBOT_PACE - rung)


@dataclass
class _Known:
    """What is read once for a batch."""

    blocked: dict[tuple[str, int], str]
    verdicts: dict[int, Assessed]
    attempts: dict[int, list[Attempt]]
    live: set[int | None]
    versions: dict[tuple[str, date], DialogueVersion | None]


def _dial(ids: list[int], *, worker: str, now: datetime) -> list[Ring]:
    one_at_a_time("robot.dial")
    mine = RobotCall.objects.select_for_update(of=("self",)).filter(
        id__in=ids, state=State.TAKEN, claimed_by=worker
    )
    calls = list(mine.select_related("client", "dialogue").order_by("next_at", "id"))
    room = _room(now)  # once more: another worker may have rung since
    for call in calls[max(room, 0) :]:
        wait(call, now)
    calls = calls[: max(room, 0)]
    known = _read(calls, now)
    rings: list[Ring] = []
    for call in calls:
        ring = _one(call, known, now)
        if ring is not None:
            rings.append(ring)
            known.live.add(call.client_id)
    publish_all(
        [RobotCallChanged(call.pk, call.client_id) for call in calls if call.state == State.RINGING], now=now
    )
    return rings


def _read(calls: list[RobotCall], now: datetime) -> _Known:
    origins: dict[str, list[int]] = defaultdict(list)
    for call in calls:
        origins[call.origin].append(call.origin_id)
    clients = {call.client_id for call in calls}
    asks = [Ask(client_id=call.client_id, channel=Channel.ROBOT, purpose=Purpose.SERVICE) for call in calls]
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for one in Attempt.objects.filter(client_id__in=clients, rung_at__gt=now - timedelta(days=2)):
        attempts[one.client_id].append(one)
    live: set[int | None] = set(
        RobotCall.objects.live().filter(client_id__in=clients).values_list("client_id", flat=True)
    )
    live |= set(Call.objects.live().filter(client_id__in=clients).values_list("client_id", flat=True))
    answers = assess_all(asks, now=now)
    return _Known(
        dict(guards.blocked(origins)),
        {call.pk: answer for call, answer in zip(calls, answers, strict=True)},
        attempts,
        live,
        {},
    )


def _one(call: RobotCall, known: _Known, now: datetime) -> Ring | None:
    """Ring this client, or say why not."""
    if reason := known.blocked.get((call.origin, call.origin_id)):
        drop(call, reason, now=now, fault="guard")
        return None
    if call.until <= now:
        call.outcome = call.outcome or Outcome.NOT_REACHED
        finish(call, now=now)
        return None
    answer = known.verdicts[call.pk]
    call.verdict = answer.verdict.to_json()
    if answer.verdict.decision == "drop" or answer.point is None:
        drop(call, answer.verdict.reason, now=now, fault="policy")
        return None
    if answer.verdict.until is not None and answer.verdict.decision == "wait":
        wait(call, answer.verdict.until)
        return None
    made = known.attempts[call.client_id]
    free = may_ring(
        now=now, zone=zone_of(call), attempts=[one.rung_at for one in made],
        talks=[one.answered_at for one in made if one.answered_at],
    )  # fmt: skip
    if free > now or call.client_id in known.live:
        wait(call, free if free > now else now + _BUSY_WITH_US)
        return None
    version = _version(call, known, now)
    if version is None or not _can_say(version.parsed, call.values):
        drop(call, "no_dialogue" if version is None else "no_words", now=now, fault="robot")
        return None
    return _ring(call, version, answer, now)


def _version(call: RobotCall, known: _Known, now: datetime) -> DialogueVersion | None:
    key = (call.dialogue.code, local_today(settings.TIME_ZONE, now))
    if key not in known.versions:
        known.versions[key] = version_in_force(*key)
    return known.versions[key]


def _can_say(graph: Graph, values: dict[str, str]) -> bool:
    """Whether every word of the dialogue is known for this client: nobody is rung to hear half a sentence."""
    try:
        for node in graph.nodes.values():
            for words in (node.speech, node.again, node.message):
                fill(words, values)
    except SpeechError:
        return False
    return True


def _ring(call: RobotCall, version: DialogueVersion, answer: Assessed, now: datetime) -> Ring:
    assert answer.point is not None
    call.tries += 1
    call.state, call.version, call.look_at = (
        State.RINGING,
        version,
        now + timedelta(seconds=RING_SECONDS) + PATIENCE,
    )
    call.contact_point_id, call.address = answer.point.id, answer.point.value
    call.claimed_by, call.lease_until, call.talk = "", None, {}
    call.save()
    attempt = Attempt.objects.create(
        call=call,
        number=call.tries,
        line=f"robot-{call.pk}-{call.tries}",
        client_id=call.client_id,
        rung_at=now,
    )
    return ring_of(call, attempt)


def ring_of(call: RobotCall, attempt: Attempt) -> Ring:
    """What the exchange is asked; the same each time it is asked again."""
    return Ring(
        line=attempt.line, to=call.address, caller_id=settings.ROBOT_NUMBER, caller_name=settings.COMPANY_NAME,
        seconds=RING_SECONDS, detect_machine=True,
    )  # fmt: skip
