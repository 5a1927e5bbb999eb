"""A cash register without a tax service: a readable receipt whose number and sign come of its key."""

import hashlib

from django.conf import settings
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.modules.billing.ports import Fiscal, Sale

WIDTH = 40


class LocalCashRegister:
    """`CashRegister` of the demo."""

    def register(self, sale: Sale) -> Fiscal:
        digest = int.from_bytes(hashlib.sha256(sale.key.encode()).digest()[:8], "big")
        number, sign = (
            f"{digest % 900_000 + 100_000}",
            f"{digest // 1_000_000 % 9_000_000_000 + 1_000_000_000}",
        )
        total = formats.money(sale.amount, "ru").replace("\xa0", " ")
        lines = [
            settings.COMPANY_NAME,
            _("Return of a sale") if sale.is_return else _("Sale"),
            f"{sale.at:%d.%m.%Y %H:%M}",
            "",
            sale.description,
            _row(_("Without VAT"), total),
            _row(_("Total"), total),
            _row(_("Cash") if sale.is_cash else _("Cashless"), total),
            "",
            _row(_("Fiscal document"), number),
            _row(_("Fiscal sign"), sign),
            sale.email or sale.phone,
        ]
        return Fiscal(number, sign, "\n".join(lines).strip())


def _row(label: str, value: str) -> str:
    return f"{label}{value.rjust(max(WIDTH - len(label), len(value) + 1))}"


def from_environment() -> LocalCashRegister:
    return LocalCashRegister()
