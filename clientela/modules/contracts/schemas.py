"""Shapes of contracts in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import Field

Sum = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)]


class ObjectOut(Schema):
    id: int
    client_id: int
    kind: str
    title: str
    plate: str
    vin: str
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


class QuoteIn(Schema):
    premium: Sum
    note: Annotated[str, Field(max_length=255)] = ""
    valid_until: date | None = None


class QuoteOut(Schema):
    id: int
    policy_id: int
    premium: Decimal
    note: str
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


class ProjectOut(Schema):
    id: int
    policy_id: int
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
