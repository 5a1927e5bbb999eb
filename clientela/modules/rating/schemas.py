"""Shapes of prices and tariffs in the API. Amounts and coefficients are decimal strings."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ninja import Schema
from pydantic import Field, field_validator


def exact(value: Any) -> Any:
    """Numbers as they were written: 5430.1 is not the binary fraction nearest to it."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    return [exact(item) for item in value] if isinstance(value, list) else value


class PremiumIn(Schema):
    """``facts`` are answers to the product's questions; ``on`` is the first day of cover.

    ``as_of`` leaves out tariffs approved later than that.
    """

    product: str = Field(max_length=20)
    facts: dict[str, Any] = Field(max_length=200)
    on: date
    as_of: datetime | None = None

    @field_validator("facts", mode="after")
    @classmethod
    def _exact(cls, value: dict[str, Any]) -> dict[str, Any]:
        facts: dict[str, Any] = exact(value)
        return facts


class PremiumsIn(Schema):
    items: list[PremiumIn] = Field(min_length=1, max_length=100)


class FactorOut(Schema):
    """``value`` of version ``version`` of ``table``, and why; ``running`` is the amount after it."""

    code: str
    label: str
    title: str
    value: Decimal
    why: str
    table: str
    version: int
    running: Decimal
    part: str


class PremiumPartOut(Schema):
    code: str
    title: str
    sum_insured: Decimal | None
    amount: Decimal


class UnderwritingReasonOut(Schema):
    decision: str
    text: str
    table: str
    version: int


class PremiumOut(Schema):
    """``tariff`` names the set of table versions; ``verdict``: accept, inspect, refer or decline."""

    product: str
    on: date
    amount: Decimal
    tariff: str
    factors: list[FactorOut]
    parts: list[PremiumPartOut]
    verdict: str
    reasons: list[UnderwritingReasonOut]


class NoPremiumOut(Schema):
    """Why there is no premium: ``keys`` are the facts that are missing or that the tariff does not know."""

    code: str
    detail: str
    keys: list[str]


class PremiumOrNotOut(Schema):
    premium: PremiumOut | None = None
    problem: NoPremiumOut | None = None


class ProductVersionOut(Schema):
    number: int
    state: str
    starts_on: date


class DefinitionFaultOut(Schema):
    """``where`` is the place in the definition: `questions.3.min`."""

    where: str
    text: str


class ProductVersionFullOut(ProductVersionOut):
    """``faults`` hold it back; ``asked_starts_on`` is the author's day where the second person set another; ``regression`` is what past calculations cost by it when it was last checked."""

    id: int
    product: str
    reason: str
    created_by_id: int | None
    approver_id: int | None
    asked_starts_on: date | None
    changed_at: datetime
    approved_at: datetime | None
    definition: dict[str, Any]
    faults: list[DefinitionFaultOut]
    regression: dict[str, Any]


class ProductDraftIn(Schema):
    product: str = Field(max_length=20)


class ProductDefinitionIn(Schema):
    """``changed_at``: as read; another change since then is refused."""

    definition: dict[str, Any] = Field(max_length=30)
    changed_at: datetime | None = None


class ProductDefinitionOut(Schema):
    """What is sold on a day; ``questions`` carry their choices."""

    product: str
    version: int
    starts_on: date
    object: str | None
    coverages: list[dict[str, Any]] | None
    limits: dict[str, Any] | None
    documents: list[str] | None
    eligibility: dict[str, Any] | None
    cancellation: dict[str, Any] | None
    questions: list[dict[str, Any]]


class TariffVersionOut(Schema):
    """A version without its rows; approved, it counts from ``starts_on``.

    ``asked_starts_on`` is the author's day where the second person set another.
    """

    id: int
    number: int
    state: str
    starts_on: date
    asked_starts_on: date | None
    source: str
    reason: str
    author_id: int | None
    approver_id: int | None
    changed_at: datetime
    approved_at: datetime | None


class TariffTableOut(Schema):
    id: int
    code: str
    title: str
    title_en: str
    hit_policy: str
    versions: list[TariffVersionOut]


class TariffRowsOut(TariffVersionOut):
    columns: list[dict[str, Any]]
    rows: list[list[str]]


class TariffProblemOut(Schema):
    """A warning does not hold a version back; ``row`` counts from 0, -1 is the whole table."""

    kind: str
    text: str
    row: int
    column: str
    is_warning: bool


class TariffVersionFullOut(TariffRowsOut):
    """``regression`` is what past calculations cost by this draft when it was last checked."""

    problems: list[TariffProblemOut]
    regression: dict[str, Any]


class TariffDraftIn(Schema):
    table: str = Field(max_length=60)


class TariffRowsIn(Schema):
    """``changed_at``: as read; another change since then is refused."""

    rows: list[list[str]] = Field(max_length=5_000)
    changed_at: datetime | None = None


class TariffProposalIn(Schema):
    starts_on: date
    reason: str = Field(min_length=1, max_length=500)


class TariffApprovalIn(Schema):
    """What the second person adds, for the journal.

    ``starts_on`` is another first day than the author's: after today, not before an older version that is in force or
    will be, and with a ``comment`` that says why. Without it the author's day stays.
    """

    comment: str = Field("", max_length=250)
    starts_on: date | None = None


class TariffReturnIn(Schema):
    reason: str = Field(min_length=1, max_length=500)
