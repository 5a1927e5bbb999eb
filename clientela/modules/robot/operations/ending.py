"""How a call comes to its end, or to its next attempt."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.modules.robot.events import RobotCallEnded
from clientela.modules.robot.models import Attempt, RobotCall
from clientela.modules.robot.rules.dialogue import Outcome
from clientela.modules.robot.rules.retries import Result, next_attempt

State = RobotCall.State
# Conversations after which the client is tried again on another day.
AGAIN = frozenset({Outcome.VOICEMAIL, Outcome.CUT_OFF, Outcome.SILENT, Outcome.THIRD_PARTY})


def zone_of(call: RobotCall) -> ZoneInfo:
    """The client's zone; the company's where it is not known."""
    try:
        return ZoneInfo(call.client.time_zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def after_talk(
    call: RobotCall, outcome: str, *, now: datetime, days: int | None, score: int | None = None
) -> None:
    """A conversation, or an answering machine, is over. Who gave a score is not asked again."""
    if outcome == Outcome.PROMISED:
        call.promised = local_today(zone_of(call).key, now) + timedelta(days=days or 1)
    call.outcome, call.score = outcome, score
    if outcome in AGAIN and score is None:
        again(call, "machine" if outcome == Outcome.VOICEMAIL else "talked", now=now)
    else:
        finish(call, now=now)


def again(call: RobotCall, result: Result, *, now: datetime) -> None:
    """Plan the next attempt; when it would be too late the call is over with what it came to so far."""
    recent = Attempt.objects.filter(client_id=call.client_id, rung_at__gt=now - timedelta(days=2))
    at = next_attempt(
        result, now=now, zone=zone_of(call), attempts=list(recent.values_list("rung_at", flat=True)),
        spread=random.random(),
    )  # fmt: skip
    if at > call.until:
        call.outcome = call.outcome or Outcome.NOT_REACHED
        finish(call, now=now)
        return
    _free(call)
    call.state, call.next_at = State.WAITING, at
    call.save()


def finish(call: RobotCall, *, now: datetime) -> None:
    """The call is over; who asked for it is told."""
    _free(call)
    call.state, call.ended_at = State.DONE, now
    call.save()
    _tell(call, now)


def drop(call: RobotCall, code: str, *, now: datetime, fault: str = "") -> None:
    """Nobody is rung any more, for this reason."""
    _free(call)
    call.state, call.dropped, call.fault, call.ended_at = State.DROPPED, code[:40], fault, now
    call.save()
    _tell(call, now)


def wait(call: RobotCall, until: datetime) -> None:
    """Not now: look again at ``until``."""
    _free(call)
    call.state, call.next_at = State.WAITING, until
    call.save()


def _free(call: RobotCall) -> None:
    call.claimed_by, call.lease_until, call.look_at, call.talk = "", None, None, {}


def _tell(call: RobotCall, now: datetime) -> None:
    publish(
        RobotCallEnded(
            call.pk, call.client_id, call.origin, call.origin_id, call.outcome, call.dropped, call.fault,
            call.promised.isoformat() if call.promised else "", call.score,
        ),
        now=now,
    )  # fmt: skip
