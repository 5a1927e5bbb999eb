"""The list of payments: conditions from the address, a page by key, its totals, its file."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict
from django.utils import timezone

from clientela.foundation.fields import prefix_range
from clientela.foundation.ids import id_of
from clientela.foundation.money import ZERO
from clientela.foundation.names import name_key
from clientela.modules.billing.models import Payment, Receipt, Refund
from clientela.modules.billing.queries import payments_of
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 50
MOST = 50_000
DIGITS = 12
ORDER = (Key("paid_at", datetime, descending=True), Key("id", descending=True))
STATES = ("returned", "no_receipt", "receipt_refused")


@dataclass(frozen=True)
class PaymentFilter:
    """``text``: the beginning of a client's name, or a slip's or the payer system's number. Days are inclusive."""

    state: str = ""
    method: str = ""
    branch: int | None = None
    agent: int | None = None
    since: date | None = None
    until: date | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    text: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "PaymentFilter":
        """Whatever the address says; what cannot be read is left out."""
        state, method = query.get("state", ""), query.get("method", "")
        return cls(
            state=state if state in STATES else "",
            method=method if method in Payment.Method.values else "",
            branch=id_of(query.get("branch")),
            agent=id_of(query.get("agent")),
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
            least=_sum(query.get("least", "")),
            most=_sum(query.get("most", "")),
            text=query.get("text", "").replace("\x00", "").strip()[:80],
        )

    @property
    def values(self) -> dict[str, str]:
        """Each condition that is set, as the address says it."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: str(value) for name, value in found.items() if value not in ("", None)}

    @property
    def query(self) -> str:
        """The same as a query string."""
        return urlencode(self.values)

    def but(self, **changes: Any) -> "PaymentFilter":
        return replace(self, **changes)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _sum(text: str) -> Decimal | None:
    plain = text.replace("\xa0", "").replace(" ", "").replace(",", ".")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        return None
    return found.quantize(Decimal("0.01")) if found.is_finite() and 0 <= found < 10**DIGITS else None


def listed(user: Any, wanted: PaymentFilter) -> "QuerySet[Payment]":
    """Payments this person may see, by every condition."""
    rows = payments_of(user)
    plain: dict[str, Any] = {
        "method": wanted.method or None, "client__branch_id": wanted.branch, "client__agent_id": wanted.agent,
        "amount__gte": wanted.least, "amount__lte": wanted.most,
        "paid_at__gte": _midnight(wanted.since) if wanted.since else None,
        "paid_at__lt": _midnight(wanted.until + timedelta(days=1)) if wanted.until else None,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in plain.items() if value is not None})
    if wanted.state == "returned":
        rows = rows.filter(pk__in=Refund.objects.filter(state=Refund.State.DONE).values("payment_id"))
    elif wanted.state == "no_receipt":
        rows = rows.filter(receipt__state=Receipt.State.WAITING)
    elif wanted.state == "receipt_refused":
        rows = rows.filter(receipt__state=Receipt.State.REFUSED)
    if wanted.text:
        named = name_key(wanted.text)
        found = Q(slip=wanted.text[:40]) | Q(external_id=wanted.text)
        rows = rows.filter(found | Q(**prefix_range("client__name_key", named)) if named else found)
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _shown() -> "QuerySet[Payment]":
    return Payment.objects.select_related(
        "client__branch", "client__agent", "policy__product", "project__product", "receipt", "attempt", "invoice"
    )  # fmt: skip


def page(user: Any, wanted: PaymentFilter, *, after: str = "", before: str = "") -> KeyPage[Payment]:
    """A page of the list, the newest first."""
    return page_of(listed(user, wanted), ORDER, shown=_shown(), after=after, before=before, size=PAGE)


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
