"""Finding payments by their conditions: the same for the list and for the API."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from clientela.foundation.fields import prefix_range
from clientela.foundation.ids import id_of
from clientela.foundation.names import name_key
from clientela.modules.billing.models import Payment, Receipt, Refund
from clientela.modules.billing.queries import payments_of

DIGITS = 12
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
