"""The filter of the board: read from the address, written back to it, and as a condition for the database."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from clientela.foundation.fields import prefix_range
from clientela.foundation.identifiers import policy_number_key
from clientela.foundation.ids import ids_of
from clientela.foundation.names import name_key
from clientela.modules.renewals.models import Reach, Renewal, TermLine

FIRST_DAY, LAST_DAY = 45, 0  # the usual board: from 45 days before the end to the end itself
EARLIEST, LATEST = 60, -130  # what may be asked for: the horizon of open terms, and the window of the norm
ORDERS = ("risk", "end", "-end", "price", "-price", "change", "-change", "name", "-name")
MOST_VALUES = 50
REACHES = {
    "sms": Reach.SMS,
    "email": Reach.EMAIL,
    "vk": Reach.VK,
    "telegram": Reach.TELEGRAM,
    "call": Reach.CALL,
}


@dataclass(frozen=True)
class BoardFilter:
    """What the board shows. ``first`` and ``last`` are days left, both included; empty tuples mean any."""

    first: int = FIRST_DAY
    last: int = LAST_DAY
    line: tuple[str, ...] = ()
    branch: tuple[int, ...] = ()
    centre: tuple[int, ...] = ()
    agent: tuple[int, ...] = ()
    state: tuple[str, ...] = ()
    reach: tuple[str, ...] = ()
    first_year: bool = False
    reason: tuple[int, ...] = ()
    q: str = ""
    order: str = "risk"

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """The filter of an address; what cannot be understood is left out, never an error."""
        first = _number(query.get("from"), FIRST_DAY)
        last = _number(query.get("to"), LAST_DAY)
        first, last = max(first, last), min(first, last)
        order = query.get("order", "risk")
        return cls(
            first=first,
            last=last,
            line=_known(query.getlist("line"), TermLine.values),
            branch=_ids(query.getlist("branch")),
            centre=_ids(query.getlist("centre")),
            agent=_ids(query.getlist("agent")),
            state=_known(query.getlist("state"), Renewal.State.values),
            reach=_known(query.getlist("reach"), REACHES),
            first_year=query.get("year") == "1",
            reason=_ids(query.getlist("reason")),
            q=query.get("q", "").replace("\x00", "").strip()[:80],
            order=order if order in ORDERS else "risk",
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values for the address; what is usual is left out, so equal filters have equal addresses."""
        result: list[tuple[str, str]] = []
        if self.first != FIRST_DAY:
            result.append(("from", str(self.first)))
        if self.last != LAST_DAY:
            result.append(("to", str(self.last)))
        for name in ("line", "branch", "centre", "agent", "state", "reach", "reason"):
            result += [(name, str(value)) for value in getattr(self, name)]
        if self.first_year:
            result.append(("year", "1"))
        if self.q:
            result.append(("q", self.q))
        if self.order != "risk":
            result.append(("order", self.order))
        return result

    @property
    def query(self) -> str:
        """The address line without its question mark."""
        return urlencode(self.pairs())

    def but(self, **changes: Any) -> Self:
        """The same filter with some values changed."""
        return replace(self, **changes)

    def without(self, name: str) -> Self:
        """The same filter with one condition back at its usual value; ``days`` stands for the range."""
        names = ("first", "last") if name == "days" else (name,)
        usual: dict[str, Any] = {f.name: f.default for f in fields(self) if f.name in names}
        return replace(self, **usual)

    @property
    def narrowed(self) -> Self:
        """Without days, state and order: what the bars and the shares are counted over."""
        return self.without("days").without("state").without("order")

    def terms(
        self, terms: "QuerySet[Renewal]", *, today: date, days: tuple[int, int] | None = None
    ) -> "QuerySet[Renewal]":
        """``terms`` narrowed by the filter; ``days`` replaces the range of days left."""
        first, last = days or (self.first, self.last)
        return self.conditions(terms).filter(
            end_date__gte=today + timedelta(days=last), end_date__lte=today + timedelta(days=first)
        )

    def conditions(self, terms: "QuerySet[Renewal]") -> "QuerySet[Renewal]":
        """``terms`` narrowed by everything but the days left."""
        for name, field in (
            ("line", "line"), ("branch", "branch_id"), ("centre", "centre_id"), ("agent", "agent_id"),
            ("state", "state"), ("reason", "lost_reason_id"),
        ):  # fmt: skip
            values = getattr(self, name)
            if len(values) == 1:
                terms = terms.filter(**{field: values[0]})
            elif values:
                terms = terms.filter(**{f"{field}__in": values})
        if self.first_year:
            terms = terms.filter(renewal_year=1)
        for channel in self.reach:
            bit = int(REACHES[channel])
            terms = terms.filter(reach__in=[bits for bits in range(16) if bits & bit])
        return terms.filter(self._text())

    def _text(self) -> Q:
        """Digits mean a policy number from its beginning or its digits; letters mean a surname's beginning."""
        if not self.q:
            return Q()
        if any(ch.isdigit() for ch in self.q):
            key = policy_number_key(self.q)
            found = Q(**prefix_range("policy__number_key", key))
            if key.isdigit() and len(key) == 10:
                found |= Q(policy__number_key__in=[series + key for series in OSAGO_SERIES])
            return found if key else Q(pk__in=[])
        key = name_key(self.q)
        return Q(**prefix_range("client__name_key", key)) if key else Q(pk__in=[])


# Letters before the ten digits of a compulsory motor policy: people type the digits alone.
OSAGO_SERIES = ("XXX", "EEE", "MMM", "HHH", "PPP", "CCC", "KKK", "TTT", "AAC", "BBB")


def _number(text: str | None, usual: int) -> int:
    try:
        return max(LATEST, min(EARLIEST, int(text or "")))
    except ValueError:
        return usual


def _ids(values: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted(ids_of(values, MOST_VALUES)))


def _known(values: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    given = set(values)
    return tuple(value for value in known if value in given)
