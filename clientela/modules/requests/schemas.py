"""Shapes of requests in the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.modules.requests.models import Request

Words = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(max_length=160)]


class RequestAnswerIn(Schema):
    """A question of a form with what was answered."""

    key: Annotated[str, Field(max_length=40)]
    label: Annotated[str, Field(max_length=80)] = ""
    value: Annotated[str, Field(max_length=500)] = ""


class RequestIn(Schema):
    """Who asks and for what. A phone or an e-mail is needed; ``partner`` names who brought it; ``product`` is a code."""

    name: Line = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    product: Annotated[str, Field(max_length=20)] = ""
    about: Annotated[str, Field(max_length=120)] = ""
    text: Words = ""
    answers: Annotated[list[RequestAnswerIn], Field(max_length=40)] = []
    partner: Annotated[str, Field(max_length=80)] = ""
    branch_id: Id | None = None
    utm: dict[Annotated[str, Field(max_length=20)], Annotated[str, Field(max_length=120)]] = {}
    referrer: Annotated[str, Field(max_length=400)] = ""


class RequestConditions(Schema):
    """``tab`` as on the screen: today, waiting, late, moved, nobody, marketing, all."""

    tab: Literal["", "today", "waiting", "late", "moved", "nobody", "marketing", "all"] = "all"
    assignee_id: Id | None = None
    temperature: Literal["", "cold", "warm", "hot"] = ""
    source: Annotated[str, Field(max_length=8)] = ""


class RequestReasonOut(Schema):
    """A rule of points that the request met."""

    code: str
    words: str
    points: int


class RequestOut(Schema):
    """``possible_client_ids``: several clients share the phone, and nobody said yet which of them it is."""

    id: int
    number: str
    source: str
    partner: str
    state: str
    client_id: int | None
    possible_client_ids: list[int]
    name: str
    phone: str
    email: str
    product: str
    about: str
    text: str
    answers: list[dict[str, Any]]
    utm: dict[str, str]
    score: int
    temperature: str
    reasons: list[RequestReasonOut]
    assignee_id: int | None
    at_marketing: bool
    times: int
    due_at: datetime | None
    taken_at: datetime | None
    closed_at: datetime | None
    reason: str
    deal_id: int | None
    created_at: datetime

    @staticmethod
    def resolve_possible_client_ids(obj: Request) -> list[int]:
        return list(obj.possible)

    @staticmethod
    def resolve_product(obj: Request) -> str:
        return obj.product.code if obj.product else ""


class RequestGiveIn(Schema):
    """To whom, and why."""

    person_id: Id
    reason: Annotated[str, Field(max_length=500)]


class RequestReasonIn(Schema):
    """Why it is returned, or what sales should know."""

    reason: Annotated[str, Field(max_length=500)] = ""


class RequestCloseIn(Schema):
    """Why it is over."""

    reason: Literal["no_answer", "not_now", "price", "elsewhere", "not_ours", "done", "spam"]
    note: Annotated[str, Field(max_length=500)] = ""


class RequestClientIn(Schema):
    """Which of the clients with this phone it is."""

    client_id: Id
