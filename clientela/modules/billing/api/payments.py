"""Money over the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.api.values import Moment
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.billing import operations
from clientela.modules.billing.api.base import READ, policy_of, project_of, router, who
from clientela.modules.billing.finding import PaymentFilter, listed
from clientela.modules.billing.models import Instalment
from clientela.modules.billing.queries import (
    balance_of_policy,
    balance_of_project,
    plans_for,
    receipts_of,
)

for refusal in (operations.InvalidAmount, operations.WrongTarget, operations.MoreThanDue):
    map_problem(refusal, 422)
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Sum = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
map_problem(operations.NoSuchPlan, 422)
map_problem(operations.PaymentConflict, 409)


class PaymentIn(Schema):
    """Money for one policy or one project. ``external_id`` is the payer system's id: it registers once."""

    policy_id: Id | None = None
    project_id: Id | None = None
    amount: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)]
    method: Literal["link", "sbp", "card", "cash", "bank"]
    external_id: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    paid_at: Moment | None = None
    slip: Annotated[str, Field(max_length=40)] = ""


class PaymentOut(Schema):
    id: int
    client_id: int
    policy_id: int | None
    project_id: int | None
    amount: Decimal
    method: str
    paid_at: datetime
    external_id: str | None
    slip: str
    invoice_id: int | None
    registered_by_id: int | None
    created_at: datetime


class InstalmentOut(Schema):
    number: int
    due_on: date
    amount: Decimal
    paid: Decimal


class BalanceOut(Schema):
    due: Decimal
    paid: Decimal
    left: Decimal
    over: Decimal


class PaymentConditions(Schema):
    """``text``: the beginning of a client's name, or a slip's or the payer system's number. Days and sums are inclusive."""

    client_id: Id | None = None
    state: Literal["returned", "no_receipt", "receipt_refused"] | None = None
    method: Literal["link", "sbp", "card", "cash", "bank"] | None = None
    branch_id: Id | None = None
    agent_id: Id | None = None
    since: Day | None = None
    until: Day | None = None
    least: Sum | None = None
    most: Sum | None = None
    text: Annotated[str, Field(max_length=80)] = ""

    def as_filter(self) -> PaymentFilter:
        """The list's own conditions."""
        return PaymentFilter(
            state=self.state or "", method=self.method or "", branch=self.branch_id, agent=self.agent_id,
            since=self.since, until=self.until, least=self.least, most=self.most, text=self.text.strip(),
        )  # fmt: skip


@router.get("/payments", response=Page[PaymentOut])
@READ
def list_payments(
    request: HttpRequest, wanted: Query[PaymentConditions], cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """By the conditions of the list, the newest first."""
    rows = listed(request.user, wanted.as_filter())
    if wanted.client_id is not None:
        rows = rows.filter(client_id=wanted.client_id)
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.post("/payments", response={201: PaymentOut})
@requires(Permission.PAYMENTS_WRITE)
def register_payment(request: HttpRequest, body: PaymentIn) -> Any:
    """Full payment of a project issues the next term at once."""
    values = body.dict(exclude={"policy_id", "project_id"})
    payment = operations.register_payment(
        **who(request),
        policy=policy_of(request, body.policy_id) if body.policy_id else None,
        project=project_of(request, body.project_id) if body.project_id else None,
        **values,
    )
    return Status(201, payment)


@router.get("/policies/{policy_id}/instalments", response=list[InstalmentOut])
@READ
def list_instalments(request: HttpRequest, policy_id: int) -> Any:
    """When which part of the premium is due, and what of it is paid."""
    return Instalment.objects.filter(policy=policy_of(request, policy_id))[:100]


@router.get("/policies/{policy_id}/balance", response=BalanceOut)
@READ
def policy_balance(request: HttpRequest, policy_id: int) -> Any:
    return balance_of_policy(policy_of(request, policy_id))


@router.get("/projects/{project_id}/balance", response=BalanceOut)
@READ
def project_balance(request: HttpRequest, project_id: int) -> Any:
    return balance_of_project(project_of(request, project_id))


class InstalmentPlanIn(Schema):
    parts: Annotated[int, Field(ge=1, le=12)]


class PlanOut(Schema):
    """In how many parts the contract is paid now, and in how many it may be."""

    parts: int
    allowed: list[int]


@router.get("/projects/{project_id}/plan", response=PlanOut)
@READ
def project_plan(request: HttpRequest, project_id: int) -> Any:
    project = project_of(request, project_id)
    return PlanOut(parts=project.instalments, allowed=plans_for(project))


@router.put("/projects/{project_id}/plan", response=PlanOut)
@requires(Permission.PAYMENTS_WRITE)
def choose_plan(request: HttpRequest, project_id: int, body: InstalmentPlanIn) -> Any:
    """Until something is paid; the policy is issued when the first part has come."""
    project = operations.choose_plan(
        **who(request), project=project_of(request, project_id), parts=body.parts
    )
    return PlanOut(parts=project.instalments, allowed=plans_for(project))


class ReceiptOut(Schema):
    """A fiscal receipt; ``number`` and ``sign`` are empty until it is registered."""

    id: int
    payment_id: int | None
    refund_id: int | None
    state: str
    number: str
    sign: str
    text: str


@router.get("/payments/{payment_id}/receipt", response=ReceiptOut)
@READ
def payment_receipt(request: HttpRequest, payment_id: int) -> Any:
    """404 where the acquirer writes the receipt itself."""
    return get_object_or_404(receipts_of(request.user), payment_id=payment_id)
