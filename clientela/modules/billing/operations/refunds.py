"""Money back to the client: due by itself or asked for, sent the way it came, or given by hand."""

import logging
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.money import kopecks
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.billing.events import RefundChanged
from clientela.modules.billing.models import Payment, Receipt, Refund
from clientela.modules.billing.operations.acquirers import acquirer_for
from clientela.modules.billing.operations.attempts import KEY_LIVES
from clientela.modules.billing.operations.payments import InvalidAmount
from clientela.modules.billing.ports import Acquirer, NotThere, Refused, Returned, State, Unknown
from clientela.modules.billing.queries import returnable
from clientela.modules.clients.queries import require
from clientela.modules.contracts.models import Policy

log = logging.getLogger(__name__)

PAUSE = timedelta(minutes=5)


class MoreThanPaid(Refusal):
    """More would go back than came; ``left`` is what may."""

    field = "amount"

    def __init__(self, left: Decimal) -> None:
        super().__init__(left)
        self.left = left
        self.message = _("At most %(left)s RUB of this payment can be returned.") % {"left": left}


class OtherWay(Refusal):
    """The payment did not come through an acquirer, so it cannot go back that way."""

    message = _("This payment did not come by link: return it by bank transfer or in cash.")
    field = "way"


class RefundClosed(Refusal):
    """The refund was sent or dropped already."""

    message = _("This refund was sent or dropped meanwhile.")


class ReasonMissing(Refusal):
    """A refund says what it is for."""

    message = _("Say why the money goes back.")
    field = "reason"


def refund_payment(
    *, actor: Any, now: datetime, payment: Payment, amount: Decimal, way: str, reason: str, slip: str = ""
) -> Refund:
    """Return money of one payment. By hand (``bank``, ``cash``) it is done at once, else when the acquirer says so.

    Raises ``InvalidAmount``, ``MoreThanPaid``, ``OtherWay``, ``ReasonMissing``, ``PermissionDenied``.
    """
    require(actor, "payments.write", payment.client_id)
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        row = Payment.objects.select_for_update().get(pk=payment.pk)
        refund = _due(row, kopecks(amount), reason, now, actor=actor)
        refund = _on_its_way(refund, actor=actor, now=now, way=way, slip=slip)
    refund.refresh_from_db()
    return refund


def pay_back(*, actor: Any, now: datetime, refund: Refund, way: str, slip: str = "") -> Refund:
    """Return what is due. Raises ``RefundClosed``, ``OtherWay``, ``PermissionDenied``."""
    require(actor, "payments.write", refund.payment.client_id)
    with transaction.atomic():
        row = Refund.objects.select_for_update().get(pk=refund.pk)
        if row.state not in (Refund.State.DUE, Refund.State.REFUSED):
            raise RefundClosed
        if row.state == Refund.State.REFUSED:  # what came to nothing is asked for anew
            row.key = str(uuid.uuid4())
            if row.amount > (left := returnable(row.payment)):
                raise MoreThanPaid(left)
        row = _on_its_way(row, actor=actor, now=now, way=way, slip=slip)
    row.refresh_from_db()
    return row


@transaction.atomic
def drop_refund(*, actor: Any, now: datetime, refund: Refund, reason: str) -> Refund:
    """Do not return what was due, and say why."""
    require(actor, "payments.write", refund.payment.client_id)
    if not reason.strip():
        raise ReasonMissing
    row = Refund.objects.select_for_update().get(pk=refund.pk)
    if row.state not in (Refund.State.DUE, Refund.State.REFUSED):
        raise RefundClosed
    before, row.state = row.state, Refund.State.DROPPED
    row.save(update_fields=["state"])
    _tell(row, actor, now, "refund.dropped", {"state": [before, row.state]}, reason=reason)
    return row


@transaction.atomic
def owe_refund(*, now: datetime, policy: Policy, amount: Decimal, reason: str, origin: str) -> list[Refund]:
    """Money is due back on a policy: of its payments, the newest first. Said twice with one ``origin`` it is due once.

    What was never paid is not returned: the refunds may be less than ``amount``.
    """
    Policy.objects.select_for_update().get(pk=policy.pk)
    known = list(Refund.objects.filter(origin__startswith=f"{origin}/"))
    if known:
        return known
    found, left = [], kopecks(amount)
    for payment in Payment.objects.select_for_update().filter(policy=policy).order_by("-paid_at", "-id"):
        share = min(left, returnable(payment))
        if share > 0:
            found.append(_due(payment, share, reason, now, origin=f"{origin}/{payment.pk}"))
            left -= share
    return found


def _due(
    payment: Payment, amount: Decimal, reason: str, now: datetime, *, actor: Any = None, origin: str | None = None
) -> Refund:  # fmt: skip
    if amount <= 0:
        raise InvalidAmount
    left = returnable(payment)
    if amount > left:
        raise MoreThanPaid(left)
    refund = Refund.objects.create(
        payment=payment, amount=amount, reason=reason.strip()[:120], origin=origin, key=str(uuid.uuid4()),
        asked_by=actor, created_at=now,
    )  # fmt: skip
    _tell(refund, actor, now, "refund.due", {"amount": [None, amount]}, reason=refund.reason)
    return refund


