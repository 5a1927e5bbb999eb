"""Pure rules of money: instalments, balances, payment strings."""

from clientela.modules.billing.rules.money import Balance, Due, instalments, spread
from clientela.modules.billing.rules.payment_string import Details, Payee, Unprintable, payment_string

__all__ = [
    "Balance",
    "Details",
    "Due",
    "Payee",
    "Unprintable",
    "instalments",
    "payment_string",
    "spread",
]
