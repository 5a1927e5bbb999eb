"""The operators' part of a schedule: touches become entries of the calling list, and what comes of them comes back.

The touch stays on its way until its entry is over; a term that needs no call any more takes the entry off the list.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop as _

from clientela.foundation.outbox.operations import publish
from clientela.modules.contacts.models import Channel
from clientela.modules.dialler.events import EntryChanged, EntryEnded, EntryReopened
from clientela.modules.dialler.models import Entry
from clientela.modules.dialler.operations.requests import NoList, Request, request_calls
from clientela.modules.dialler.rules.outcomes import DATED, UNREACHED, Outcome
from clientela.modules.renewals.events import RenewalChanged
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.operations.robot import last_moment, lose
from clientela.modules.renewals.operations.work import HoldInPast, hold_plan, release_plan, reopen
from clientela.modules.renewals.rules import Reason

ORIGIN = "renewals.touch"
LIST = "renewal"
BY = "operator"
LOSSES = {Outcome.SOLD: "sold", Outcome.ELSEWHERE: "elsewhere", Outcome.REFUSED: "no-need"}
_PERSON = {
    "wants a person": _("asked the robot for a person"),
    "too dear": _("told the robot that it is too dear"),
    "says renewed": _("told the robot that it is renewed already"),
}


def ask_operators(touches: Sequence[Touch], *, now: datetime) -> None:
    """Put these touches on the list, once each; where there is no list they stay tasks of the day.

    The touches are loaded as dispatching loads them.
    """
    try:
        request_calls([_request(touch) for touch in touches], now=now)
    except NoList:
        return


def _request(touch: Touch) -> Request:
    term = touch.renewal
    parts = (f"{term.product.message_name} {term.policy.number}", str(term.policy.insured_object or ""))
    return Request(
        client_id=term.client_id, list=LIST, origin=ORIGIN, origin_id=touch.pk, until=last_moment(touch),
        reasons=_reasons(touch), subject=" · ".join(part for part in parts if part), ends_on=touch.term_end,
        premium=term.next_premium or term.premium, asked=touch.step is None,
    )  # fmt: skip


def _reasons(touch: Touch) -> list[str]:
    """Why a person has to call: what the robot heard, and what the messages came to."""
    term, found = touch.renewal, []
    if touch.reason_detail in _PERSON:
        found.append(_PERSON[touch.reason_detail])
    elif term.last_opened_at or term.last_clicked_at:
        found.append(_("read our messages and is silent"))
    elif term.last_touch_at:
        found.append(_("did not answer our messages"))
    if term.next_premium is not None and term.next_premium > term.premium:
        found.append(_("the price went up"))
    if term.renewal_year == 1:
        found.append(_("renews for the first time"))
    if term.state == Renewal.State.NOTHING:
        found.append(_("no project yet"))
    return found[:3]


def ended(event: EntryEnded, *, now: datetime) -> None:
    """Write what came of an entry onto its touch and its term; an outcome taken back meanwhile is none."""
    entry = Entry.objects.filter(pk=event.entry_id, state__in=[Entry.State.DONE, Entry.State.DROPPED]).first()
    touch = _touch(event.origin_id, Touch.State.QUEUED)
    if touch is None or entry is None:
        return
    if event.dropped and event.dropped != "too_late":
        reason = event.dropped if event.fault == "guard" else _DROPPED.get(event.fault, Reason.CANCELLED)
        Touch.objects.filter(pk=touch.pk).update(
            state=Touch.State.DROPPED, reason=reason, reason_detail=event.dropped
        )
    else:
        _called(touch, event.outcome or event.dropped, now=now)
    _tell(touch, now)


_DROPPED = {"policy": Reason.POLICY, "person": Reason.CANCELLED}


def _called(touch: Touch, outcome: str, *, now: datetime) -> None:
    Touch.objects.filter(pk=touch.pk).update(
        state=Touch.State.DONE, reason="", reason_detail=outcome, sent_at=now
    )
    values = {"last_touch_at": now}
    if outcome in Outcome.values and outcome not in UNREACHED and outcome != Outcome.WRONG_NUMBER:
        values["last_replied_at"] = now
    Renewal.objects.filter(pk=touch.renewal_id).update(**values)
    if outcome in LOSSES:
        lose(touch.renewal, LOSSES[Outcome(outcome)], now=now, by=BY)


def waits(event: EntryChanged, *, now: datetime) -> None:
    """The client named a day: nobody disturbs them before it, and the operator keeps the call."""
    touch = _touch(event.origin_id, Touch.State.QUEUED)
    if touch is None:
        return
    Renewal.objects.filter(pk=touch.renewal_id).update(last_touch_at=now)
    if event.until and event.outcome in DATED:
        try:
            until = date.fromisoformat(event.until) - timedelta(days=1)
            hold_plan(actor=None, now=now, renewal=touch.renewal, until=until, reason=BY)
        except HoldInPast:
            pass
    _tell(touch, now)


def taken_back(event: EntryReopened, *, now: datetime) -> None:
    """An outcome was a slip: the touch is on its way again, and what the outcome did to the term is undone."""
    touch = _touch(event.origin_id, *Touch.State)
    if touch is None or touch.channel != Channel.OPERATOR:
        return
    term = touch.renewal
    if event.ended and not Entry.objects.filter(pk=event.entry_id, ended_at=None).exists():
        return
    Touch.objects.filter(pk=touch.pk, state=Touch.State.DONE).update(
        state=Touch.State.QUEUED, reason_detail="", sent_at=None
    )
    if event.outcome in LOSSES and term.lost_reason is not None:
        reopen(actor=None, now=now, renewal=term)
    if term.held_until is not None and term.held_reason == BY:
        release_plan(actor=None, now=now, renewal=term)
    _tell(touch, now)


def _touch(touch_id: int, *states: str) -> Touch | None:
    rows = Touch.objects.select_related("renewal__lost_reason").filter(pk=touch_id, state__in=states)
    return rows.first()


def _tell(touch: Touch, now: datetime) -> None:
    publish(RenewalChanged(renewal_id=touch.renewal_id, client_id=touch.renewal.client_id), now=now)
