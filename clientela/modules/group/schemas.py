"""Shapes of data from sister companies in the API."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id

Value = bool | int | float | Annotated[str, Field(max_length=200)]


class ToldIn(Schema):
    """One person with what is told of them: ``values`` are kind code → value. ``reference`` is the sender's own."""

    reference: Annotated[str, Field(max_length=80)] = ""
    as_of: date
    values: Annotated[dict[Annotated[str, Field(max_length=40)], Value], Field(min_length=1, max_length=50)]
    passport: Annotated[str, Field(max_length=40)] = ""
    inn: Annotated[str, Field(max_length=20)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    last_name: Annotated[str, Field(max_length=120)] = ""
    first_name: Annotated[str, Field(max_length=80)] = ""
    middle_name: Annotated[str, Field(max_length=80)] = ""
    birth_date: date | None = None


class FeedIn(Schema):
    """Up to 500 people a request."""

    people: Annotated[list[ToldIn], Field(min_length=1, max_length=500)]


class FaultOut(Schema):
    """What could not be read of one person: fields or kinds."""

    reference: str
    fields: list[str]


class FeedOut(Schema):
    """``received`` people were read. Whether one of them is a client, or agreed, is not told: it is theirs to tell."""

    received: int
    faults: list[FaultOut]


class KindOut(Schema):
    """A kind of fact that may be told now."""

    code: str
    title: str
    title_en: str
    value_type: Literal["yes_no", "amount", "number", "date", "text"]
    unit: str
    fresh_days: int
    keep_days: int
    for_service: bool
    for_offers: bool


class KindIn(Schema):
    """A new kind of fact."""

    code: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9_-]+$")]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    title_en: Annotated[str, Field(max_length=120)] = ""
    value_type: Literal["yes_no", "amount", "number", "date", "text"]
    unit: Annotated[str, Field(max_length=20)] = ""
    fresh_days: Annotated[int, Field(ge=1, le=3650)] = 90
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 365
    for_service: bool = True
    for_offers: bool = False


class CompanyOut(Schema):
    """A sister company with what stands here from it; ``refused`` by reason in the last 30 days."""

    code: str
    name: str
    kind: Literal["bank", "clinic", "broker", "property", "travel", "other"]
    contact: str
    contract: str
    trust: int
    is_active: bool
    facts: int
    clients: int
    waiting: int
    refused: dict[str, int]


class FactOut(Schema):
    """A fact with where it is from and the consent under which it stands."""

    kind: str
    title: str
    value: str
    unit: str
    company: str
    company_code: str
    as_of: date
    is_fresh: bool
    for_offers: bool
    consent_given_at: datetime
    consent_version: str
    consent_source: str

    @staticmethod
    def of(one: Any) -> dict[str, Any]:
        """From ``queries.facts.Known``."""
        fact = one.fact
        return {
            "kind": fact.kind.code, "title": str(fact.kind), "value": fact.value, "unit": fact.kind.unit,
            "company": fact.company.name, "company_code": fact.company.code, "as_of": fact.as_of,
            "is_fresh": one.is_fresh, "for_offers": fact.kind.for_offers,
            "consent_given_at": fact.consent.granted_at, "consent_version": fact.consent.text_version,
            "consent_source": fact.consent.source,
        }  # fmt: skip


class AgreedIn(Schema):
    """How the client agreed."""

    source: Annotated[str, Field(min_length=1, max_length=80)]


class TakenBackIn(Schema):
    """How the client took it back."""

    via: Annotated[str, Field(min_length=1, max_length=80)]


class AgreedOut(Schema):
    version: str
    given_at: datetime


class EndedOut(Schema):
    ended: int


class GroupReportOut(Schema):
    """A report to decide by hand; ``candidates`` are the cards in sight that it may be about."""

    id: int
    company: str
    why: str
    received_at: datetime
    gone_on: date
    candidates: list[int]


class DecisionIn(Schema):
    """Whose the report is; without a client it is nobody's and goes."""

    client_id: Id | None = None


class GroupDecisionOut(Schema):
    facts: int
