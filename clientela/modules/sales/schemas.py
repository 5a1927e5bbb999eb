"""Shapes of sales in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.many import Ids
from clientela.foundation.api.pagination import Id
from clientela.modules.sales.models import Advice, Deal, Funnel, LostReason, Script
from clientela.modules.sales.queries.deals import chance_of
from clientela.modules.sales.queries.figures import Month, StageFigures

DealState = Literal["open", "won", "lost"]
AdviceState = Literal["advised", "offered", "sold", "declined", "dropped"]
Origin = Literal["request", "campaign", "call", "renewal", "advice", "client"]
Short = Annotated[str, Field(max_length=200)]
Codes = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=40)]
Values = Annotated[dict[Annotated[str, Field(max_length=40)], Short], Field(max_length=40)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class DealIn(Schema):
    """``origin_number`` is the number of the request, response, call or term there; a deal of the same is begun once."""

    client_id: Id
    origin: Origin = "client"
    origin_number: Id | None = None
    source: Annotated[str, Field(max_length=60)] = ""
    policy_id: Id | None = None
    product: Annotated[str, Field(max_length=20)] = ""
    funnel: Annotated[str, Field(max_length=40)] = ""
    subject: Short = ""
    amount: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)] | None = None


class FieldsIn(Schema):
    """``fields``: texts by the codes of the deal's fields and of its funnel's questions."""

    fields: Values
    version: Version | None = None


class DealMoveIn(Schema):
    stage: Id
    version: Version | None = None
    fields: Values = {}


class UndoIn(Schema):
    version: Version


class DealLossIn(Schema):
    reason: Annotated[str, Field(max_length=40)]
    note: Annotated[str, Field(max_length=255)] = ""


class HandOverIn(Schema):
    deal_ids: Ids
    person_id: Id


class ChanceReasonOut(Schema):
    reason: str
    points: int


class DealOut(Schema):
    """``stage`` is the number of the stage; ``chance`` in percent with its reasons; ``answers`` by question."""

    id: int
    number: str
    client_id: int
    funnel: str
    stage: int
    stage_name: str
    state: str
    origin: str
    source: str
    product: str
    subject: str
    amount: Decimal | None
    starts_on: date | None
    answers: dict[str, Any]
    next_step: str
    next_at: datetime | None
    owner: str
    chance: int
    reasons: list[ChanceReasonOut]
    over_norm: bool
    lost_reason: str
    entered_at: datetime
    created_at: datetime
    closed_at: datetime | None
    version: int


def deal_out(deal: Deal, now: datetime) -> dict[str, Any]:
    """A loaded deal as the API tells it."""
    chance = chance_of(deal, now)
    same = (
        "id", "number", "client_id", "state", "origin", "source", "subject", "amount", "starts_on", "answers", "next_step",
        "next_at", "entered_at", "created_at", "closed_at", "version",
    )  # fmt: skip
    return {name: getattr(deal, name) for name in same} | {
        "funnel": deal.funnel.code, "stage": deal.stage_id, "stage_name": str(deal.stage), "owner": str(deal.owner or ""),
        "product": deal.product.code if deal.product else "", "chance": chance.percent, "over_norm": deal.over_norm(now),
        "reasons": [{"reason": str(one.label), "points": one.points} for one in chance.reasons],
        "lost_reason": deal.lost_reason.code if deal.lost_reason else "",
    }  # fmt: skip


class StageIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=40)]
    name_en: Annotated[str, Field(max_length=40)] = ""
    probability: Annotated[int, Field(ge=0, le=100)]
    norm_days: Annotated[Decimal, Field(gt=0, le=365, max_digits=5, decimal_places=1)]
    required: Codes = []
    moves_on: Codes = []
    version: Version | None = None


class StageOut(Schema):
    id: int
    name: str
    name_en: str
    probability: int
    norm_days: Decimal
    required: list[str]
    moves_on: list[str]


class FunnelOut(Schema):
    code: str
    name: str
    name_en: str
    lines: list[str]
    questions: list[dict[str, Any]]
    won_on: list[str]
    lost_on: list[str]
    version: int
    stages: list[StageOut]


def funnel_out(funnel: Funnel) -> dict[str, Any]:
    names = ("code", "name", "name_en", "lines", "questions", "won_on", "lost_on", "version")
    stages = [one for one in funnel.stages.all() if one.is_active]
    return {name: getattr(funnel, name) for name in names} | {"stages": stages}


class StageFiguresOut(Schema):
    """``conversion`` in percent of those that ``left``; ``mean_days`` that these stayed."""

    stage: int
    name: str
    count: int
    amount: Decimal
    weighted: Decimal
    left: int
    conversion: int | None
    mean_days: float | None
    norm_days: Decimal


class LostOut(Schema):
    reason: str
    count: int
    amount: Decimal


class ForecastMonthOut(Schema):
    first: date
    won: Decimal
    open: Decimal
    weighted: Decimal


class FunnelFiguresOut(Schema):
    stages: list[StageFiguresOut]
    lost: list[LostOut]
    forecast: list[ForecastMonthOut]


def figures_out(
    stages: list[StageFigures], lost: list[tuple[LostReason | None, int, Decimal]], months: list[Month]
) -> dict[str, Any]:
    return {
        "stages": [
            {
                "stage": one.stage.pk, "name": str(one.stage), "count": one.count, "amount": one.amount,
                "weighted": one.weighted, "left": one.left, "conversion": one.conversion,
                "mean_days": round(one.stay.total_seconds() / 86400, 2) if one.stay is not None else None,
                "norm_days": one.stage.norm_days,
            }
            for one in stages
        ],
        "lost": [{"reason": row.code if row else "", "count": count, "amount": amount} for row, count, amount in lost],
        "forecast": months,
    }  # fmt: skip


class ScriptOut(Schema):
    """``body`` holds steps and objections of the version in force."""

    code: str
    name: str
    funnel: str
    stage: int | None
    number: int | None
    body: dict[str, Any]


def script_out(script: Script) -> dict[str, Any]:
    version = next((one for one in script.versions.all() if one.state == "active"), None)
    return {
        "code": script.code, "name": script.name, "funnel": script.funnel.code, "stage": script.stage_id,
        "number": version.number if version else None, "body": version.body if version else {},
    }  # fmt: skip


class DeclineIn(Schema):
    reason: Literal["dear", "has", "no_need", "later", "trust", "other"]
    note: Annotated[str, Field(max_length=255)] = ""


class ToldByOut(Schema):
    """A fact of a sister company that the advice rests on."""

    kind: str
    company: str
    as_of: date


class AdviceOut(Schema):
    id: int
    client_id: int
    line: str
    state: str
    why: str
    told_by: list[ToldByOut]
    reason: str
    not_before: date | None
    deal: int | None
    advised_at: datetime
    offered_at: datetime | None
    closed_at: datetime | None


def advice_out(advice: Advice) -> dict[str, Any]:
    names = (
        "id",
        "client_id",
        "line",
        "state",
        "reason",
        "not_before",
        "advised_at",
        "offered_at",
        "closed_at",
    )
    return {name: getattr(advice, name) for name in names} | {
        "why": str(advice.rule or ""),
        "told_by": [
            {"kind": one.kind.code, "company": one.company.name, "as_of": one.as_of}
            for one in getattr(advice, "told_by", ())
        ],
        "deal": advice.deal_id,
    }
