"""The robot's part of a schedule: touches become calls, and what clients say comes back to the term."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from clientela.foundation.dates import local_moment
from clientela.foundation.outbox.operations import publish
from clientela.modules.contacts.models import Channel
from clientela.modules.renewals.events import RenewalChanged
from clientela.modules.renewals.models import LossReason, Renewal, Touch
from clientela.modules.renewals.operations.work import (
    AlreadyPaid,
    HoldInPast,
    drop_blocked,
    hold_plan,
    mark_lost,
)
from clientela.modules.renewals.queries.texts import spoken
from clientela.modules.renewals.rules import Reason
from clientela.modules.robot.events import RobotCallEnded
from clientela.modules.robot.operations.requests import NoDialogue, Request, request_calls
from clientela.modules.robot.rules.dialogue import Outcome

ORIGIN = "renewals.touch"
DIALOGUE = "renewal"
# The last hour of a day at which anybody may be rung anywhere.
_EVENING = time(21)
_MORNING = time(10)
# A day that was promised is kept within so long.
_PROMISE_LASTS = timedelta(days=2)
# From this day before the end on a person calls, not the robot.
ROBOT_UNTIL = 17
LOSSES = {Outcome.SOLD: "sold", Outcome.LOAN_CLOSED: "loan-closed", Outcome.ELSEWHERE: "elsewhere"}
# The client spoke with us: steps for those who did not answer are not for them any more.
REPLIED = frozenset(
    {Outcome.AGREED, Outcome.PROMISED, Outcome.HANDED_OVER, Outcome.RENEWED, Outcome.TOO_DEAR, Outcome.REFUSED}
)  # fmt: skip
# A person goes on with what the robot could not settle.
TO_A_PERSON = {
    Outcome.HANDED_OVER: "wants a person",
    Outcome.TOO_DEAR: "too dear",
    Outcome.RENEWED: "says renewed",
}


def ask_robot(touches: Sequence[Touch], phones: Mapping[int, str], *, now: datetime) -> bool:
    """Ask for the calls of these touches, once each. False where there is no dialogue to call by.

    The touches are loaded as dispatching loads them.
    """
    try:
        request_calls([_request(touch, phones) for touch in touches], now=now)
    except NoDialogue:
        return False
    return True


def _request(touch: Touch, phones: Mapping[int, str]) -> Request:
    return Request(
        client_id=touch.renewal.client_id, dialogue=DIALOGUE, origin=ORIGIN, origin_id=touch.pk,
        values=spoken(touch.renewal, phones), until=last_moment(touch),
    )  # fmt: skip


def last_moment(touch: Touch) -> datetime:
    """The evening of the step's last day, on the client's clock."""
    last = touch.due_on + _PROMISE_LASTS
    if touch.step is not None:
        days = touch.step.until_day if touch.step.until_day is not None else touch.step.day
        last = touch.term_end - timedelta(days=days)
    return local_moment(last, _EVENING, touch.renewal.time_zone)


def answered(event: RobotCallEnded, *, now: datetime) -> None:
    """Write what came of a call onto its touch and its term."""
    touch = (
        Touch.objects.select_related("renewal").filter(pk=event.origin_id, state=Touch.State.QUEUED).first()
    )
    if touch is None:
        return
    if event.dropped:
        _not_called(touch, event)
    else:
        _called(touch, event, now=now)
    publish(RenewalChanged(renewal_id=touch.renewal_id, client_id=event.client_id), now=now)


def _not_called(touch: Touch, event: RobotCallEnded) -> None:
    known = {"guard": event.dropped, "policy": Reason.POLICY}.get(event.fault, Reason.NO_ROBOT)
    Touch.objects.filter(pk=touch.pk).update(
        state=Touch.State.DROPPED, reason=known, reason_detail=event.dropped
    )


def _called(touch: Touch, event: RobotCallEnded, *, now: datetime) -> None:
    term = touch.renewal
    Touch.objects.filter(pk=touch.pk).update(
        state=Touch.State.DONE, reason="", reason_detail=event.outcome, sent_at=now
    )
    Renewal.objects.filter(pk=term.pk).update(last_touch_at=now)
    outcome = Outcome(event.outcome)
    if outcome in REPLIED:
        Renewal.objects.filter(pk=term.pk).update(last_replied_at=now)
        drop_blocked([term.pk], now=now)
    if outcome in LOSSES:
        lose(term, LOSSES[outcome], now=now)
    if outcome in TO_A_PERSON:
        _next(touch, "robot.person", Channel.OPERATOR, now, detail=TO_A_PERSON[outcome])
    if outcome == Outcome.PROMISED and event.promised:
        _promised(touch, date.fromisoformat(event.promised), now=now)


def lose(term: Renewal, code: str, *, now: datetime, by: str = "robot") -> None:
    """The client said so to the robot or to an operator; a paid term stays."""
    reason = LossReason.objects.filter(code=code).first()
    if reason is None or term.state == Renewal.State.LOST:
        return
    try:
        mark_lost(actor=None, now=now, renewal=term, reason=reason, note=by)
    except AlreadyPaid:
        return


def _promised(touch: Touch, day: date, *, now: datetime) -> None:
    """Nobody disturbs the client before the day they named; on that day they are called."""
    try:
        hold_plan(actor=None, now=now, renewal=touch.renewal, until=day - timedelta(days=1), reason="robot")
    except HoldInPast:
        if day > touch.term_end:
            return
    left = (touch.term_end - day).days
    at = local_moment(day, _MORNING, touch.renewal.time_zone)
    _next(touch, f"robot.promise.{day:%m%d}", Channel.ROBOT if left >= ROBOT_UNTIL else Channel.OPERATOR, at)


def _next(touch: Touch, key: str, channel: str, at: datetime, detail: str = "") -> None:
    """One more call, planned once for the term."""
    due = at.astimezone(local_moment(touch.due_on, _MORNING, touch.renewal.time_zone).tzinfo).date()
    Touch.objects.get_or_create(
        renewal=touch.renewal, step_key=key, term_end=touch.term_end,
        defaults={
            "day": max(0, (touch.term_end - due).days), "channel": channel, "due_on": due, "due_at": at,
            "created_at": at, "reason_detail": detail,
        },
    )  # fmt: skip
