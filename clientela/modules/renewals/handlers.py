"""What renewals do when something happened below: facts are read again and touches fall away."""

from datetime import datetime

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext_noop

from clientela.foundation.dates import local_today
from clientela.foundation.jobs.operations import enqueue
from clientela.foundation.outbox.operations import publish
from clientela.modules.billing.events import PaymentRegistered
from clientela.modules.claims.events import DisputeChanged
from clientela.modules.clients.events import ContactabilityChanged
from clientela.modules.contacts.events import (
    ClientSignalled,
    ConsentChanged,
    MessageReceived,
    MessageStateChanged,
)
from clientela.modules.contracts.events import (
    ObjectSold,
    PolicyChanged,
    PolicyIssued,
    PortfolioImported,
    ProjectChanged,
    QuoteChanged,
)
from clientela.modules.dialler.events import EntryChanged, EntryEnded, EntryReopened
from clientela.modules.renewals.events import RenewalChanged
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.operations import operators
from clientela.modules.renewals.operations.robot import answered
from clientela.modules.renewals.operations.terms import open_terms, refresh
from clientela.modules.renewals.operations.work import drop_blocked
from clientela.modules.renewals.rules import Reason
from clientela.modules.robot.events import RobotCallEnded

ORIGIN = "renewals.touch"


def _again(terms: Q, *, now: datetime) -> None:
    ids = dict(Renewal.objects.filter(terms).values_list("id", "policy_id"))
    if ids:
        refresh(now=now, policy_ids=list(ids.values()))
        drop_blocked(list(ids), now=now)


def on_quote(event: QuoteChanged, *, now: datetime) -> None:
    """A quote appeared or went away."""
    _again(Q(policy_id=event.policy_id), now=now)


def on_project(event: ProjectChanged, *, now: datetime) -> None:
    """A project of a next term appeared, changed or went away."""
    if event.policy_id is not None:
        _again(Q(policy_id=event.policy_id), now=now)


def on_policy_issued(event: PolicyIssued, *, now: datetime) -> None:
    """The next term is there: the expiring one is renewed. A short term may be expiring from its first day."""
    open_terms(day=local_today(settings.TIME_ZONE, now), now=now, policy_ids=[event.policy_id])
    if event.previous_id:
        _again(Q(policy_id=event.previous_id) | Q(policy__companions=event.previous_id), now=now)


def on_policy_changed(event: PolicyChanged, *, now: datetime) -> None:
    """A policy was cancelled, handed over or corrected."""
    _again(Q(policy_id=event.policy_id), now=now)


def on_payment(event: PaymentRegistered, *, now: datetime) -> None:
    """Money came in for a project."""
    if event.project_id:
        _again(Q(policy__projects=event.project_id), now=now)


def on_dispute(event: DisputeChanged, *, now: datetime) -> None:
    """A claim went into dispute or out of it."""
    _again(Q(policy_id=event.policy_id), now=now)


def on_object_sold(event: ObjectSold, *, now: datetime) -> None:
    """The insured thing was sold."""
    _again(Q(policy__insured_object_id=event.object_id), now=now)


def on_contactability(event: ContactabilityChanged | ConsentChanged, *, now: datetime) -> None:
    """How the client may be reached changed."""
    _again(Q(client_id=event.client_id), now=now)


def on_import(event: PortfolioImported, *, now: datetime) -> None:
    """Many policies came, changed or went at once: a job reads all terms again in slices, so that nobody waits."""
    enqueue(kind="renewals.refresh", title=gettext_noop("Read the facts of expiring terms again"), now=now)


