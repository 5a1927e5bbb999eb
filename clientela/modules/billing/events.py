"""What happened to money."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PaymentRegistered:
    """Money came in for a policy or a project."""

    payment_id: int
    client_id: int
    policy_id: int | None
    project_id: int | None


@dataclass(frozen=True)
class InvoiceChanged:
    """A client was sent an invoice, or it was paid or taken back."""

    invoice_id: int
    client_id: int


@dataclass(frozen=True)
class RefundChanged:
    """Money is due to a client, goes back or has gone back."""

    refund_id: int
    client_id: int
    state: str
