"""Shapes of the board of renewals in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import QueryDict
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from clientela.foundation.api.many import Ids
from clientela.foundation.api.pagination import Id
from clientela.foundation.api.problems import Problem
from clientela.modules.renewals.models import LossReason, Renewal
from clientela.modules.renewals.queries.plan_view import Marks
from clientela.modules.renewals.schemas import HoldIn, LossIn, RenewalOut
from clientela.workspace.renewals.filters import EARLIEST, LATEST, MOST_VALUES, BoardFilter
from clientela.workspace.renewals.rows import contract_of

Known = Annotated[list[Id], Field(max_length=MOST_VALUES)]
DaysLeft = Annotated[int, Field(ge=LATEST, le=EARLIEST)]
Line = Literal["kasko", "osago", "kasko_osago", "property", "mortgage"]
State = Literal["nothing", "project", "quoted", "paid", "lost"]
Reached = Literal["sms", "email", "vk", "telegram", "call"]
Order = Literal["risk", "end", "-end", "price", "-price", "change", "-change", "name", "-name"]
# Where the address of the board has another name for the same condition.
IN_ADDRESS = {
    "days_from": "from", "days_to": "to", "branch_id": "branch", "centre_id": "centre", "agent_id": "agent",
    "first_year": "year",
}  # fmt: skip


class TermConditions(Schema):
    """The conditions of the board; those left out mean any. Several values of one: any of them; reached by all.

    ``days_from`` and ``days_to`` are days left to the end, both included, negative past it. ``q`` is the beginning of a
    surname or of a policy number; ``reason`` the code of a loss reason; ``first_year`` the first renewal only.
    """

    days_from: DaysLeft | None = None
    days_to: DaysLeft | None = None
    line: Annotated[list[Line], Field(max_length=5)] = []
    branch_id: Known = []
    centre_id: Known = []
    agent_id: Known = []
    state: Annotated[list[State], Field(max_length=5)] = []
    reach: Annotated[list[Reached], Field(max_length=4)] = []
    first_year: bool = False
    reason: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=MOST_VALUES)] = []
    q: Annotated[str, Field(max_length=80)] = ""

    def wanted(self, order: str = "risk") -> BoardFilter:
        """The filter of the board: what these conditions mean is decided there. Raises Problem 422 ``bad_reason``."""
        query = QueryDict(mutable=True)
        for name in set(TermConditions.model_fields) - {"first_year", "reason"}:
            value = getattr(self, name)
            values = value if isinstance(value, list) else [value]
            query.setlist(IN_ADDRESS.get(name, name), [str(one) for one in values if one is not None])
        query["year"] = "1" if self.first_year else ""
        query["order"] = order
        query.setlist("reason", [str(pk) for pk in _reasons(self.reason)])
        return BoardFilter.read(query)


def _reasons(codes: list[str]) -> list[int]:
    known = dict(LossReason.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}
    if set(codes) - set(known):
        raise Problem(422, "bad_reason", _("There is no such reason."))
    return list(known.values())


class GlanceOut(Schema):
    """The last or the next touch; ``kind``: go, wait, no, done, fail. A ``reason`` says why it does not go."""

    channel: str
    name: str
    state: str
    kind: str
    reason: str
    reason_text: str
    at: datetime


class BoardRowOut(RenewalOut):
    """A term as a row of the board; ``next_touch`` is the nearest that will go, else the nearest held back."""

    days_left: int
    contract: str
    agent_name: str
    branch_name: str
    last_touch: GlanceOut | None
    next_touch: GlanceOut | None


def with_marks(terms: list[Renewal], marks: dict[int, Marks], *, today: date) -> list[Renewal]:
    """The same terms with what a row says besides."""
    for term in terms:
        known = marks[term.pk]
        more: dict[str, Any] = {
            "days_left": (term.end_date - today).days, "contract": contract_of(term),
            "agent_name": str(term.agent or ""), "branch_name": term.branch.name,
            "last_touch": known.last, "next_touch": known.next,
        }  # fmt: skip
        for name, value in more.items():
            setattr(term, name, value)
    return terms


class DayOut(Schema):
    """Terms that end on a day: how many in each state, and their premium by the next price where there is one."""

    days_left: int
    end_date: date
    count: int
    premium: Decimal
    states: dict[str, int]


class DaysOut(Schema):
    """Days with terms, the earliest step of the plan first, and the sums over them.

    ``days`` tell every state, the sums only those asked for; ``at_risk`` is the premium for which nothing is done.
    """

    days: list[DayOut]
    count: int
    premium: Decimal
    at_risk: Decimal


class HoldManyIn(HoldIn):
    renewal_ids: Ids


class LoseManyIn(LossIn):
    renewal_ids: Ids


class ReleaseManyIn(Schema):
    renewal_ids: Ids


class RenewalExportIn(TermConditions):
    """Without days the board's own: from 45 days before the end to the end."""

    format: Literal["csv", "xlsx"] = "csv"
    order: Order = "risk"
