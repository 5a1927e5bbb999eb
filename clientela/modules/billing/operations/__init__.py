"""Every change to money is one of these verbs."""

from clientela.modules.billing.operations.acquirers import methods
from clientela.modules.billing.operations.amendments import amend
from clientela.modules.billing.operations.attempts import (
    NotOffered,
    hanging,
    hear,
    look_after,
    start_attempt,
)
from clientela.modules.billing.operations.invoices import (
    BadChannel,
    NoSuchPlan,
    NothingDue,
    bill_instalment,
    bill_project,
    bill_sum,
    choose_plan,
    invoice_of,
    link_of,
    send_invoice,
    today_for,
    withdraw_invoice,
)
from clientela.modules.billing.operations.payee import FIELDS as PAYEE_FIELDS
from clientela.modules.billing.operations.payee import InvalidPayee, set_payee
from clientela.modules.billing.operations.payments import (
    InvalidAmount,
    MoreThanDue,
    PaymentConflict,
    WrongTarget,
    register_payment,
    settle_project,
)
from clientela.modules.billing.operations.receipts import make_receipt, make_waiting_receipts
from clientela.modules.billing.operations.refunds import (
    MoreThanPaid,
    OtherWay,
    ReasonMissing,
    RefundClosed,
    drop_refund,
    hear_refund,
    look_after_refunds,
    owe_refund,
    pay_back,
    refund_payment,
)
from clientela.modules.billing.operations.schedule import make_schedule
from clientela.modules.billing.operations.sending import ReceiptNotMade, ReceiptNotSent, send_receipt

__all__ = [
    "PAYEE_FIELDS",
    "BadChannel",
    "InvalidAmount",
    "InvalidPayee",
    "MoreThanDue",
    "MoreThanPaid",
    "NoSuchPlan",
    "NotOffered",
    "NothingDue",
    "OtherWay",
    "PaymentConflict",
    "ReasonMissing",
    "ReceiptNotMade",
    "ReceiptNotSent",
    "RefundClosed",
    "WrongTarget",
    "amend",
    "bill_instalment",
    "bill_project",
    "bill_sum",
    "choose_plan",
    "drop_refund",
    "hanging",
    "hear",
    "hear_refund",
    "invoice_of",
    "link_of",
    "look_after",
    "look_after_refunds",
    "make_receipt",
    "make_schedule",
    "make_waiting_receipts",
    "methods",
    "owe_refund",
    "pay_back",
    "refund_payment",
    "register_payment",
    "send_invoice",
    "send_receipt",
    "set_payee",
    "settle_project",
    "start_attempt",
    "today_for",
    "withdraw_invoice",
]
