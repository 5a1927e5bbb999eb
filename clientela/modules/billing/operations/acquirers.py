"""The adapters that the settings name."""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

from clientela.modules.billing.ports import Acquirer, CashRegister

# What a page offers when a client pays by link, in this order.
METHODS = ("sbp", "card")


def acquirer_for(method: str) -> Acquirer | None:
    """Who takes money by this method; None where nobody does."""
    path = settings.ACQUIRERS.get(method)
    if not path:
        return None
    make: Callable[[], Acquirer] = import_string(path)
    return make()


def methods() -> list[str]:
    """How a client may pay by link here."""
    return [method for method in METHODS if settings.ACQUIRERS.get(method)]


def cash_register() -> CashRegister | None:
    """Who registers receipts with the tax service; None where nobody does."""
    if not settings.CASH_REGISTER:
        return None
    make: Callable[[], CashRegister] = import_string(settings.CASH_REGISTER)
    return make()
