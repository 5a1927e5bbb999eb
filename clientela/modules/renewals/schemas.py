"""What the API of renewals takes and gives."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from clientela.foundation.api.pagination import Id
from clientela.foundation.api.values import Clock

Side = Literal["a", "b"]
Figure = Literal["clients", "terms", "sent", "delivered", "replied", "calls", "ended", "renewed"]


class RenewalOut(Schema):
    """An expiring term. ``reach`` adds 1 SMS, 2 e-mail, 4 VK, 8 calls, 16 Telegram; amounts are RUB; ``lost_reason`` is a code."""

    id: int
    policy_id: int
    policy_number: str = Field(alias="policy.number")
    client_id: int
    client_name: str = Field(alias="client.name")
    agent_id: int | None
    branch_id: int
    centre_id: int | None
    line: str
    end_date: date
    renewal_year: int
    state: str
    reach: int
    has_project: bool
    has_quote: bool
    paid_at: datetime | None
    in_dispute: bool
    object_sold: bool
    norm_kept: bool
    held_until: date | None
    held_reason: str
    lost_reason: str | None
    premium: Decimal
    next_premium: Decimal | None
    last_touch_at: datetime | None
    updated_at: datetime

    @staticmethod
    def resolve_lost_reason(term: Any) -> str | None:
        return term.lost_reason.code if term.lost_reason else None


class PlanEntryOut(Schema):
    """One step of a term's plan; ``kind``: go, wait, no, done, fail."""

    key: str
    day: int
    until_day: int | None
    date: date
    channel: str
    name: str
    state: str
    kind: str
    reason: str
    reason_text: str
    at: datetime | None
    message_id: int | None
    touch_id: int | None
    verdict: dict[str, Any]


class HoldIn(Schema):
    until: date
    reason: str = Field("", max_length=200)


class LossIn(Schema):
    reason: str = Field(max_length=50, description="code of a loss reason")
    note: str = Field("", max_length=255)


class OfferIn(Schema):
    channel: str = Field(max_length=10)


class OfferOut(Schema):
    message_id: int
    state: str
    verdict: dict[str, Any]


class CompletionIn(Schema):
    outcome: str = Field(min_length=1, max_length=40)
    note: str = Field("", max_length=200)


class TouchOut(Schema):
    """One planned contact with its state and why it does not go."""

    id: int
    renewal_id: int
    step_key: str
    day: int
    channel: str
    due_on: date
    due_at: datetime
    state: str
    reason: str
    reason_detail: str
    message_id: int | None


class LossReasonOut(Schema):
    code: str
    name: str
    name_en: str
    counts_in_norm: bool


class StepOut(Schema):
    """A step of a schedule version; ``day`` and ``until_day`` count days before the end."""

    id: int
    key: str
    name: str
    day: int
    until_day: int | None
    channel: str
    at_time: time
    conditions: list[dict[str, Any]]
    subject: str
    text: str
    subject_en: str
    text_en: str


class StepIn(Schema):
    name: str = Field(min_length=1, max_length=120)
    day: int = Field(ge=0, le=365)
    until_day: int | None = Field(None, ge=0, le=365)
    channel: str = Field(max_length=10)
    at_time: Clock
    conditions: list[dict[str, Any]] = Field(default_factory=list, max_length=30)
    subject: str = Field("", max_length=200)
    text: str = Field("", max_length=4000)
    subject_en: str = Field("", max_length=200)
    text_en: str = Field("", max_length=4000)


class VersionOut(Schema):
    id: int
    number: int
    state: str
    active_from: date | None
    note: str
    created_at: datetime


class VersionFullOut(VersionOut):
    steps: list[StepOut]

    @staticmethod
    def resolve_steps(version: Any) -> Any:
        return version.steps.all()


class ScheduleOut(Schema):
    id: int
    code: str
    name: str
    description: str
    versions: list[VersionOut]

    @staticmethod
    def resolve_versions(schedule: Any) -> Any:
        return schedule.versions.all()


class ScheduleIn(Schema):
    code: str = Field(pattern=r"^[a-z0-9-]+$", max_length=40)
    name: str = Field(min_length=1, max_length=120)
    description: str = Field("", max_length=255)


class DraftIn(Schema):
    from_version: Id


class ActivationIn(Schema):
    active_from: date


class ExperimentIn(Schema):
    """``version_id`` becomes version B; the version in force on ``first_day`` is version A."""

    version_id: Id
    first_day: date
    last_day: date | None = None
    share: int = Field(50, ge=0, le=100)


class ExperimentEndIn(Schema):
    """``winner`` is a or b; without ``from_day`` the first day that is not planned yet."""

    winner: str = Field(max_length=1)
    reason: str = Field(max_length=500)
    from_day: date | None = None


class ExperimentOut(Schema):
    """An experiment; ``share`` is the percent of clients who get version B (``candidate_id``)."""

    id: int
    schedule_id: int
    control_id: int
    candidate_id: int
    share: int
    first_day: date
    last_day: date | None
    lead_days: int
    ended_from: date | None
    winner: str
    reason: str
    created_at: datetime
    ended_at: datetime | None


class RateOut(Schema):
    """``count`` of ``total`` and the bounds of its 95 % interval; shares are fractions from 0 to 1."""

    count: int
    total: int
    share: float
    interval: tuple[float, float]


class SideOut(Schema):
    clients: int
    terms: int
    calls: int
    delivery: RateOut
    reply: RateOut
    renewal: RateOut


class DifferenceOut(Schema):
    """B less A; ``is_shown`` tells whether chance alone would seldom give as much."""

    value: float
    interval: tuple[float, float]
    p_value: float
    is_enough: bool
    is_shown: bool


class ExperimentResultOut(Schema):
    """What the caller's own scope shows so far."""

    a: SideOut
    b: SideOut
    delivery: DifferenceOut
    reply: DifferenceOut
    renewal: DifferenceOut


class ForecastOut(Schema):
    """What one step would do on a day."""

    step_id: int
    key: str
    name: str
    channel: str
    going: int
    held: dict[str, int]


class NormResultOut(Schema):
    """An agent's norm of one line: ``renewed`` of ``expiring`` terms, sold ones left out; percents."""

    line: str
    expiring: int
    renewed: int
    excluded: int
    share: Decimal | None
    target: Decimal
    kept: bool
    missing: int
    window_from: date
    window_to: date


class PlanDayOut(Schema):
    day: date
    opened: int
    planned: int
    seconds: float
    runs: int
    at: datetime


class PlanIn(Schema):
    day: date


class PlanJobOut(Schema):
    job_id: int
