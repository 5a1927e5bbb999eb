"""Money over the API."""

from clientela.modules.billing.api import invoices, payments, receipts, refunds
from clientela.modules.billing.api.base import router

__all__ = ["invoices", "payments", "receipts", "refunds", "router"]
