"""Shapes of the schedule editor in the API: previews, plans, results, differences."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.modules.contacts.rules import describe
from clientela.modules.contacts.schemas import CheckOut, SmsSizeOut, VerdictOut
from clientela.modules.renewals.models import ScheduleVersion
from clientela.modules.renewals.schemas import RenewalOut
from clientela.workspace.schedules import diff, words
from clientela.workspace.schedules.queries.day_plan import DayPlan
from clientela.workspace.schedules.queries.preview import Preview

Text = Annotated[str, Field(max_length=4000)]
Subject = Annotated[str, Field(max_length=200)]
Result = Literal["sent", "delivered", "opened", "replied", "failed", "renewed"]


class StepPreviewIn(Schema):
    """``text`` and ``subject`` are shown instead of those of the step.

    Without ``renewal_id`` a term that gets the step tomorrow is taken, else one that the step is for; ``after`` is the
    id of the term seen last, to look at the next one.
    """

    renewal_id: Id | None = None
    after: Id | None = None
    language: Literal["ru", "en"] = "ru"
    text: Text | None = None
    subject: Subject | None = None


class StepPreviewOut(Schema):
    """The text as the client would get it; sample values stand where nobody is in sight to show it on.

    ``error`` says why it becomes nothing; ``checks`` are of the text alone, ``verdict`` of the policy at ``at``, when the
    step would go tomorrow.
    """

    renewal_id: int | None
    client_id: int | None
    client_name: str
    subject: str
    text: str
    error: str
    size: SmsSizeOut | None
    checks: list[CheckOut]
    at: datetime | None
    verdict: VerdictOut | None

    @classmethod
    def of(cls, shown: Preview) -> "StepPreviewOut":
        term = shown.term
        return cls(
            renewal_id=term.pk if term else None,
            client_id=term.client_id if term else None,
            client_name=term.client.name if term else "",
            subject=shown.subject,
            text=shown.text,
            error=shown.error,
            size=SmsSizeOut.from_orm(shown.size) if shown.size else None,
            checks=[
                CheckOut(code=one.code, passed=one.passed, detail=one.detail, text=str(describe(one)))
                for one in shown.checks
            ],
            at=shown.moment,
            verdict=VerdictOut.of(shown.verdict) if shown.verdict else None,
        )


class StepPlanOut(Schema):
    """What one step would do: touches that go, terms held back by reason.

    ``known`` is false where the step reaches beyond the terms that are opened, 60 days before their end.
    """

    step_id: int
    key: str
    name: str
    channel: str
    going: int
    held: dict[str, int]
    known: bool


class VersionPlanOut(Schema):
    """A day's plan by step, by channel and by reason, within the caller's scope; ``people`` are different clients."""

    day: date
    going: int
    people: int
    channels: dict[str, int]
    held: dict[str, int]
    steps: list[StepPlanOut]

    @classmethod
    def of(cls, plan: DayPlan) -> "VersionPlanOut":
        steps = [
            StepPlanOut(
                step_id=one.step.pk, key=one.step.key, name=one.step.name, channel=one.step.channel, going=one.going,
                held=one.held, known=one.known,
            )
            for one in plan.steps
        ]  # fmt: skip
        return cls(
            day=plan.day, going=plan.going, people=plan.people, channels=dict(plan.channels()), held=dict(plan.reasons()),
            steps=steps,
        )  # fmt: skip


class PlannedTermOut(RenewalOut):
    """A term that a step meets on a day; ``reason`` says what holds it back, empty where it goes."""

    reason: str
    reason_text: str

    @staticmethod
    def resolve_reason_text(term: Any) -> str:
        return words.reason_name(term.reason) if term.reason else ""


class StepResultsOut(Schema):
    """Touches of the step due in the last thirty days; ``renewed``: the next term was paid after them."""

    sent: int
    delivered: int
    opened: int
    replied: int
    failed: int
    renewed: int


class PieceOut(Schema):
    """A run of words of a text: ``same``, ``old`` or ``new``."""

    state: str
    text: str


class StepDifferenceOut(Schema):
    """``kind``: ``field`` or ``text`` of the step, or a condition ``added``, ``removed`` or ``changed``."""

    kind: str
    name: str
    before: Any
    after: Any
    pieces: list[PieceOut]


class ChangedStepOut(Schema):
    """A step that is ``new``, ``gone`` or ``changed``."""

    state: str
    key: str
    name: str
    changes: list[StepDifferenceOut]


class VersionChangesOut(Schema):
    """``base_id`` is the version compared with, null where there is none; ``count`` counts single differences."""

    version_id: int
    base_id: int | None
    count: int
    steps: list[ChangedStepOut]

    @classmethod
    def of(
        cls, version: ScheduleVersion, base: ScheduleVersion | None, found: list[diff.StepChange]
    ) -> "VersionChangesOut":
        steps = [
            ChangedStepOut(
                state=one.state, key=one.step.key, name=one.step.name,
                changes=[StepDifferenceOut.from_orm(change) for change in one.changes],
            )
            for one in found
        ]  # fmt: skip
        return cls(
            version_id=version.pk, base_id=base.pk if base else None, count=diff.count(found), steps=steps
        )
