"""Paying through an acquirer: asked once, heard of as often as it likes, and looked after when nobody tells.

The attempt is stored with its key before the acquirer hears of it. Whatever cuts us off then, a second request with
the same key is answered with the same payment, and a payment is registered once by its id.
"""

import logging
import uuid
from collections import Counter
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.billing.models import Invoice, PayAttempt, Payment
from clientela.modules.billing.operations.acquirers import acquirer_for
from clientela.modules.billing.operations.invoices import NothingDue, link_of, today_for
from clientela.modules.billing.operations.payments import PaymentConflict, register_payment
from clientela.modules.billing.ports import Acquirer, NotThere, Order, Refused, State, Taken, Unknown
from clientela.modules.billing.queries import BillState, due_now, purpose_of, state_of
from clientela.modules.contracts.models import Policy, Project

log = logging.getLogger(__name__)

# How long an acquirer remembers a key; a request with it after that would be a second payment.
KEY_LIVES = timedelta(hours=24)
# A page of an acquirer that was opened this lately is opened again.
SAME_PAGE = timedelta(minutes=40)
# When we ask by ourselves, after the request: notices come long before that.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 4, 10, 45, 180, 720)]
LATER = timedelta(days=1)
HANGS_AFTER = timedelta(days=1)
GIVE_UP_AFTER = timedelta(days=30)
NAMESPACE = uuid.UUID("6f1d6c0e-3f0a-4d3e-9a86-3b8f3f5f7c11")
_OPEN = (PayAttempt.State.NEW, PayAttempt.State.PENDING, PayAttempt.State.WAITING)


class NotOffered(Refusal):
    """Nobody takes money by this method here."""

    message = _("This way of paying is not connected yet.")
    field = "method"


def start_attempt(*, now: datetime, invoice: Invoice, method: str) -> PayAttempt:
    """Ask the acquirer for a payment; ``url`` is where the client goes. Pressed twice it is one payment.

    Without an answer ``url`` is empty and the attempt is looked after: the page waits. Raises ``NotOffered``,
    ``NothingDue``.
    """
    acquirer = acquirer_for(method)
    if acquirer is None:
        raise NotOffered
    known = _stored(invoice, method, acquirer, now)
    attempt = look(known, now=now)
    if known.url and attempt.state == PayAttempt.State.CANCELLED:  # the page there is dead: another one
        attempt = look(_stored(invoice, method, acquirer, now), now=now)
    return attempt


@transaction.atomic
def _stored(invoice: Invoice, method: str, acquirer: Acquirer, now: datetime) -> PayAttempt:
    row = _locked(invoice)
    state = state_of(row, today_for(row, now))
    if state != BillState.OPEN:
        raise NothingDue(state)
    amount = due_now(row)
    known = row.attempts.filter(
        method=method, amount=amount, provider=acquirer.code, created_at__gt=now - SAME_PAGE,
        state__in=[PayAttempt.State.NEW, PayAttempt.State.PENDING],
    ).first()  # fmt: skip
    if known is not None:
        return known
    points = {
        point.kind: point.value for point in row.client.contact_points.filter(kind__in=["email", "phone"])[::-1]
    }  # fmt: skip
    asked = {
        "description": purpose_of(row), "return_url": link_of(row), "email": points.get("email", ""),
        "phone": points.get("phone", ""),
    }  # fmt: skip
    return PayAttempt.objects.create(
        invoice=row, method=method, amount=amount, key=str(uuid.uuid4()), provider=acquirer.code, asked=asked,
        look_at=now + PAUSES[0], created_at=now, changed_at=now,
    )  # fmt: skip


def _locked(invoice: Invoice) -> Invoice:
    """The invoice as it is now, with what it is for held until the transaction ends: the policy before the project."""
    project = Project.objects.filter(pk=invoice.project_id).first() if invoice.project_id else None
    policy_id = invoice.policy_id or (project.policy_id if project else None)
    if policy_id is not None:
        Policy.objects.select_for_update().get(pk=policy_id)
    if project is not None:
        Project.objects.select_for_update().get(pk=project.pk)
    Invoice.objects.select_for_update().get(pk=invoice.pk)
    rows = Invoice.objects.select_related("client", "project__product", "policy__product", "instalment")
    return rows.get(pk=invoice.pk)


def look(attempt: PayAttempt, *, now: datetime) -> PayAttempt:
    """Ask the acquirer how the attempt stands, or ask for the payment again with the same key."""
    acquirer = acquirer_for(attempt.method)
    if acquirer is None or acquirer.code != attempt.provider:
        return _put_off(attempt, now)
    try:
        if attempt.external_id:
            taken = acquirer.read(attempt.external_id)
        elif now - attempt.created_at < KEY_LIVES:
            taken = acquirer.create(_order(attempt))
        else:  # the client never got an address to pay at
            return _end(attempt, now, "never begun")
    except Unknown:
        return _put_off(attempt, now)
    except (Refused, NotThere) as error:
        log.warning("billing.refused", extra={"attempt": attempt.pk, "why": str(error)})
        return _end(attempt, now, str(error))
    return _settled(attempt, taken, acquirer, now)


