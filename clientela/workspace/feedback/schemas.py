"""Shapes of feedback in the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.workspace.feedback.filters import FeedbackFilter


class FeedbackConditions(Schema):
    """``box`` call: clients who wait for a call, whatever the period. ``days``: 30, 90 or 365."""

    days: Literal[30, 90, 365] = 90
    survey_id: Id | None = None
    group: Literal["", "good", "neutral", "bad"] = ""
    box: Literal["", "call"] = ""
    words: bool = False
    agent_id: Id | None = None
    branch_id: Id | None = None

    def wanted(self) -> FeedbackFilter:
        return FeedbackFilter(
            days=self.days, survey=self.survey_id or 0, group=self.group, box=self.box, words=self.words,
            agent=self.agent_id or 0, branch=self.branch_id or 0,
        )  # fmt: skip


class FeedbackOut(Schema):
    """What a client answered. ``call_back_by`` stays with who was called back; ``settled_at`` says when."""

    id: int
    survey_id: int
    client_id: int
    agent_id: int | None
    about: str
    state: str
    reason: str
    asked_at: datetime | None
    score: int | None
    group: str
    comment: str
    via: str
    answered_at: datetime | None
    call_back_by: datetime | None
    settled_at: datetime | None
    settled_note: str


class ScoreIn(Schema):
    """``via``: in a call with a person, or to the robot."""

    score: Annotated[int, Field(ge=0, le=10)]
    comment: Annotated[str, Field(max_length=2000)] = ""
    via: Literal["call", "robot"] = "call"


class CallBackNoteIn(Schema):
    note: Annotated[str, Field(min_length=1, max_length=500)]


class SurveyOut(Schema):
    id: int
    code: str
    name: str
    occasion: str
    metric: str
    question: str
    invitation: str
    subject: str
    channels: list[str]
    delay_hours: int
    rest_days: int
    is_active: bool


class SurveyIn(Schema):
    name: Annotated[str, Field(max_length=80)]
    question: Annotated[str, Field(max_length=200)]
    invitation: Annotated[str, Field(max_length=600)]
    subject: Annotated[str, Field(max_length=120)] = ""
    channels: Annotated[list[Literal["sms", "email", "telegram", "vk"]], Field(min_length=1, max_length=4)]
    delay_hours: Annotated[int, Field(ge=0, le=720)]
    rest_days: Annotated[int, Field(ge=0, le=730)]
    is_active: bool = True


class SurveyFiguresOut(Schema):
    """``value``: NPS in points, CSI in percent, CES as the mean score; ``margin`` is half of the 95 % interval."""

    survey_id: int
    metric: str
    value: float | None
    margin: float | None
    answers: int
    asked: int
    good: int
    neutral: int
    bad: int

    @staticmethod
    def of(row: Any) -> "SurveyFiguresOut":
        found = row.figure
        return SurveyFiguresOut(
            survey_id=row.survey.pk, metric=row.survey.metric, value=found.value, margin=found.margin,
            answers=found.answers, asked=row.asked, **{group.value: n for group, n in found.groups.items()},
        )  # fmt: skip
