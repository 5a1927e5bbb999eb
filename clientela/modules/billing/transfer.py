"""How an invoice is paid by bank transfer: the requisites, the words, and the square code of GOST R 56042."""

from dataclasses import dataclass
from decimal import Decimal

import segno
from django.utils.translation import gettext

from clientela.modules.billing import rules
from clientela.modules.billing.models import Invoice, Payee
from clientela.modules.billing.queries import payee_now, purpose_of

_NAMES = ("name", "inn", "kpp", "account", "bank_name", "bic", "correspondent_account")


@dataclass(frozen=True)
class Transfer:
    """Where the money goes and with which words; ``data`` is the string of the code, empty where it cannot be written."""

    payee: Payee
    purpose: str
    data: bytes


def transfer_of(invoice: Invoice, due: Decimal) -> Transfer | None:
    """The transfer of ``due`` roubles; None until the company has typed its requisites."""
    payee = payee_now()
    if payee is None:
        return None
    client = invoice.client
    purpose = purpose_of(invoice)
    if invoice.number:
        purpose += ". " + gettext("Invoice %(number)s") % {"number": invoice.number}
    details = rules.Details(due, purpose, client.last_name, client.first_name, client.middle_name)
    try:
        data = rules.payment_string(rules.Payee(*[getattr(payee, name) for name in _NAMES]), details)
    except rules.Unprintable:
        data = b""
    return Transfer(payee, purpose, data)


def square_of(data: bytes) -> segno.QRCode:
    """The code as the standard wants it: bytes, correction M, no micro code."""
    return segno.make(data, error="m", mode="byte", boost_error=False, micro=False)
