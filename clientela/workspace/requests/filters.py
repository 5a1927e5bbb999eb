"""Which requests the screen shows, from its address; and how they are ordered."""

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from clientela.foundation.dates import local_moment, local_today
from clientela.foundation.ids import id_of
from clientela.foundation.phones import normalize
from clientela.modules.requests.models import Request, RequestQuerySet
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

TABS = ("today", "waiting", "late", "moved", "nobody", "marketing", "all")
PAGE = 50
NEWEST = (Key("created_at", datetime, descending=True), Key("id", descending=True))


@dataclass(frozen=True)
class RequestFilter:
    """``tab`` is one of ``TABS``; ids are 0 for all."""

    tab: str = "today"
    q: str = ""
    temperature: str = ""
    source: str = ""
    product: int = 0
    person: int = 0
    branch: int = 0

    @classmethod
    def read(cls, query: QueryDict) -> "RequestFilter":
        """Whatever the address says; words it does not know are left out."""
        tab, warmth, source = query.get("tab", ""), query.get("temperature", ""), query.get("source", "")
        return cls(
            tab=tab if tab in TABS else "today",
            q=query.get("q", "").strip()[:80],
            temperature=warmth if warmth in Request.Temperature.values else "",
            source=source if source in Request.Source.values else "",
            product=id_of(query.get("product")) or 0,
            person=id_of(query.get("person")) or 0,
            branch=id_of(query.get("branch")) or 0,
        )

    def but(self, **changes: Any) -> "RequestFilter":
        return replace(self, **changes)

    @property
    def query(self) -> str:
        """The same as a query string."""
        values: dict[str, Any] = {
            "tab": self.tab if self.tab != "today" else "", "q": self.q, "temperature": self.temperature,
            "source": self.source, "product": self.product, "person": self.person, "branch": self.branch,
        }  # fmt: skip
        return urlencode({key: value for key, value in values.items() if value})


def start_of_today(user: Any, now: datetime) -> datetime:
    """Midnight of the person's day."""
    return local_moment(local_today(user.time_zone, now), time.min, user.time_zone)


def within(user: Any, wanted: RequestFilter) -> RequestQuerySet:
    """Requests by everything but the tab."""
    rows = Request.objects.visible_to(user)
    if wanted.temperature:
        rows = rows.filter(temperature=wanted.temperature)
    if wanted.source:
        rows = rows.filter(source=wanted.source)
    if wanted.product:
        rows = rows.filter(product=wanted.product)
    if wanted.person:
        rows = rows.filter(assignee=wanted.person)
    if wanted.branch:
        rows = rows.filter(branch=wanted.branch)
    return rows.filter(_words(wanted.q)) if wanted.q else rows


def _words(text: str) -> Q:
    """A number of a request, a phone, or the beginning of a name."""
    digits = "".join(one for one in text if one.isdigit())
    found = (
        Q(name__istartswith=text)
        | Q(client__last_name__istartswith=text)
        | Q(client__company_name__istartswith=text)
    )
    if text[:1].upper() in ("З", "R") and len(digits) > 2:
        return found | Q(pk=int(digits[2:][:18]))
    phone = normalize(text) if len(digits) >= 10 else None
    return found | Q(phone=phone) if phone else found


def listed(user: Any, wanted: RequestFilter, now: datetime) -> "QuerySet[Request]":
    """The requests of the tab."""
    rows = within(user, wanted)
    match wanted.tab:
        case "waiting":
            return rows.waiting()
        case "late":
            return rows.waiting().filter(due_at__lt=now)
        case "nobody":
            return rows.waiting().filter(assignee=None)
        case "moved":
            return rows.open().filter(moves__gt=0)
        case "marketing":
            return rows.open().filter(at_marketing=True)
        case "today":
            return rows.filter(created_at__gte=start_of_today(user, now))
    return rows


def page(
    user: Any, wanted: RequestFilter, *, now: datetime, after: str = "", before: str = "", size: int = PAGE
) -> KeyPage[Request]:
    """A page of the list, the newest first."""
    shown = Request.objects.select_related("client", "product", "assignee", "branch", "intake")
    return page_of(listed(user, wanted, now), NEWEST, shown=shown, after=after, before=before, size=size)