def _on_its_way(row: Refund, *, actor: Any, now: datetime, way: str, slip: str) -> Refund:
    row.way, row.slip, row.fault = way, slip.strip()[:40], ""
    if way == Refund.Way.SAME:
        if not hasattr(row.payment, "attempt"):
            raise OtherWay
        row.state, row.look_at, row.sent_at = Refund.State.SENT, now + PAUSE, now
        row.save()
        _tell(row, actor, now, "refund.sent", {"way": [None, way]})
        # Only when it is stored for good: what the bank has done cannot be undone with a transaction.
        transaction.on_commit(lambda: send(row, now=now))
        return row
    row.save()
    return _done(row, actor, now)


def _done(row: Refund, actor: Any, now: datetime) -> Refund:
    before = row.state
    row.state, row.done_at, row.look_at = Refund.State.DONE, now, None
    row.save()
    if row.way != Refund.Way.BANK and not _receipt_is_theirs(row):
        Receipt.objects.create(refund=row, key=str(uuid.uuid4()), created_at=now)
    _tell(row, actor, now, "refund.done", {"state": [before, row.state], "way": [None, row.way]})
    return row


def _receipt_is_theirs(row: Refund) -> bool:
    acquirer = _acquirer_of(row) if row.way == Refund.Way.SAME else None
    return acquirer is not None and acquirer.makes_receipts


def _acquirer_of(row: Refund) -> Acquirer | None:
    attempt = row.payment.attempt
    acquirer = acquirer_for(attempt.method)
    return acquirer if acquirer is not None and acquirer.code == attempt.provider else None


def send(refund: Refund, *, now: datetime) -> Refund:
    """Ask the acquirer to return it, or how that stands. The same key asks for the same refund."""
    acquirer = _acquirer_of(refund)
    if acquirer is None:
        return refund
    attempt = refund.payment.attempt
    try:
        if refund.external_id:
            found = acquirer.read_refund(refund.external_id)
        elif acquirer.forgets_refunds and refund.sent_at and now - refund.sent_at > KEY_LIVES:
            return _too_late(refund, acquirer.read(attempt.external_id or "").refunded, now)
        else:
            found = acquirer.refund(
                attempt.external_id or "", amount=refund.amount, key=refund.key, description=refund.reason
            )
    except Unknown:
        return refund
    except (Refused, NotThere) as error:
        return _take_back(refund, now, fault=str(error))
    return take_back_in(refund, found, now=now)


@transaction.atomic
def take_back_in(refund: Refund, found: Returned, *, now: datetime) -> Refund:
    """Store what the acquirer says of a refund; what is done stays done."""
    row = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    if row.state != Refund.State.SENT:
        return row
    row.external_id = found.id or None
    if found.state == State.SUCCEEDED:
        return _done(row, None, now)
    if found.state == State.CANCELLED:
        return _refused(row, now, found.reason)
    row.look_at = now + PAUSE
    row.save()
    return row


def _too_late(refund: Refund, refunded: Decimal, now: datetime) -> Refund:
    """The key is forgotten there: the sum that the payment has lost tells whether this refund was one of it."""
    others = Refund.objects.filter(
        payment=refund.payment_id, way=Refund.Way.SAME, state=Refund.State.DONE
    ).exclude(pk=refund.pk)
    if refunded - sum((other.amount for other in others), Decimal(0)) < refund.amount:
        return _take_back(refund, now, fault="no answer")
    found = Returned("", refund.payment.attempt.external_id or "", State.SUCCEEDED, refund.amount)
    return take_back_in(refund, found, now=now)


@transaction.atomic
def _take_back(refund: Refund, now: datetime, *, fault: str) -> Refund:
    row = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    return row if row.state != Refund.State.SENT else _refused(row, now, fault)


def _refused(row: Refund, now: datetime, fault: str) -> Refund:
    log.warning("billing.refund_refused", extra={"refund": row.pk, "why": fault})
    row.state, row.fault, row.look_at, row.external_id = Refund.State.REFUSED, fault[:200], None, None
    row.save()
    _tell(row, None, now, "refund.refused", {"state": ["sent", row.state]}, reason=row.fault)
    return row


def look_after_refunds(*, now: datetime, limit: int = 100) -> int:
    """Ask about the refunds that are on their way; how many came to an end."""
    ended = 0
    for pk, look_at in list(Refund.objects.filter(look_at__lte=now).values_list("pk", "look_at")[:limit]):
        if Refund.objects.filter(pk=pk, look_at=look_at).update(look_at=now + PAUSE):
            refund = send(Refund.objects.select_related("payment__attempt").get(pk=pk), now=now)
            ended += refund.state != Refund.State.SENT
    return ended


def hear_refund(*, now: datetime, provider: str, refund_id: str, payment_id: str) -> bool:
    """The acquirer says that money went back: our refunds of that payment are asked about. False when there is none."""
    rows = Refund.objects.filter(
        payment__attempt__provider=provider, payment__attempt__external_id=payment_id, state=Refund.State.SENT
    )
    found = list(rows.select_related("payment__attempt"))
    for refund in found:
        send(refund, now=now)
    return bool(found)


def _tell(
    row: Refund, actor: Any, now: datetime, action: str, changes: dict[str, Any], reason: str = ""
) -> None:
    record(
        actor=actor, now=now, action=action, obj=row.payment.client, object_name=str(row.amount), changes=changes,
        reason=reason,
    )  # fmt: skip
    publish(RefundChanged(row.pk, row.payment.client_id, row.state), now=now)
