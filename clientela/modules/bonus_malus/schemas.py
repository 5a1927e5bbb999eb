"""What the API takes and tells of classes of drivers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.modules.bonus_malus.models import Dispute

Klass = Literal["M", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"]


class DriverClassIn(Schema):
    """A driver as the documents say. ``on`` is the first day of cover; ``again`` asks although the answer is kept."""

    last_name: str = Field(min_length=1, max_length=120)
    first_name: str = Field(min_length=1, max_length=80)
    middle_name: str = Field("", max_length=80)
    birth_date: date = Field(ge=date(1900, 1, 1))
    licence: str = Field("", max_length=20)
    previous_licence: str = Field("", max_length=20)
    previous_last_name: str = Field("", max_length=120)
    on: date = Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))
    client_id: Id | None = None
    again: bool = False


class DriverClassOut(Schema):
    """``state``: known, pending (asked again by itself) or failed; ``found_by`` tells which documents it stood under."""

    id: int
    state: str
    klass: str
    value: Decimal | None
    found_by: str
    source: str
    previous_klass: str
    driver_key: str
    on: date
    client_id: int | None
    asked_at: datetime | None
    next_attempt_at: datetime | None
    error: str


class ClassDisputeIn(Schema):
    lookup_id: Id
    claimed_klass: Klass
    reason: str = Field("", max_length=500)
    attachment_ids: list[Id] = Field([], max_length=20)


class ClassAnswerIn(Schema):
    """The class that the registry named; the disputed one confirms it."""

    klass: Klass
    answer: str = Field("", max_length=500)


class ClassDisputeOut(Schema):
    id: int
    number: str
    state: str
    client_id: int
    lookup_id: int
    klass: str
    claimed_klass: str
    reason: str
    documents: list[str]
    sent_at: datetime | None
    answer: str
    answered_klass: str
    answered_at: datetime | None
    created_at: datetime
    version: int

    @staticmethod
    def resolve_documents(row: Dispute) -> list[str]:
        return [one.name for one in row.documents.all()]


class RecalculationOut(Schema):
    """One first of April; ``moves`` counts drivers by step, as ``3>4``."""

    year: int
    started_at: datetime
    finished_at: datetime | None
    drivers: int
    better: int
    worse: int
    same: int
    asked_again: int
    moves: dict[str, int]
