"""The filter of the board of deals: read from the address, written back, and as a condition for the database."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from clientela.foundation.fields import prefix_range
from clientela.foundation.ids import ids_of
from clientela.foundation.names import name_key
from clientela.modules.sales.models import Deal, Funnel
from clientela.modules.sales.queries.figures import expected_in

ORDERS: dict[str, tuple[Any, ...]] = {
    "next": (F("next_at").asc(nulls_last=True), "id"),
    "age": ("entered_at", "id"),
    "-amount": (F("amount").desc(nulls_last=True), "id"),
    "amount": (F("amount").asc(nulls_last=True), "id"),
    "name": ("client__name_key", "id"),
    "-created": ("-created_at", "-id"),
}
DAYS = (7, 30, 90)
CLOSED = (30, 90, 365)
MOST_VALUES = 50


@dataclass(frozen=True)
class DealFilter:
    """What the board shows; empty means any. ``stage`` opens one column whole, ``view`` is board or list.

    ``month``: open deals that the forecast counts in it, as ``2026-11``.
    """

    funnel: str = ""
    view: str = "board"
    state: str = "open"
    owner: tuple[int, ...] = ()
    team: tuple[int, ...] = ()
    branch: tuple[int, ...] = ()
    origin: tuple[str, ...] = ()
    stage: tuple[int, ...] = ()
    reason: tuple[int, ...] = ()
    created: int = 0
    closed: int = 0
    month: str = ""
    slow: bool = False
    stepless: bool = False
    q: str = ""
    order: str = "next"

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """The filter of an address; what cannot be understood is left out, never an error."""
        days = query.get("created", "")
        order, state, view = query.get("order", ""), query.get("state", ""), query.get("view", "")
        return cls(
            funnel=query.get("funnel", "").replace("\x00", "")[:40],
            view=view if view in ("board", "list") else "board",
            state=state if state in Deal.State.values else "open",
            owner=_ids(query, "owner"), team=_ids(query, "team"), branch=_ids(query, "branch"),
            origin=_known(query.getlist("origin"), Deal.Origin.values),
            stage=_ids(query, "stage"), reason=_ids(query, "reason"),
            created=int(days) if days in {str(one) for one in DAYS} else 0,
            closed=int(closed) if (closed := query.get("closed", "")) in {str(one) for one in CLOSED} else 0,
            month=month if _month(month := query.get("month", "")) else "",
            slow=query.get("slow") == "1", stepless=query.get("stepless") == "1",
            q=query.get("q", "").replace("\x00", "").strip()[:80],
            order=order if order in ORDERS else "next",
        )  # fmt: skip

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values for the address; what is usual is left out."""
        result: list[tuple[str, str]] = []
        for one in fields(self):
            value = getattr(self, one.name)
            if value == one.default:
                continue
            values = value if isinstance(value, tuple) else [int(value) if isinstance(value, bool) else value]
            result += [(one.name, str(each)) for each in values]
        return result

    @property
    def query(self) -> str:
        return urlencode(self.pairs())

    @property
    def url(self) -> str:
        """The board with this filter."""
        return reverse("deals:board") + (f"?{self.query}" if self.pairs() else "")

    def but(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def without(self, name: str) -> Self:
        return replace(self, **{f.name: f.default for f in fields(self) if f.name == name})  # type: ignore[arg-type]

    def conditions(self, deals: "QuerySet[Deal]", funnel: Funnel, *, now: datetime) -> "QuerySet[Deal]":
        """``deals`` of the funnel narrowed by everything but the state."""
        deals = deals.filter(funnel=funnel)
        for name, column in (
            ("owner", "owner_id"), ("team", "client__agent__team_id"), ("branch", "client__branch_id"),
            ("origin", "origin"), ("stage", "stage_id"), ("reason", "lost_reason_id"),
        ):  # fmt: skip
            if values := getattr(self, name):
                deals = deals.filter(**{f"{column}__in": values})
        if self.created:
            deals = deals.filter(created_at__gte=now - timedelta(days=self.created))
        if self.closed:
            deals = deals.filter(closed_at__gt=now - timedelta(days=self.closed))
        if (month := _month(self.month)) is not None:
            deals = deals.filter(expected_in(funnel, month, today=timezone.localtime(now).date()))
        if self.stepless:
            deals = deals.filter(next_step="")
        if self.slow:
            deals = deals.filter(slow_in(funnel, now))
        return deals.filter(self._text())

    def deals(self, deals: "QuerySet[Deal]", funnel: Funnel, *, now: datetime) -> "QuerySet[Deal]":
        """``deals`` narrowed by the whole filter, in its order."""
        found = self.conditions(deals, funnel, now=now).filter(state=self.state)
        return found.order_by(*ORDERS[self.order])

    def _text(self) -> Q:
        """Digits are the end of a deal's number; letters begin a surname or stand in what is insured."""
        if not self.q:
            return Q()
        digits = self.q.rsplit("-", 1)[-1].strip()
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            return Q(pk=int(digits))
        key = name_key(self.q)
        return (Q(**prefix_range("client__name_key", key)) if key else Q()) | Q(subject__icontains=self.q)


def slow_in(funnel: Funnel, now: datetime) -> Q:
    """Deals that stay in their stage longer than its norm."""
    found = Q(pk__in=[])
    for stage in funnel.stages.all():
        found |= Q(stage=stage, entered_at__lt=now - timedelta(days=float(stage.norm_days)))
    return found


def _month(text: str) -> date | None:
    """The first day of a month as written in an address, ``2026-11``; None for anything else."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


def _ids(query: QueryDict, name: str) -> tuple[int, ...]:
    return tuple(sorted(ids_of(query.getlist(name), MOST_VALUES)))


def _known(values: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    given = set(values)
    return tuple(value for value in known if value in given)
