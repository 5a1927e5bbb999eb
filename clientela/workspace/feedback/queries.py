"""What the page of feedback reads: figures of each survey, its weeks, who is praised and blamed, the answers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Avg, Case, Count, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import TruncWeek

from clientela.modules.accounts.access import Permission
from clientela.modules.organisation.models import Agent, Branch
from clientela.modules.organisation.queries import scope_of
from clientela.modules.quality.models import RequestQuerySet, Survey, SurveyRequest
from clientela.modules.quality.rules import Figure, Group, Metric, figure
from clientela.workspace.feedback.filters import FeedbackFilter
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 40
MOST = 99
# A mean of fewer answers says nothing of a person.
FEW = 5
WORST = 8
NEWEST = (Key("answered_at", datetime, descending=True), Key("id", descending=True))
DUE = (Key("call_back_by", datetime), Key("id"))


def _within(user: Any, wanted: FeedbackFilter) -> RequestQuerySet:
    rows = SurveyRequest.objects.visible_to(user)
    if wanted.agent:
        rows = rows.filter(agent=wanted.agent)
    return rows.filter(branch=wanted.branch) if wanted.branch else rows


def listed(user: Any, wanted: FeedbackFilter, now: datetime) -> "QuerySet[SurveyRequest]":
    """Answers by every condition; who is to be called back is shown whatever the period."""
    rows = _within(user, wanted)
    rows = (
        rows.to_call_back()
        if wanted.box == "call"
        else rows.answered().filter(answered_at__gte=wanted.since(now))
    )
    if wanted.survey:
        rows = rows.filter(survey=wanted.survey)
    if wanted.group:
        rows = rows.filter(group=wanted.group)
    return rows.exclude(comment="") if wanted.words else rows


def order_of(wanted: FeedbackFilter) -> tuple[Key, ...]:
    """Those to be called by their deadline, the rest the newest first."""
    return DUE if wanted.box == "call" else NEWEST


def page(
    user: Any, wanted: FeedbackFilter, *, now: datetime, after: str = "", before: str = "", size: int = PAGE
) -> KeyPage[SurveyRequest]:
    """A page of the list."""
    shown = SurveyRequest.objects.select_related("survey", "client", "agent", "settled_by")
    rows = listed(user, wanted, now)
    return page_of(rows, order_of(wanted), shown=shown, after=after, before=before, size=size)


@dataclass(frozen=True)
class SurveyFigures:
    """A survey of the period: its figure, and how many of those asked then answered."""

    survey: Survey
    figure: Figure
    asked: int


def figures(user: Any, wanted: FeedbackFilter, now: datetime) -> list[SurveyFigures]:
    """Every survey that is on or was answered in the period; three statements."""
    rows, since = _within(user, wanted).order_by(), wanted.since(now)
    scores: dict[int, dict[int, int]] = defaultdict(dict)
    answered = rows.answered().filter(answered_at__gte=since)
    for survey, score, count in answered.values_list("survey", "score").annotate(n=Count("*")):
        scores[survey][score] = count
    asked = dict(rows.filter(asked_at__gte=since).values_list("survey").annotate(n=Count("*")))
    surveys = Survey.objects.filter(Q(is_active=True) | Q(pk__in=list(scores)))
    return [
        SurveyFigures(survey, figure(Metric(survey.metric), scores[survey.pk]), asked.get(survey.pk, 0))
        for survey in surveys
    ]


@dataclass(frozen=True)
class Week:
    """The answers of a week that begins on ``first``."""

    first: date
    figure: Figure


def weeks(user: Any, wanted: FeedbackFilter, survey: Survey, now: datetime) -> list[Week]:
    """The weeks of the period that have answers, oldest first; one statement."""
    rows = (
        _within(user, wanted).answered().filter(survey=survey, answered_at__gte=wanted.since(now)).order_by()
    )
    found: dict[date, dict[int, int]] = defaultdict(dict)
    for week, score, count in rows.values_list(TruncWeek("answered_at"), "score").annotate(n=Count("*")):
        found[week.date()][score] = count
    return [Week(first, figure(Metric(survey.metric), found[first])) for first in sorted(found)]


@dataclass(frozen=True)
class Place:
    """An agent or a branch with its figure."""

    id: int
    name: str
    value: float
    answers: int


def places(user: Any, wanted: FeedbackFilter, survey: Survey, now: datetime) -> tuple[str, list[Place]]:
    """Branches for who sees all of them, else agents, with at least ``FEW`` answers: the lowest figures first.

    Answers with what the places are (``branch`` or ``agent``); two statements.
    """
    kind = "branch" if scope_of(user).everything and not wanted.branch else "agent"
    rows = (
        _within(user, wanted).answered().filter(survey=survey, answered_at__gte=wanted.since(now)).order_by()
    )
    grouped = rows.exclude(**{kind: None}).values_list(kind).annotate(n=Count("*"), value=Avg(_worth(survey)))
    lowest = list(grouped.filter(n__gte=FEW).order_by("value", kind)[:WORST])
    model: Any = Branch if kind == "branch" else Agent
    names = model.objects.in_bulk([pk for pk, _n, _value in lowest])
    return kind, [Place(pk, str(names[pk]), value, n) for pk, n, value in lowest if pk in names]


def _worth(survey: Survey) -> Any:
    if survey.metric == Metric.CES:
        return F("score")
    bad = -100.0 if survey.metric == Metric.NPS else 0.0
    return Case(
        When(group=Group.GOOD, then=Value(100.0)),
        When(group=Group.BAD, then=Value(bad)),
        default=Value(0.0),
        output_field=FloatField(),
    )


@dataclass(frozen=True)
class CallBacks:
    """How many clients wait for a call; ``MOST`` + 1 stands for more."""

    waiting: int
    overdue: int


def call_backs(user: Any, now: datetime) -> CallBacks:
    """Clients who are not content and wait for a call."""
    rows = SurveyRequest.objects.visible_to(user).to_call_back().order_by()
    late = rows.filter(call_back_by__lt=now)
    return CallBacks(_capped(rows), _capped(late))


def _capped(rows: "QuerySet[SurveyRequest]") -> int:
    return rows.values("pk")[: MOST + 1].count()


def to_call(user: Any) -> int:
    """How many clients this person is to call back, for the menu."""
    if not user.can(Permission.FEEDBACK_WRITE):
        return 0
    return _capped(SurveyRequest.objects.visible_to(user).to_call_back().order_by())


def find(user: Any, request_id: int) -> SurveyRequest | None:
    """A visible request with everything its dialogs name."""
    rows = SurveyRequest.objects.visible_to(user).select_related("survey", "client", "agent")
    return rows.filter(pk=request_id).first()


def of_client(user: Any, client_id: int, limit: int = 5) -> Sequence[SurveyRequest]:
    """What a client answered last."""
    rows = SurveyRequest.objects.visible_to(user).answered().filter(client=client_id)
    return list(rows.select_related("survey").order_by("-answered_at")[:limit])
