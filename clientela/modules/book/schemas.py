"""Tests of products as the API shows and takes them."""

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id

Place = Annotated[int, Field(ge=0, le=100)]


class AdmissionOut(Schema):
    """Whether the product may be sold, why, and until when."""

    allowed: bool
    reason: str
    until: date | None
    sells_until: date | None


class TestAttemptRow(Schema):
    id: int
    started_at: datetime
    ends_at: datetime
    finished_at: datetime | None
    right: int
    asked: int
    pass_mark: int
    is_passed: bool
    valid_until: date | None


class TestStandingOut(Schema):
    """A test and where the caller stands with it."""

    id: int
    product_id: int
    product: str
    title: str
    questions: int
    pass_mark: int
    minutes: int
    required_from: date | None
    admission: AdmissionOut
    free_at: datetime | None
    running_attempt_id: int | None
    last: TestAttemptRow | None


class AskedOut(Schema):
    """A question of an attempt; what is right is told once it is over."""

    place: int
    text: str
    topic: str
    options: list[str]
    several: bool
    chosen: list[int] | None
    is_right: bool | None = None
    right: list[int] | None = None
    explanation: str = ""


class TestAttemptOut(TestAttemptRow):
    test_id: int
    questions: list[AskedOut]


class TestAnswerIn(Schema):
    chosen: Annotated[list[Place], Field(max_length=9)]


class TrainedOut(Schema):
    """One person and one test."""

    test_id: int
    admission: AdmissionOut
    right: int | None
    asked: int | None


class TraineeOut(Schema):
    id: int
    name: str
    role: str
    tests: list[TrainedOut]


class TestQuestionOut(Schema):
    id: int
    place: int
    text: str
    topic: str
    options: list[str]
    right: list[int]
    explanation: str


class ProductTestOut(Schema):
    id: int
    product_id: int
    title: str
    pass_mark: int
    minutes: int
    valid_months: int
    pause_minutes: int
    required_from: date | None
    asked_again_from: date | None
    version: int
    questions: list[TestQuestionOut]


class ProductTestIn(Schema):
    product_id: Id
    title: Annotated[str, Field(min_length=1, max_length=120)]


class ProductTestChange(Schema):
    """The settings whole; ``ask_again_from`` ends the passes made until now on the day before it."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    title: Annotated[str, Field(max_length=120)]
    pass_mark: Annotated[int, Field(ge=0, le=1000)]
    minutes: Annotated[int, Field(ge=0, le=100_000)]
    valid_months: Annotated[int, Field(ge=0, le=1000)]
    pause_minutes: Annotated[int, Field(ge=0, le=100_000)]
    required_from: date | None
    ask_again_from: date | None = None


class TestQuestionIn(Schema):
    text: Annotated[str, Field(max_length=1000)]
    topic: Annotated[str, Field(max_length=40)] = ""
    options: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=9)]
    right: Annotated[list[Place], Field(max_length=9)]
    explanation: Annotated[str, Field(max_length=2000)] = ""
