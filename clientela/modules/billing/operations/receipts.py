"""Fiscal receipts of what was paid and returned."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from clientela.modules.billing.models import Payment, Receipt, Refund
from clientela.modules.billing.operations.acquirers import cash_register
from clientela.modules.billing.ports import Fiscal, Refused, Sale, Unknown
from clientela.modules.billing.queries import purpose_of
from clientela.modules.products.queries import name_of


def make_receipt(receipt: Receipt, *, now: datetime) -> Receipt:
    """Register a receipt that waits; without an answer it waits on. The key makes it one receipt."""
    register = cash_register()
    if register is None or receipt.state != Receipt.State.WAITING:
        return receipt
    try:
        with override("ru"):  # the tax service reads no other language
            found = register.register(_sale(receipt))
    except Unknown:
        return receipt
    except Refused as error:
        return _stored(receipt, now, fault=str(error))
    return _stored(receipt, now, found=found)


@transaction.atomic
def _stored(receipt: Receipt, now: datetime, *, found: Fiscal | None = None, fault: str = "") -> Receipt:
    row = Receipt.objects.select_for_update().get(pk=receipt.pk)
    if row.state != Receipt.State.WAITING:
        return row
    row.made_at = now
    if found is None:
        row.state, row.fault = Receipt.State.REFUSED, fault[:200]
    else:
        row.state, row.number, row.sign, row.text = Receipt.State.DONE, found.number, found.sign, found.text
    row.save()
    return row


def _sale(receipt: Receipt) -> Sale:
    refund = receipt.refund
    payment = refund.payment if refund is not None else receipt.payment
    assert payment is not None
    points = {
        p.kind: p.value for p in payment.client.contact_points.filter(kind__in=["email", "phone"])[::-1]
    }
    paid_cash = refund.way == Refund.Way.CASH if refund else payment.method == Payment.Method.CASH
    return Sale(
        key=receipt.key, amount=refund.amount if refund else payment.amount, description=_for(payment),
        is_cash=paid_cash, at=receipt.created_at.astimezone(ZoneInfo(settings.TIME_ZONE)), is_return=refund is not None,
        email=points.get("email", ""), phone=points.get("phone", ""),
    )  # fmt: skip


def _for(payment: Payment) -> str:
    if payment.invoice is not None:
        return purpose_of(payment.invoice)
    contract = payment.policy or payment.project
    assert contract is not None
    return f"{name_of(contract.product)} {getattr(contract, 'number', '')}".strip()


def make_waiting_receipts(*, now: datetime, limit: int = 100) -> int:
    """Register what waits; how many came to an end."""
    ended = 0
    for receipt in Receipt.objects.filter(state=Receipt.State.WAITING).order_by("created_at")[:limit]:
        ended += make_receipt(receipt, now=now).state != Receipt.State.WAITING
    return ended