# How a message's state shows on its touch; a later state never goes back to an earlier one.
STATES = {
    "sent": (Touch.State.SENT, [Touch.State.QUEUED, Touch.State.DISPATCHING]),
    "delivered": (Touch.State.DELIVERED, [Touch.State.QUEUED, Touch.State.DISPATCHING, Touch.State.SENT]),
    "read": (
        Touch.State.OPENED,
        [Touch.State.QUEUED, Touch.State.DISPATCHING, Touch.State.SENT, Touch.State.DELIVERED],
    ),
    "failed": (
        Touch.State.FAILED,
        [Touch.State.QUEUED, Touch.State.DISPATCHING, Touch.State.SENT, Touch.State.DELIVERED],
    ),
    "dropped": (Touch.State.DROPPED, [Touch.State.QUEUED, Touch.State.DISPATCHING]),
}


def on_message_state(event: MessageStateChanged, *, now: datetime) -> None:
    """A touch's message went on its way, arrived, or did not."""
    if event.origin != ORIGIN or event.origin_id is None or event.state not in STATES:
        return
    state, before = STATES[event.state]
    values: dict[str, object] = {"state": state}
    if event.state in {"failed", "dropped"}:
        values |= {"reason": _reason(event), "reason_detail": event.detail[:255]}
    touch = Touch.objects.filter(pk=event.origin_id, state__in=before)
    if not touch.update(**values):
        return
    if event.state == "sent":
        Touch.objects.filter(pk=event.origin_id).update(sent_at=now)
        Renewal.objects.filter(touches=event.origin_id).update(last_touch_at=now)
    _tell(event.origin_id, now=now)


def _reason(event: MessageStateChanged) -> str:
    """Our own reason where the guard gave it, else who stopped the message or what was wrong with it."""
    if event.fault == "guard":
        return event.detail
    return Reason.POLICY if event.state == "dropped" else event.fault


def on_signal(event: ClientSignalled, *, now: datetime) -> None:
    """The client opened, clicked or replied to the message of a touch."""
    if event.origin != ORIGIN or event.origin_id is None:
        return
    fields = {"open": "last_opened_at", "click": "last_clicked_at", "reply": "last_replied_at"}
    if event.kind not in fields:
        return
    state = Touch.State.REPLIED if event.kind == "reply" else Touch.State.OPENED
    weaker = [Touch.State.QUEUED, Touch.State.SENT, Touch.State.DELIVERED]
    if event.kind == "reply":
        weaker.append(Touch.State.OPENED)
    Touch.objects.filter(pk=event.origin_id, state__in=weaker).update(state=state)
    terms = Renewal.objects.filter(touches=event.origin_id)
    terms.update(**{fields[event.kind]: now})
    drop_blocked(list(terms.values_list("id", flat=True)), now=now)
    _tell(event.origin_id, now=now)


def on_robot_call(event: RobotCallEnded, *, now: datetime) -> None:
    """The robot reached the client, or will not try any more."""
    if event.origin == ORIGIN:
        answered(event, now=now)


def on_calling_entry(event: EntryChanged | EntryEnded | EntryReopened, *, now: datetime) -> None:
    """An operator called, will not call any more, or takes an outcome back."""
    if event.origin != ORIGIN:
        return
    if isinstance(event, EntryEnded):
        operators.ended(event, now=now)
    elif isinstance(event, EntryReopened):
        operators.taken_back(event, now=now)
    elif event.outcome:
        operators.waits(event, now=now)


def on_message(event: MessageReceived, *, now: datetime) -> None:
    """The client wrote without answering one of our messages: every open term of theirs heard a reply."""
    if event.client_id is None or event.in_reply_to_id is not None:
        return
    terms = Renewal.objects.filter(client_id=event.client_id, paid_at__isnull=True)
    ids = list(terms.values_list("id", flat=True))
    terms.update(last_replied_at=now, updated_at=F("updated_at"))
    drop_blocked(ids, now=now)


def _tell(touch_id: int, *, now: datetime) -> None:
    for renewal, client in Renewal.objects.filter(touches=touch_id).values_list("id", "client_id"):
        publish(RenewalChanged(renewal_id=renewal, client_id=client), now=now)
