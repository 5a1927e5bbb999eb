"""The lists of money: a page by key of each kind; of payments their totals and their file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from clientela.foundation.money import ZERO
from clientela.modules.billing.finding import PaymentFilter, listed
from clientela.modules.billing.models import Invoice, PayAttempt, Payment, Refund
from clientela.modules.billing.operations import hanging
from clientela.modules.clients.models import Client
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 50
MOST = 50_000
ORDER = (Key("paid_at", datetime, descending=True), Key("id", descending=True))
NEWEST = (Key("id", descending=True),)


def _shown() -> "QuerySet[Payment]":
    return Payment.objects.select_related(
        "client__branch", "client__agent", "policy__product", "project__product", "receipt", "attempt", "invoice"
    )  # fmt: skip


def page(user: Any, wanted: PaymentFilter, *, after: str = "", before: str = "") -> KeyPage[Payment]:
    """A page of the list, the newest first."""
    return page_of(listed(user, wanted), ORDER, shown=_shown(), after=after, before=before, size=PAGE)


def refunds(user: Any, **cursor: str) -> KeyPage[Refund]:
    """A page of what is to be returned or was, the newest first."""
    shown = Refund.objects.select_related(
        "payment__client", "payment__policy__product", "payment__project__product", "receipt"
    )
    return page_of(Refund.objects.visible_to(user), NEWEST, shown=shown, size=PAGE, **cursor)


def invoices(user: Any, **cursor: str) -> KeyPage[Invoice]:
    """A page of the open invoices, the newest first."""
    shown = Invoice.objects.select_related("client", "instalment", "policy__product", "project__product")
    return page_of(Invoice.objects.visible_to(user).open(), NEWEST, shown=shown, size=PAGE, **cursor)


def unanswered(user: Any, *, now: datetime, **cursor: str) -> KeyPage[PayAttempt]:
    """A page of the attempts of which a bank has not told how they ended, the newest first."""
    rows = hanging(now=now).filter(invoice__client__in=Client.objects.visible_to(user))
    shown = PayAttempt.objects.select_related(
        "invoice__client", "invoice__policy__product", "invoice__project__product"
    )
    return page_of(rows, NEWEST, shown=shown, size=PAGE, **cursor)


def totals(user: Any, wanted: PaymentFilter) -> dict[str, Any]:
    """How many payments, what came by them, and what of it went back."""
    rows = listed(user, wanted)
    found = rows.aggregate(count=Count("pk"), sum=Sum("amount"))
    back = Refund.objects.filter(payment__in=rows.values("pk"), state=Refund.State.DONE)
    returned = back.aggregate(sum=Sum("amount"))["sum"] or ZERO
    return {"count": found["count"], "sum": found["sum"] or ZERO, "returned": returned}


def exported(user: Any, wanted: PaymentFilter) -> Iterator[list[Any]]:
    """The rows of the file."""
    ids = listed(user, wanted).values("pk")
    for one in _shown().filter(pk__in=ids).order_by("-paid_at", "-id")[:MOST].iterator(chunk_size=2000):
        receipt = getattr(one, "receipt", None)
        yield [
            timezone.localtime(one.paid_at), one.client.name, str(one.policy or one.project or ""), one.amount,
            str(one.get_method_display()), one.slip, one.external_id or "", str(one.client.branch),
            str(one.client.agent or ""), receipt.number if receipt else "",
        ]  # fmt: skip
