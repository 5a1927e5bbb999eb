"""Shapes of contracts in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id

Sum = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)]


class ObjectOut(Schema):
    id: int
    client_id: int
    kind: str
    title: str
    plate: str
    vin: str
    body_number: str
    make: str
    model: str
    year: int | None
    value: Decimal | None
    address: str
    sold_on: date | None


class ParticipantOut(Schema):
    role: str
    client_id: int | None
    name: str
    birth_date: date | None
    experience_since: date | None


class PolicyRow(Schema):
    id: int
    number: str
    product_id: int
    client_id: int
    agent_id: int | None
    branch_id: int
    centre_id: int | None
    insured_object_id: int | None
    bank_id: int | None
    package_id: int | None
    previous_id: int | None
    renewal_year: int
    status: str
    start_date: date
    end_date: date
    cancelled_on: date | None
    premium: Decimal
    sum_insured: Decimal | None
    instalments: int
    sales_channel: str
    loss_count: int
    loss_paid: Decimal
    issued_at: datetime | None
    updated_at: datetime


class PolicyOut(PolicyRow):
    cancel_reason: str
    insured_object: ObjectOut | None
    participants: list[ParticipantOut]


class PolicyVersionOut(Schema):
    """``premium`` is the price of the whole term by these conditions, ``charged`` what the client pays for it in all,
    ``difference`` what this version made due, or negative to be returned."""

    id: int
    policy_id: int
    number: int
    kind: str
    valid_from: date
    premium: Decimal
    charged: Decimal
    difference: Decimal
    counted: dict[str, Any]
    sum_insured: Decimal | None
    participants: list[dict[str, Any]]
    terms: dict[str, Any]
    reason: str
    by_id: int | None
    at: datetime


class EarlyEndOut(Schema):
    """``way``: cooling_off or pro_rata, by ``unused`` of ``days`` days; ``kept`` is the share the insurer keeps."""

    amount: Decimal
    way: str
    unused: int
    days: int
    kept: Decimal
    losses: Decimal


class QuoteIn(Schema):
    premium: Sum
    note: Annotated[str, Field(max_length=255)] = ""
    valid_until: date | None = None


class QuoteOut(Schema):
    id: int
    policy_id: int
    premium: Decimal
    note: str
    calculation_number: str
    valid_until: date | None
    withdrawn_at: datetime | None
    created_by_id: int | None
    created_at: datetime


class ProjectIn(Schema):
    """Without ``premium`` last term's price is carried over; another one needs ``reason``."""

    premium: Sum | None = None
    reason: Annotated[str, Field(max_length=255)] = ""


class PriceIn(Schema):
    premium: Sum
    reason: Annotated[str, Field(max_length=255)] = ""


class ReasonIn(Schema):
    reason: Annotated[str, Field(max_length=120)] = ""


class NamedIn(Schema):
    """A person named in a contract; ``client_id`` when the person has a card."""

    role: Literal["driver", "beneficiary", "owner", "insured"]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    client_id: Id | None = None
    birth_date: date | None = None
    experience_since: date | None = None


class WhyIn(Schema):
    """``seen``: number of the version that was looked at; another one since is refused."""

    reason: Annotated[str, Field(min_length=1, max_length=255)]
    seen: Annotated[int, Field(ge=1, le=32767)] | None = None


class NewProjectIn(Schema):
    """A new contract. ``terms`` keeps answers, coverages and the explanation of the price as they were calculated."""

    product_id: Id
    insured_object_id: Id | None = None
    bank_id: Id | None = None
    start_date: date
    end_date: date
    premium: Sum
    sum_insured: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=2)] | None = None
    instalments: Annotated[int, Field(ge=1, le=12)] = 1
    sales_channel: Literal["agent", "broker", "office", "web"] = "agent"
    participants: Annotated[list[NamedIn], Field(max_length=50)] = []
    terms: dict[str, Any] = {}


class ProjectOut(Schema):
    id: int
    policy_id: int | None
    client_id: int
    product_id: int
    agent_id: int | None
    branch_id: int
    centre_id: int | None
    bank_id: int | None
    insured_object_id: int | None
    sum_insured: Decimal | None
    instalments: int
    sales_channel: str
    participants: list[dict[str, Any]] | None
    terms: dict[str, Any]
    calculation_number: str
    state: str
    start_date: date
    end_date: date
    premium: Decimal
    carried_premium: Decimal
    adjustment_reason: str
    next_policy_id: int | None
    created_by_id: int | None
    created_at: datetime
    updated_at: datetime


class CancellationIn(Schema):
    on: date
    reason: Annotated[str, Field(min_length=1, max_length=120)]


class SaleIn(Schema):
    sold_on: date
