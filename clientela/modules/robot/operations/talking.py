"""A conversation under way: what the exchange tells becomes the next state, acts and wishes to the exchange."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from clientela.foundation.outbox.operations import publish
from clientela.modules.calls.ports import (
    Ending,
    Exchange,
    KeyPressed,
    LineAnswered,
    LineEnded,
    LiveLine,
    PromptEnded,
    Ring,
    Told,
)
from clientela.modules.clients.operations.contact_points import mark_contact_point_bad
from clientela.modules.robot.events import RobotCallChanged
from clientela.modules.robot.models import Attempt, RobotCall, Said
from clientela.modules.robot.operations.acts import perform_act
from clientela.modules.robot.operations.dialling import PATIENCE, ring_of
from clientela.modules.robot.operations.ending import after_talk, again, finish
from clientela.modules.robot.operations.handover import hand_over
from clientela.modules.robot.rules import engine
from clientela.modules.robot.rules.dialogue import Outcome
from clientela.modules.robot.rules.engine import Phase, Talk
from clientela.modules.robot.rules.retries import HOPELESS, result_of
from clientela.modules.robot.rules.speech import seconds

State = RobotCall.State
OUR_LINES = "robot-"
HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True)
class Play:
    line: str
    prompt: str
    sound: str


@dataclass(frozen=True, slots=True)
class Part:
    """Let a line go."""

    line: str


Wish = Play | Part | Ring


def perform(exchange: Exchange, wishes: Sequence[Wish]) -> None:
    """Ask the exchange, after the transaction that decided it. Every wish may be repeated."""
    for wish in wishes:
        match wish:
            case Ring():
                exchange.ring(wish)
            case Play(line, prompt, sound):
                exchange.play(line, prompt, [sound])
            case Part(line):
                exchange.hang_up(line)


def is_ours(line: str) -> bool:
    """Whether the robot rang this line and has not given it to a person."""
    return line.startswith(OUR_LINES) and not Attempt.objects.filter(line=line, ending=HANDED_OVER).exists()


@transaction.atomic
def take(event: Told, *, now: datetime) -> list[Wish]:
    """What follows from one word of the exchange. A word about a line that is over, or told twice, changes nothing."""
    line = getattr(event, "line", "")
    found = _live(line)
    if found is None:
        return []
    call, attempt = found
    match event:
        case LineAnswered(who=who) if attempt.answered_at is None:
            attempt.answered_at, attempt.who = now, who
            attempt.save(update_fields=["answered_at", "who"])
            call.state = State.TALKING
            return _go(call, attempt, engine.Answered(who), now)
        case KeyPressed(key=key) if attempt.answered_at is not None:
            return _go(call, attempt, engine.Pressed(key), now)
        case PromptEnded(prompt=prompt) if prompt == _prompt(attempt, call.talk.get("moves", 0)):
            return _go(call, attempt, engine.SpeechEnded(), now)
        case LineEnded(ending=ending, cause=cause):
            _over(attempt, now, ending, cause)
            if attempt.answered_at is not None:
                return _go(call, attempt, engine.HungUp(), now)
            _not_answered(call, ending, now)
    return []


@transaction.atomic
def hear(*, line: str, text: str, confidence: float, now: datetime) -> list[Wish]:
    """A recogniser heard words on a line."""
    found = _live(line)
    if found is None or found[1].answered_at is None:
        return []
    return _go(*found, engine.Heard(text[:400], confidence), now)


def look(*, now: datetime) -> list[Wish]:
    """Calls whose time has come: who is listened to keeps silent; a line that tells nothing is given up."""
    wishes: list[Wish] = []
    for pk in RobotCall.objects.live().filter(look_at__lte=now).values_list("id", flat=True):
        with transaction.atomic():
            call = RobotCall.objects.select_for_update(of=("self",)).get(pk=pk)
            if call.look_at is None or call.look_at > now or call.state not in (State.RINGING, State.TALKING):
                continue
            attempt = call.attempts.get(number=call.tries)
            if call.talk.get("phase") == Phase.LISTENING:
                wishes += _go(call, attempt, engine.Silent(), now)
            else:
                wishes += [Part(attempt.line), *_lost(call, attempt, now)]
    return wishes


def reconcile(alive: Sequence[LiveLine], *, now: datetime) -> list[Wish]:
    """After a break: what is still alive goes on where it was, what is gone came to its end meanwhile."""
    lines = {one.line: one for one in alive}
    wishes: list[Wish] = []
    for pk in RobotCall.objects.live().values_list("id", flat=True):
        with transaction.atomic():
            call = RobotCall.objects.select_for_update(of=("self",)).get(pk=pk)
            attempt = call.attempts.filter(number=call.tries).first()
            if attempt is None or call.state not in (State.RINGING, State.TALKING):
                continue
            line = lines.get(attempt.line)
            if line is not None and call.state == State.TALKING:
                wishes += _again(call, attempt, now)
            elif line is not None and line.answered:
                wishes += take(LineAnswered(attempt.line, now), now=now)
            elif line is None and call.state == State.RINGING and attempt.rung_at > now - PATIENCE:
                wishes.append(
                    ring_of(call, attempt)
                )  # nobody knows whether it was rung: asking twice rings once
            elif line is None:
                wishes += _lost(call, attempt, now)
    return wishes + [Part(line) for line in lines if not _known(line)]


def _known(line: str) -> bool:
    """Whether a line is in a conversation of the robot's, or was given to a person."""
    return Attempt.objects.filter(Q(ended_at=None) | Q(ending=HANDED_OVER), line=line).exists()


