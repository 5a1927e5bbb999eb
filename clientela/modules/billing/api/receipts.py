"""Fiscal receipts: of what went back, and sent once more."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Schema
from pydantic import Field

from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.billing import operations
from clientela.modules.billing.api.base import READ, router, who
from clientela.modules.billing.api.payments import ReceiptOut
from clientela.modules.billing.queries import receipts_of

map_problem(operations.ReceiptNotSent, 422)
map_problem(operations.ReceiptNotMade, 409)

SEND = requires(Permission.PAYMENTS_WRITE, Permission.CLIENTS_WRITE)  # a new address is kept on the card


class ReceiptSendingIn(Schema):
    """An e-mail or a phone; a new one is kept on the client's card."""

    to: Annotated[str, Field(min_length=3, max_length=254)]


class ReceiptSentOut(Schema):
    message_id: int
    channel: str
    address: str

    @staticmethod
    def resolve_message_id(row: Any) -> int:
        return int(row.pk)


@router.get("/refunds/{refund_id}/receipt", response=ReceiptOut)
@READ
def refund_receipt(request: HttpRequest, refund_id: int) -> Any:
    """404 until the money has gone back, and where the acquirer writes the receipt itself."""
    return get_object_or_404(receipts_of(request.user), refund_id=refund_id)


@router.post("/payments/{payment_id}/receipt/sending", response=ReceiptSentOut)
@SEND
def send_payment_receipt(request: HttpRequest, payment_id: int, body: ReceiptSendingIn) -> Any:
    """Send the receipt once more."""
    found = get_object_or_404(receipts_of(request.user), payment_id=payment_id)
    return operations.send_receipt(**who(request), receipt=found, to=body.to)


@router.post("/refunds/{refund_id}/receipt/sending", response=ReceiptSentOut)
@SEND
def send_refund_receipt(request: HttpRequest, refund_id: int, body: ReceiptSendingIn) -> Any:
    """Send the receipt of what went back once more."""
    found = get_object_or_404(receipts_of(request.user), refund_id=refund_id)
    return operations.send_receipt(**who(request), receipt=found, to=body.to)
