"""Money that goes back to clients."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.billing import operations
from clientela.modules.billing.api.base import READ, WRITE, router, who
from clientela.modules.billing.models import Refund
from clientela.modules.billing.queries import payments_of

for refusal in (operations.MoreThanPaid, operations.OtherWay, operations.ReasonMissing):
    map_problem(refusal, 422)
map_problem(operations.RefundClosed, 409)

Way = Literal["same", "bank", "cash"]


class RefundIn(Schema):
    """``same``: through the acquirer that took the payment; ``bank`` and ``cash`` have been done by hand."""

    amount: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)]
    way: Way
    reason: Annotated[str, Field(min_length=1, max_length=120)]
    slip: Annotated[str, Field(max_length=40)] = ""


class PayoutIn(Schema):
    way: Way
    slip: Annotated[str, Field(max_length=40)] = ""


class RefundDropIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=120)]


class RefundOut(Schema):
    """``fault`` is what the bank said when it refused."""

    id: int
    payment_id: int
    amount: Decimal
    state: str
    way: str
    reason: str
    slip: str
    fault: str
    created_at: datetime
    done_at: datetime | None


@router.get("/refunds", response=Page[RefundOut])
@READ
def list_refunds(request: HttpRequest, state: str = "", cursor: Cursor = "", limit: Limit = 50) -> Any:
    """The newest first; ``state`` due tells what is still to be returned."""
    rows = Refund.objects.visible_to(request.user)
    return page_of(rows.filter(state=state) if state else rows, order=("-id",), cursor=cursor, limit=limit)


@router.post("/payments/{payment_id}/refunds", response={201: RefundOut})
@WRITE
def refund_payment(request: HttpRequest, payment_id: int, body: RefundIn) -> Any:
    payment = get_object_or_404(payments_of(request.user), pk=payment_id)
    return Status(201, operations.refund_payment(**who(request), payment=payment, **body.dict()))


@router.post("/refunds/{refund_id}/payout", response=RefundOut)
@WRITE
def pay_back(request: HttpRequest, refund_id: int, body: PayoutIn) -> Any:
    """Return what is due."""
    refund = get_object_or_404(Refund.objects.visible_to(request.user), pk=refund_id)
    return operations.pay_back(**who(request), refund=refund, **body.dict())


@router.post("/refunds/{refund_id}/drop", response=RefundOut)
@WRITE
def drop_refund(request: HttpRequest, refund_id: int, body: RefundDropIn) -> Any:
    """Do not return what was due."""
    refund = get_object_or_404(Refund.objects.visible_to(request.user), pk=refund_id)
    return operations.drop_refund(**who(request), refund=refund, reason=body.reason)
