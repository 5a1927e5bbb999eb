"""What the API says and takes of commission."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.modules.commission.models import Entry, Rate

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]


class CommissionEntryOut(Schema):
    """``percent`` is null while no rate is known: then ``amount`` is zero. ``month`` is the first day of the statement's."""

    id: int
    agent_id: int
    kind: str
    payment_id: int
    refund_id: int | None
    policy_id: int
    policy_number: str
    term: str
    rate_id: int | None
    agreement_number: str
    base: Decimal
    percent: Decimal | None
    amount: Decimal
    earned_on: date
    month: date
    statement_id: int | None
    created_at: datetime

    @staticmethod
    def resolve_policy_number(row: Entry) -> str:
        return row.policy.number


class CommissionStatementOut(Schema):
    """Commission of an agent and a month. ``state`` is open or closed; a closed one has its ``number``.

    ``accrued`` has the ``rent`` in it. ``due`` is accrued with what was taken back (negative); ``tax`` is kept back of it. ``unrated`` entries have no rate.
    """

    agent_id: int
    month: date
    state: str
    number: str
    count: int
    premium: Decimal
    accrued: Decimal
    rent: Decimal
    taken_back: Decimal
    due: Decimal
    tax: Decimal
    unrated: int
    closed_at: datetime | None


class CommissionClosingIn(Schema):
    """``month``: any day of it."""

    agent_id: Id
    month: Day


class CommissionRateOut(Schema):
    """``agent_id`` null: for everybody; ``product``, ``term``, ``channel`` empty: for any."""

    id: int
    agent_id: int | None
    line: str
    product: str
    term: str
    channel: str
    percent: Decimal
    valid_from: date
    valid_until: date | None
    reason: str

    @staticmethod
    def resolve_product(row: Rate) -> str:
        return row.product.code if row.product else ""


class CommissionRateIn(Schema):
    """``product`` is its code."""

    agent_id: Id | None = None
    line: Annotated[str, Field(max_length=20)]
    product: Annotated[str, Field(max_length=40)] = ""
    term: Literal["", "new", "renewal", "rent"] = ""
    channel: Literal["", "agent", "broker", "office"] = ""
    percent: Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)]
    valid_from: Day
    valid_until: Day | None = None
    reason: Annotated[str, Field(max_length=120)] = ""


class CommissionRateEnd(Schema):
    valid_until: Day
