"""Invoices with a link, and the company's requisites."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.billing import operations
from clientela.modules.billing.api.base import READ, WRITE, policy_of, project_of, router, who
from clientela.modules.billing.models import Instalment, Invoice
from clientela.modules.billing.queries import due_now, payee_now, purpose_of, state_of

for refusal in (operations.BadChannel, operations.InvalidPayee):
    map_problem(refusal, 422)
map_problem(operations.NothingDue, 409)


class InvoiceIn(Schema):
    """For a project, for one part of a policy's premium, or for ``amount`` on a policy with its ``purpose``."""

    project_id: Id | None = None
    policy_id: Id | None = None
    part: Annotated[int, Field(ge=1, le=100)] | None = None
    amount: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)] | None = None
    purpose: Annotated[str, Field(max_length=120)] = ""
    valid_until: date | None = None


class InvoiceOut(Schema):
    """``due`` is what is asked for now; ``state`` is open, paid, expired or withdrawn."""

    id: int
    number: str
    client_id: int
    project_id: int | None
    policy_id: int | None
    purpose: str
    due: Decimal
    state: str
    link: str
    valid_until: date | None
    paid_at: datetime | None
    created_at: datetime

    @staticmethod
    def resolve_purpose(row: Invoice) -> str:
        return purpose_of(row)

    @staticmethod
    def resolve_due(row: Invoice) -> Decimal:
        return due_now(row)

    @staticmethod
    def resolve_state(row: Invoice, context: Any) -> str:
        return state_of(row, operations.today_for(row, who(context["request"])["now"]))

    @staticmethod
    def resolve_link(row: Invoice) -> str:
        return operations.link_of(row)


class SendingIn(Schema):
    channel: Literal["sms", "email", "vk", "telegram"]


class InvoiceSentOut(Schema):
    """``dropped`` when the communication policy does not let it go; the message keeps why."""

    message_id: int
    state: str


class PayeeBody(Schema):
    name: Annotated[str, Field(max_length=200)]
    inn: Annotated[str, Field(max_length=20)]
    kpp: Annotated[str, Field(max_length=20)] = ""
    account: Annotated[str, Field(max_length=40)]
    bank_name: Annotated[str, Field(max_length=100)]
    bic: Annotated[str, Field(max_length=20)]
    correspondent_account: Annotated[str, Field(max_length=40)]
    ogrn: Annotated[str, Field(max_length=20)] = ""
    address: Annotated[str, Field(max_length=255)] = ""
    licences: Annotated[str, Field(max_length=255)] = ""


def _rows(request: HttpRequest) -> Any:
    return Invoice.objects.visible_to(request.user).select_related(
        "client", "instalment", "policy__product", "project__product"
    )


@router.get("/invoices", response=Page[InvoiceOut])
@READ
def list_invoices(
    request: HttpRequest, client_id: Id | None = None, cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """The newest first."""
    rows = _rows(request)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.post("/invoices", response={201: InvoiceOut})
@WRITE
def make_invoice(request: HttpRequest, body: InvoiceIn) -> Any:
    """A project and a part of a premium have one invoice each: asked again, it is the same."""
    if (body.project_id is None) == (body.policy_id is None):
        raise operations.WrongTarget
    if body.project_id is not None:
        invoice = operations.bill_project(**who(request), project=project_of(request, body.project_id))
        return Status(201, invoice)
    policy = policy_of(request, body.policy_id or 0)
    if body.part is not None:
        part = get_object_or_404(Instalment, policy=policy, number=body.part)
        return Status(201, operations.bill_instalment(**who(request), instalment=part))
    if body.amount is None:
        raise operations.WrongTarget
    values = body.dict(include={"amount", "purpose", "valid_until"})
    return Status(201, operations.bill_sum(**who(request), policy=policy, **values))


@router.get("/invoices/{invoice_id}", response=InvoiceOut)
@READ
def get_invoice(request: HttpRequest, invoice_id: int) -> Any:
    return get_object_or_404(_rows(request), pk=invoice_id)


@router.post("/invoices/{invoice_id}/sending", response=InvoiceSentOut)
@requires(Permission.PAYMENTS_WRITE, Permission.CONTACTS_WRITE)
def send_invoice(request: HttpRequest, invoice_id: int, body: SendingIn) -> Any:
    """Send the link to the client; the communication policy has the last word."""
    invoice = get_object_or_404(_rows(request), pk=invoice_id)
    message = operations.send_invoice(**who(request), invoice=invoice, channel=body.channel)
    return InvoiceSentOut(message_id=message.pk, state=message.state)


@router.post("/invoices/{invoice_id}/withdrawal", response=InvoiceOut)
@WRITE
def withdraw_invoice(request: HttpRequest, invoice_id: int) -> Any:
    return operations.withdraw_invoice(
        **who(request), invoice=get_object_or_404(_rows(request), pk=invoice_id)
    )


@router.get("/payee", response=PayeeBody)
@READ
def get_payee(request: HttpRequest) -> Any:
    """The company's requisites; all empty until somebody has typed them."""
    return payee_now() or dict.fromkeys(operations.PAYEE_FIELDS, "")


@router.put("/payee", response=PayeeBody)
@requires(Permission.ORGANISATION_WRITE)
def set_payee(request: HttpRequest, body: PayeeBody) -> Any:
    """Check digits of INN and both accounts are verified."""
    return operations.set_payee(**who(request), values=body.dict())
