"""Due touches become messages, after one more look at the facts."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, JSONField, Q, Value, When
from django.utils import timezone

from clientela.foundation.claims import claim
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.contacts.models import Channel, Message
from clientela.modules.contacts.operations.queueing import Draft, Queued, queue_messages
from clientela.modules.organisation.queries import phones_shown
from clientela.modules.renewals.events import RenewalChanged
from clientela.modules.renewals.models import Touch
from clientela.modules.renewals.operations.operators import ask_operators
from clientela.modules.renewals.operations.robot import ask_robot
from clientela.modules.renewals.operations.work import reason_now
from clientela.modules.renewals.queries.texts import written
from clientela.modules.renewals.rules import Reason

ORIGIN = "renewals.touch"
BATCH = 200
LOADED = (
    "renewal__client", "renewal__agent", "renewal__centre", "renewal__product", "renewal__bank",
    "renewal__policy__insured_object", "step__version__schedule",
)  # fmt: skip


def dispatch_due(*, worker: str, now: datetime, lease: timedelta) -> int:
    """Take a batch of due touches and hand their messages to contacts; returns how many were taken.

    A touch is looked at again: what a project, a payment, an opt-out or the norm holds back now is dropped with its
    reason. Message and touch change in one transaction, and a message is unique for its touch, so that a crash at any
    point leaves a state from which the next worker finishes once.
    """
    open_ones = Q(state=Touch.State.PLANNED) | Q(state=Touch.State.DISPATCHING, lease_until__lt=now)
    ids = claim(
        Touch.objects.filter(open_ones, due_at__lte=now).order_by("due_at", "id"),
        to_state=Touch.State.DISPATCHING,
        worker=worker,
        now=now,
        lease=lease,
        limit=BATCH,
    )
    if ids:
        with transaction.atomic():
            _dispatch(ids, worker=worker, now=now)
    return len(ids)


def _dispatch(ids: list[int], *, worker: str, now: datetime) -> None:
    mine = Touch.objects.select_for_update(of=("self",)).filter(
        id__in=ids, state=Touch.State.DISPATCHING, claimed_by=worker
    )
    dropped: dict[Reason, list[int]] = {}
    robots: list[Touch] = []
    operators: list[Touch] = []
    drafts: list[Draft] = []
    phones = phones_shown(now)
    touches = {touch.pk: touch for touch in mine.select_related(*LOADED).order_by("id")}
    for touch in touches.values():
        reason = reason_now(touch, now=now)
        if reason is not None:
            dropped.setdefault(reason, []).append(touch.pk)
        elif touch.channel == Channel.ROBOT:
            robots.append(touch)
        elif touch.channel == Channel.OPERATOR:
            operators.append(touch)
        else:
            drafts.append(_draft(touch, phones))
    ask_operators(operators, now=now)
    calls = [touch.pk for touch in operators]
    asked = [touch.pk for touch in robots]
    if ask_robot(robots, phones, now=now):
        calls += asked
    elif asked:
        dropped[Reason.NO_ROBOT] = asked
    for reason, stopped in dropped.items():
        Touch.objects.filter(id__in=stopped).update(
            state=Touch.State.DROPPED, reason=reason, lease_until=None
        )
    Touch.objects.filter(id__in=calls).update(state=Touch.State.QUEUED, lease_until=None)
    _store(queue_messages(drafts, now=now))
    publish_all(
        [RenewalChanged(renewal_id=t.renewal_id, client_id=t.renewal.client_id) for t in touches.values()],
        now=now,
    )


def _draft(touch: Touch, phones: Mapping[int, str]) -> Draft:
    assert touch.step is not None
    subject, text = written(touch.step, touch.renewal, phones)
    return Draft(
        client_id=touch.renewal.client_id,
        channel=touch.channel,
        subject=subject,
        text=text,
        origin=ORIGIN,
        origin_id=touch.pk,
    )


def _store(answers: list[Queued]) -> None:
    """Write what became of each message onto its touch, in two statements for the whole batch."""
    going = [a for a in answers if a.state != Message.State.DROPPED]
    stopped = [a for a in answers if a.state == Message.State.DROPPED]
    for group, state in ((going, Touch.State.QUEUED), (stopped, Touch.State.DROPPED)):
        if not group:
            continue
        Touch.objects.filter(id__in=[a.origin_id for a in group]).update(
            state=state,
            lease_until=None,
            reason="" if state == Touch.State.QUEUED else Reason.POLICY,
            reason_detail=_by_touch({a.origin_id: a.reason for a in group}),
            message_id=_by_touch({a.origin_id: a.message_id for a in group}),
            due_at=_by_touch({a.origin_id: a.not_before for a in group})
            if state == Touch.State.QUEUED
            else F("due_at"),
            verdict=Case(
                *[When(id=a.origin_id, then=Value(a.verdict, JSONField())) for a in group],
                output_field=JSONField(),
            ),
        )


def _by_touch(values: dict[int | None, object]) -> Case:
    return Case(*[When(id=key, then=Value(value)) for key, value in values.items()])


def guard(touch_ids: Collection[int]) -> dict[int, str]:
    """The last word at the moment of sending: touches whose facts hold them back now, with the reason."""
    now = timezone.now()
    touches = Touch.objects.filter(id__in=touch_ids).select_related(
        "renewal__product", "renewal__bank", "step__version__schedule"
    )
    found = {touch.pk: reason_now(touch, now=now) for touch in touches}
    return {pk: reason.value for pk, reason in found.items() if reason is not None}
