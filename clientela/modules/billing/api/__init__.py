"""Money over the API."""

from clientela.modules.billing.api import invoices, payments, refunds
from clientela.modules.billing.api.base import router

__all__ = ["invoices", "payments", "refunds", "router"]
