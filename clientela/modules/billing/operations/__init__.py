"""Every change to money is one of these verbs."""

from clientela.modules.billing.operations.payments import (
    InvalidAmount,
    MoreThanDue,
    PaymentConflict,
    WrongTarget,
    register_payment,
    settle_project,
)
from clientela.modules.billing.operations.schedule import make_schedule

__all__ = [
    "InvalidAmount",
    "MoreThanDue",
    "PaymentConflict",
    "WrongTarget",
    "make_schedule",
    "register_payment",
    "settle_project",
]