def hear(*, now: datetime, provider: str, payment_id: str) -> bool:
    """The acquirer says that something happened to a payment: read it and take it in. False when it is none of ours.

    Nothing that the notice says is believed but the id. Raises ``Unknown``: the notice is to come again.
    """
    for method in ("card", "sbp"):
        acquirer = acquirer_for(method)
        if acquirer is not None and acquirer.code == provider:
            break
    else:
        return False
    try:
        taken = acquirer.read(payment_id)
    except NotThere:
        return False
    attempt = PayAttempt.objects.filter(provider=provider, key=taken.reference).first()
    if attempt is None:
        return False
    _settled(attempt, taken, acquirer, now)
    return True


def _order(attempt: PayAttempt) -> Order:
    return Order(
        key=attempt.key, reference=attempt.key, amount=attempt.amount, method=attempt.method, **attempt.asked
    )


def _settled(attempt: PayAttempt, taken: Taken, acquirer: Acquirer, now: datetime) -> PayAttempt:
    attempt = take_in(attempt, taken, now=now, receipt=not acquirer.makes_receipts)
    if attempt.state != PayAttempt.State.WAITING:
        return attempt
    bill = attempt.invoice
    wanted = state_of(bill, today_for(bill, now)) == BillState.OPEN and attempt.amount <= due_now(bill)
    try:
        if wanted:
            key = str(uuid.uuid5(NAMESPACE, f"capture {attempt.key}"))
            taken = acquirer.capture(taken.id, amount=attempt.amount, key=key)
        else:
            taken = acquirer.cancel(taken.id, key=str(uuid.uuid5(NAMESPACE, f"cancel {attempt.key}")))
    except (Unknown, Refused, NotThere):  # the next look tells what became of it
        return attempt
    return take_in(attempt, taken, now=now, receipt=not acquirer.makes_receipts)


@transaction.atomic
def take_in(attempt: PayAttempt, taken: Taken, *, now: datetime, receipt: bool) -> PayAttempt:
    """Store what the acquirer says. Twice, late or in another order it changes nothing: what is paid stays paid."""
    invoice = _locked(attempt.invoice)
    row = PayAttempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    row.invoice = invoice
    if taken.reference != row.key or row.external_id not in (None, taken.id):
        log.error("billing.foreign", extra={"attempt": row.pk, "payment": taken.id})
        return row
    if row.state == PayAttempt.State.PAID:
        return row
    row.external_id, row.url, row.changed_at = taken.id, taken.url or row.url, now
    if taken.state == State.SUCCEEDED:
        _pay(row, taken, now, receipt)
    elif taken.state == State.CANCELLED:
        row.state, row.reason, row.look_at = PayAttempt.State.CANCELLED, taken.reason[:200], None
    elif row.state != PayAttempt.State.CANCELLED:
        waits = taken.state == State.WAITING
        row.state = PayAttempt.State.WAITING if waits else PayAttempt.State.PENDING
        row.look_at = _next_look(row, now)
    row.save()
    return row


def _pay(row: PayAttempt, taken: Taken, now: datetime, receipt: bool) -> None:
    bill = row.invoice
    try:
        row.payment = register_payment(
            actor=None, now=now, amount=taken.amount, external_id=f"{row.provider}:{taken.id}", invoice=bill,
            method=Payment.Method.SBP if row.method == "sbp" else Payment.Method.LINK, project=bill.project,
            policy=bill.policy, receipt=receipt,
        )  # fmt: skip
    except PaymentConflict:
        log.exception("billing.conflict", extra={"attempt": row.pk})
        row.reason, row.look_at = "conflict", None
        return
    row.state, row.look_at, row.reason = PayAttempt.State.PAID, None, ""


def _next_look(attempt: PayAttempt, now: datetime) -> datetime:
    attempt.looks += 1
    return now + (PAUSES[attempt.looks] if attempt.looks < len(PAUSES) else LATER)


def _put_off(attempt: PayAttempt, now: datetime) -> PayAttempt:
    attempt.look_at = _next_look(attempt, now)
    PayAttempt.objects.filter(pk=attempt.pk, state__in=_OPEN).update(
        look_at=attempt.look_at, looks=attempt.looks
    )
    return attempt


def _end(attempt: PayAttempt, now: datetime, why: str) -> PayAttempt:
    values = {
        "state": PayAttempt.State.CANCELLED,
        "reason": why[:200],
        "look_at": None,
        "changed_at": now,
    }
    PayAttempt.objects.filter(pk=attempt.pk, state__in=_OPEN).update(**values)
    attempt.refresh_from_db()
    return attempt


def look_after(*, now: datetime, limit: int = 100) -> Counter[str]:
    """Ask about the attempts whose hour has come; how many came to which state, and how many ``hang``."""
    found: Counter[str] = Counter()
    due = PayAttempt.objects.filter(look_at__lte=now).order_by("look_at").values_list("pk", "look_at")
    for pk, look_at in list(due[:limit]):
        # Taken before it is asked for, so that two workers do not ask about one.
        if not PayAttempt.objects.filter(pk=pk, look_at=look_at).update(look_at=now + PAUSES[0]):
            continue
        attempt = look(PayAttempt.objects.select_related("invoice__client").get(pk=pk), now=now)
        if attempt.look_at and now - attempt.created_at > GIVE_UP_AFTER:
            attempt = _end(attempt, now, "no end")
        found[attempt.state] += 1
    found["hang"] = hanging(now=now).count()
    return found


def hanging(*, now: datetime) -> "models.QuerySet[PayAttempt]":
    """Attempts of which the acquirer has not said for a day how they ended."""
    return PayAttempt.objects.filter(state__in=_OPEN, created_at__lt=now - HANGS_AFTER)