def _live(line: str) -> tuple[RobotCall, Attempt] | None:
    attempt = Attempt.objects.filter(line=line, ended_at=None).first()
    if attempt is None:
        return None
    call = RobotCall.objects.select_for_update(of=("self",)).get(pk=attempt.call_id)
    attempt.refresh_from_db()
    if (
        attempt.ended_at is not None
        or call.tries != attempt.number
        or call.state not in (State.RINGING, State.TALKING)
    ):
        return None
    return call, attempt


def _prompt(attempt: Attempt, move: int) -> str:
    return f"{attempt.line}-{move}"


def _talk(call: RobotCall) -> Talk:
    return Talk.from_json(call.talk) if call.talk else Talk()


def _go(call: RobotCall, attempt: Attempt, event: engine.Event, now: datetime) -> list[Wish]:
    assert call.version is not None
    talk, deeds = engine.step(call.version.parsed, _talk(call), event, call.values)
    return _done(call, attempt, talk, deeds, now)


def _again(call: RobotCall, attempt: Attempt, now: datetime) -> list[Wish]:
    assert call.version is not None
    talk, deeds = engine.repeat(call.version.parsed, _talk(call), call.values)
    if deeds == [engine.HangUp()]:  # the goodbye was under way
        deeds.append(engine.Finish(talk.outcome or Outcome.CUT_OFF))
    return _done(call, attempt, talk, deeds, now)


def _done(
    call: RobotCall, attempt: Attempt, talk: Talk, deeds: Sequence[engine.Deed], now: datetime
) -> list[Wish]:
    """Store the state and do the acts in this transaction; give back what the exchange is asked after it."""
    assert call.version is not None
    call.talk = talk.to_json()
    wishes: list[Wish] = []
    outcome = ""
    for deed in deeds:
        match deed:
            case engine.Say(node, text, move, sound):
                Said.objects.create(
                    attempt=attempt, version=call.version, move=move, node=node, text=text, at=now
                )
                call.look_at = now + timedelta(seconds=2 * seconds(text)) + PATIENCE
                wishes.append(
                    Play(attempt.line, _prompt(attempt, move), sound or sound_of(attempt, move, text))
                )
            case engine.Listen(wait):
                call.look_at = now + timedelta(seconds=wait)
            case engine.Took():
                _note(attempt, deed, now)
            case engine.Do(act, node):
                perform_act(call, attempt, act, call.version.parsed.nodes[node], now=now)
            case engine.Connect():
                hand_over(call, attempt, now=now)
                _over(attempt, now, HANDED_OVER, "")
            case engine.HangUp():
                wishes.append(Part(attempt.line))
            case engine.Finish(came_to):
                outcome = came_to
    if not outcome:
        call.save()
        publish(RobotCallChanged(call.pk, call.client_id), now=now)
        return wishes
    if attempt.ended_at is None:
        _over(attempt, now, Ending.NORMAL, "")
    after_talk(call, outcome, now=now, days=talk.days, score=talk.score)
    return wishes


def _note(attempt: Attempt, took: engine.Took, now: datetime) -> None:
    last = attempt.said.order_by("-move").first()
    if last is None:
        return
    last.left_at, last.via, last.heard, last.meaning, last.to = (
        now,
        took.via,
        took.heard,
        took.meaning,
        took.to,
    )
    last.confidence = took.confidence
    last.save(update_fields=["left_at", "via", "heard", "meaning", "to", "confidence"])


def _over(attempt: Attempt, now: datetime, ending: str, cause: str) -> None:
    attempt.ended_at, attempt.ending, attempt.cause = now, ending, cause[:80]
    attempt.save(update_fields=["ended_at", "ending", "cause"])


def _not_answered(call: RobotCall, ending: Ending, now: datetime) -> None:
    if ending in HOPELESS:
        if call.contact_point is not None:
            mark_contact_point_bad(now=now, contact_point=call.contact_point, reason=f"robot: {ending}")
        call.outcome = call.outcome or Outcome.NOT_REACHED
        finish(call, now=now)
        return
    again(call, result_of(ending), now=now)


def _lost(call: RobotCall, attempt: Attempt, now: datetime) -> list[Wish]:
    """The line is gone and nobody told how: a conversation counts as cut off, an unanswered ring is tried again."""
    _over(attempt, now, Ending.FAILED, "")
    if attempt.answered_at is not None:
        return _go(call, attempt, engine.HungUp(), now)
    again(call, "failed", now=now)
    return []


def sound_of(attempt: Attempt, move: int, text: str) -> str:
    """The name of what is said: the row of the transcript, and a mark of its words."""
    return f"robot-{attempt.pk}-{move}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def words_of(sound: str) -> str:
    """What is said in a sound. Raises `LookupError`."""
    parts = sound.partition(".")[0].split("-")
    if len(parts) != 3 or parts[0] != "robot" or not all(part.isdigit() for part in parts[1:]):
        raise LookupError(sound)
    said: Any = Said.objects.filter(attempt_id=int(parts[1]), move=int(parts[2])).first()
    if said is None:
        raise LookupError(sound)
    return str(said.text)
