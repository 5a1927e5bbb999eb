"""What the API says of calculations."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Field, Schema

from clientela.foundation.api.pagination import Id
from clientela.modules.contracts.schemas import NamedIn
from clientela.modules.quotes.change_prices import Wanted


class VariantOut(Schema):
    """A variant with its price and how it came about; ``problem`` says why there is none."""

    id: int
    place: int
    title: str
    changes: dict[str, Any]
    premium: Decimal | None
    explanation: dict[str, Any]
    decision: str
    reasons: list[str]
    problem: str
    missing: list[str]
    is_chosen: bool


class CalculationRow(Schema):
    """A calculation in a list."""

    id: int
    number: str
    client_id: int
    product: str = Field(alias="product.code")
    policy_id: int | None
    project_id: int | None
    state: str
    starts_on: date
    months: int
    version: int
    updated_at: datetime


class CalculationOut(CalculationRow):
    """A calculation with everything known of it."""

    subject: dict[str, Any]
    drivers: list[dict[str, Any]]
    answers: dict[str, Any]
    origins: dict[str, str]
    valid_until: date | None
    variants: list[VariantOut]


class CalculationIn(Schema):
    """Begin a calculation: of an expiring term, or of a product for a client."""

    client_id: Id
    product: str = Field("", max_length=20)
    policy_id: Id | None = None
    starts_on: date | None = None


class CalculationPersonIn(Schema):
    """Somebody the contract insures."""

    name: str = Field(min_length=1, max_length=200)
    birth_date: date


class CalculationDriverIn(CalculationPersonIn):
    """Somebody who drives, and since when; the licence as 4 digits or 2 digits and 2 letters, then 6 digits."""

    experience_since: date
    licence: str = Field("", max_length=20)


class CalculationChange(Schema):
    """What is typed; ``version`` is the one that was read. ``drivers`` and ``insured`` replace who was named before."""

    version: int = Field(ge=1, le=2**31 - 1)
    subject: dict[str, str | int | Decimal | None] | None = None
    answers: dict[str, str | int | bool | None] | None = None
    drivers: list[CalculationDriverIn] | None = None
    insured: list[CalculationPersonIn] | None = None
    starts_on: date | None = None
    months: int | None = Field(None, ge=1, le=12)


class VariantIn(Schema):
    """A column more: answers that differ."""

    title: str = Field("", max_length=80)
    answers: dict[str, str | int | bool] = {}


class CalculationOfferIn(Schema):
    """How the comparison goes to the client."""

    channel: str = Field(max_length=10)


class PriceRunIn(Schema):
    """The window of last days of cover whose next terms are to be priced."""

    since: date
    until: date


class PriceRunOut(Schema):
    """The job that counts, and over how many terms."""

    job_id: int
    terms: int


class DriverIn(NamedIn):
    """A person named in a policy; ``licence`` helps the registry to find the class."""

    licence: str = Field("", max_length=20)


class ChangeIn(Schema):
    """What is to be otherwise from ``valid_from`` on; what is not named stays. ``answers`` are the product's questions."""

    valid_from: date
    participants: Annotated[list[DriverIn], Field(max_length=50)] | None = None
    answers: Annotated[dict[str, str | int | bool | None], Field(max_length=60)] = {}
    sum_insured: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)] | None = None


def wanted_of(body: ChangeIn) -> Wanted:
    """The same as operations take it."""
    people = body.model_dump(mode="json")["participants"]
    return Wanted(body.valid_from, people, body.answers, body.sum_insured)


class CarCardIn(Schema):
    """``aware``: you have seen that other contracts insure the car."""

    aware: bool = False


class ChangeStepOut(Schema):
    """A factor before and after, and what its change makes of the price of the whole term."""

    code: str
    label: str
    title: str
    part: str
    before: Decimal | None
    after: Decimal | None
    why_before: str
    why: str
    table: str
    version: int
    effect: Decimal


class ChangePriceOut(Schema):
    """``premium`` is for the whole term, ``difference`` for the ``left`` of ``days`` days. ``known``: the tariff prices the
    change; else the price is set by hand. ``decision``: what underwriting says of what is new; ``problem``: why there is
    no price. ``seen`` is the number of the version that was priced; ``whole`` of the difference does not depend on the days.
    """

    known: bool
    seen: int
    before: Decimal
    premium: Decimal | None
    difference: Decimal | None
    whole: Decimal
    left: int
    days: int
    changed: bool
    tariff: str
    steps: list[ChangeStepOut]
    decision: str
    reasons: list[str]
    problem: str
    missing: list[str]
