"""What people do with an expiring term: hold its plan, lose it, take it back, finish a call."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_moment, local_today
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.rules import Permission
from clientela.modules.contacts.models import Channel
from clientela.modules.dialler.operations.requests import bring_forward_calls, postpone, withdraw
from clientela.modules.renewals import rules
from clientela.modules.renewals.events import RenewalChanged
from clientela.modules.renewals.models import LossReason, Renewal, Touch
from clientela.modules.renewals.operations.terms import refresh
from clientela.modules.renewals.queries.plan_view import plan_of
from clientela.modules.renewals.queries.planning import spec, steps_in_force
from clientela.modules.renewals.queries.term_facts import facts_of
from clientela.modules.renewals.rules import Reason

OPEN_TOUCHES = [Touch.State.PLANNED]
# A call that an operator is to make is open until it is made: what stops its step takes it off the calling list.
LISTED = Q(state=Touch.State.QUEUED, channel=Channel.OPERATOR)
ORIGIN = "renewals.touch"
CALLS = [Channel.ROBOT, Channel.OPERATOR]
_MORNING = time(10)


class HoldInPast(ValueError):
    """A plan can be held until today or a later day, and not beyond the end of the term."""

    def __init__(self) -> None:
        super().__init__(str(_("Choose a day from today to the end of the term.")))


class AlreadyPaid(ValueError):
    """A paid term cannot be lost."""

    def __init__(self) -> None:
        super().__init__(str(_("The next term is already paid.")))


class TouchNotOpen(ValueError):
    """Only a touch that is still open can be finished by hand."""

    def __init__(self) -> None:
        super().__init__(str(_("This touch is already finished.")))


class NothingToSend(ValueError):
    """No step of the plan is left that would go."""

    def __init__(self) -> None:
        super().__init__(str(_("No message of the plan is left that would go.")))


def _locked(renewal: Renewal, actor: Any) -> Renewal:
    if actor is None:  # the system itself: what a client told the robot
        return Renewal.objects.select_for_update(of=("self",)).get(pk=renewal.pk)
    if not actor.can(Permission.RENEWALS_WRITE):
        raise PermissionDenied
    locked = Renewal.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=renewal.pk).first()
    if locked is None:
        raise PermissionDenied
    return locked


def _changed(renewal: Renewal, *, now: datetime) -> None:
    Renewal.objects.filter(pk=renewal.pk).update(updated_at=now)
    publish(RenewalChanged(renewal_id=renewal.pk, client_id=renewal.client_id), now=now)


@transaction.atomic
def hold_plan(*, actor: Any, now: datetime, renewal: Renewal, until: date, reason: str = "") -> Renewal:
    """Send nothing before the day after ``until``; planned touches of the held days are dropped when due."""
    term = _locked(renewal, actor)
    if not local_today(settings.TIME_ZONE, now) <= until <= term.end_date:
        raise HoldInPast
    record(
        actor=actor, now=now, action="renewal.hold", obj=term, object_name=term.policy.number,
        changes={"held_until": [term.held_until, until]}, reason=reason,
    )  # fmt: skip
    term.held_until, term.held_reason = until, reason[:200]
    term.save(update_fields=["held_until", "held_reason"])
    drop_blocked([term.pk], now=now)
    _changed(term, now=now)
    return term


@transaction.atomic
def release_plan(*, actor: Any, now: datetime, renewal: Renewal) -> Renewal:
    """Let the plan go on; touches dropped while it was held and not yet due come back."""
    term = _locked(renewal, actor)
    record(
        actor=actor, now=now, action="renewal.release", obj=term, object_name=term.policy.number,
        changes={"held_until": [term.held_until, None]},
    )  # fmt: skip
    term.held_until, term.held_reason = None, ""
    term.save(update_fields=["held_until", "held_reason"])
    _restore(term, Reason.HELD, now=now)
    listed_calls = term.touches.filter(LISTED).values_list("pk", flat=True)
    bring_forward_calls(origin=ORIGIN, origin_ids=list(listed_calls), now=now)
    _changed(term, now=now)
    return term


@transaction.atomic
def mark_lost(*, actor: Any, now: datetime, renewal: Renewal, reason: LossReason, note: str = "") -> Renewal:
    """The client will not renew; the plan stops at once. A paid term cannot be lost."""
    term = _locked(renewal, actor)
    if term.paid_at is not None:
        raise AlreadyPaid
    record(
        actor=actor, now=now, action="renewal.lost", obj=term, object_name=term.policy.number,
        changes={"state": [term.state, Renewal.State.LOST], "lost_reason": [None, reason.code]}, reason=note,
    )  # fmt: skip
    term.state, term.lost_reason, term.lost_at = Renewal.State.LOST, reason, now
    term.save(update_fields=["state", "lost_reason", "lost_at"])
    drop_blocked([term.pk], now=now)
    _changed(term, now=now)
    return term


@transaction.atomic
def reopen(*, actor: Any, now: datetime, renewal: Renewal) -> Renewal:
    """Take back “lost”; touches dropped for it and not yet due come back."""
    term = _locked(renewal, actor)
    record(
        actor=actor, now=now, action="renewal.reopen", obj=term, object_name=term.policy.number,
        changes={"state": [term.state, Renewal.State.NOTHING]},
    )  # fmt: skip
    term.lost_reason, term.lost_at = None, None
    term.save(update_fields=["lost_reason", "lost_at"])
    _restore(term, Reason.LOST, now=now)
    refresh(now=now, policy_ids=[term.policy_id])
    term.refresh_from_db()
    return term


def _restore(term: Renewal, reason: Reason, *, now: datetime) -> None:
    """Messages that are not due yet come back, calls always do: they have days to be made."""
    dropped = term.touches.filter(state=Touch.State.DROPPED, reason=reason)
    dropped.filter(Q(due_at__gt=now) | Q(channel__in=CALLS)).update(state=Touch.State.PLANNED, reason="")


@transaction.atomic
def complete_touch(*, actor: Any, now: datetime, touch: Touch, outcome: str, note: str = "") -> Touch:
    """An operator finished a call or another touch made by hand; ``outcome`` is a short word kept with it."""
    term = _locked(touch.renewal, actor)
    done = term.touches.filter(pk=touch.pk, state__in=[Touch.State.PLANNED, Touch.State.QUEUED]).update(
        state=Touch.State.DONE,
        sent_at=now,
        reason="",
        reason_detail=f"{outcome}: {note}"[:255] if note else outcome,
    )
    if not done:
        raise TouchNotOpen
    withdraw(origin=ORIGIN, reasons={touch.pk: "done"}, now=now)
    record(
        actor=actor, now=now, action="touch.done", obj=touch, object_name=term.policy.number,
        changes={"outcome": [None, outcome]}, reason=note,
    )  # fmt: skip
    Renewal.objects.filter(pk=term.pk).update(last_touch_at=now)
    _changed(term, now=now)
    touch.refresh_from_db()
    return touch


@transaction.atomic
def bring_forward(*, actor: Any, now: datetime, renewal: Renewal) -> Touch:
    """Do not wait for its day: the next written step that would go is due now.

    It goes the usual way, with the last look and the communication policy. Raises ``NothingToSend``.
    """
    term = _locked(renewal, actor)
    today = local_today(settings.TIME_ZONE, now)
    coming = [e for e in plan_of(term, today=today) if e.kind == "go" and e.channel not in CALLS]
    if not coming:
        raise NothingToSend
    entry = coming[0]
    if entry.touch_id:
        touch = term.touches.get(pk=entry.touch_id)
        touch.due_at, touch.due_on = now, today
        touch.save(update_fields=["due_at", "due_on"])
    else:
        facts = facts_of(term)
        rows = [(step, spec(step)) for step in steps_in_force(today)]
        step = next(s for s, known in rows if known.key == entry.key and rules.is_audience(known, facts))
        touch = Touch.objects.create(
            renewal=term, step_key=entry.key, step=step, term_end=term.end_date, day=step.day, channel=step.channel,
            due_on=today, due_at=now, created_by=actor, created_at=now,
        )  # fmt: skip
    record(
        actor=actor, now=now, action="touch.forward", obj=touch, object_name=term.policy.number,
        changes={"due_at": [entry.at, now]},
    )  # fmt: skip
    _changed(term, now=now)
    return touch


def drop_blocked(renewal_ids: list[int], *, now: datetime) -> int:
    """Drop touches of these terms that their steps' conditions or the facts hold back now.

    A call that an operator is to make waits while the plan is held, and goes off the list for any other reason.
    """
    touches = (
        Touch.objects.filter(Q(state__in=OPEN_TOUCHES) | LISTED, renewal_id__in=listed(renewal_ids))
        .select_related("renewal__product", "renewal__bank", "step__version__schedule")
        .order_by("id")
    )
    dropped = 0
    calls: dict[int, str] = {}
    for touch in touches:
        reason = reason_now(touch, now=now)
        if reason == Reason.HELD and touch.state == Touch.State.QUEUED:
            _let_wait(touch)
        elif reason:
            rows = Touch.objects.filter(Q(state__in=OPEN_TOUCHES) | LISTED, pk=touch.pk)
            dropped += rows.update(state=Touch.State.DROPPED, reason=reason)
            calls[touch.pk] = reason.value
    if calls:
        withdraw(origin=ORIGIN, reasons=calls, now=now)
    return dropped


def _let_wait(touch: Touch) -> None:
    held_until = touch.renewal.held_until
    if held_until is not None:
        morning = local_moment(held_until + timedelta(days=1), _MORNING, touch.renewal.time_zone)
        postpone(origin=ORIGIN, origin_ids=[touch.pk], until=morning)


def reason_now(touch: Touch, *, now: datetime) -> Reason | None:
    """Why a touch must not go now. A touch planned by hand knows only the stops that bind everybody."""
    today = local_today(settings.TIME_ZONE, now)
    if touch.term_end < today:
        return Reason.EXPIRED
    known = (
        spec(touch.step)
        if touch.step
        else rules.StepSpec(key=touch.step_key, day=touch.day, channel=touch.channel)
    )
    return rules.stop_reason(known, facts_of(touch.renewal), today=today)
