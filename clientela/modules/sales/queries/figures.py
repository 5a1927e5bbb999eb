"""Figures of a funnel: conversion, time in stage, reasons lost, forecast (SF-4)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.utils import timezone

from clientela.modules.sales.models import Deal, Funnel, LostReason, Stage, StageVisit

WINDOW = timedelta(days=30)
MONTHS = 6


@dataclass(frozen=True, slots=True)
class StageFigures:
    """A stage over a window: how many left it, how many of them onward, the mean stay of those."""

    stage: Stage
    left: int
    onward: int
    stay: timedelta | None
    count: int
    amount: Decimal

    @property
    def conversion(self) -> int | None:
        """Percent of deals that left the stage and went on; None while none left."""
        return round(100 * self.onward / self.left) if self.left else None

    @property
    def weighted(self) -> Decimal:
        """The sum of open deals times the chance of the stage."""
        return (self.amount * self.stage.probability / 100).quantize(Decimal("0.01"))

    @property
    def slow(self) -> bool:
        return self.stay is not None and self.stay > timedelta(days=float(self.stage.norm_days))


def stage_figures(
    funnel: Funnel, deals: "QuerySet[Deal]", *, now: datetime, window: timedelta = WINDOW
) -> list[StageFigures]:
    """Figures of every stage in use over ``deals`` (any state); two grouped statements."""
    stay = ExpressionWrapper(F("left_at") - F("entered_at"), output_field=DurationField())
    onward = Q(went__in=[StageVisit.Went.FORWARD, StageVisit.Went.WON])
    visits = StageVisit.objects.filter(stage__funnel=funnel, left_at__gt=now - window, deal__in=deals)
    gone = {
        stage: (left, on, mean)
        for stage, left, on, mean in visits.order_by()
        .values_list("stage")
        .annotate(left=Count("id"), on=Count("id", filter=onward), mean=Avg(stay))
    }
    rows = deals.open().filter(funnel=funnel).order_by().values_list("stage")  # type: ignore[attr-defined]
    now_there = {stage: (n, total) for stage, n, total in rows.annotate(n=Count("id"), total=Sum("amount"))}
    nothing = (0, 0, None)
    return [
        StageFigures(
            stage, *gone.get(stage.pk, nothing), now_there.get(stage.pk, (0, None))[0],
            now_there.get(stage.pk, (0, None))[1] or Decimal(0),
        )
        for stage in funnel.stages.filter(is_active=True).order_by("position", "id")
    ]  # fmt: skip


def lost_reasons(
    funnel: Funnel, deals: "QuerySet[Deal]", *, now: datetime, window: timedelta = WINDOW
) -> list[tuple[LostReason | None, int, Decimal]]:
    """Reasons of deals lost within the window, how many and what premium; the most frequent first."""
    lost = deals.filter(funnel=funnel, state=Deal.State.LOST, closed_at__gt=now - window)
    rows = list(lost.order_by().values_list("lost_reason").annotate(n=Count("id"), total=Sum("amount")))
    known = LostReason.objects.in_bulk([pk for pk, _n, _total in rows if pk])
    found = [(known.get(pk or 0), n, total or Decimal(0)) for pk, n, total in rows]
    return sorted(found, key=lambda row: (-row[1], -row[2]))


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the forecast: what is won already, what open deals may bring, and its weight."""

    first: date
    won: Decimal
    open: Decimal
    weighted: Decimal

    @property
    def total(self) -> Decimal:
        return self.won + self.weighted


def forecast(funnel: Funnel, deals: "QuerySet[Deal]", *, today: date, months: int = MONTHS) -> list[Month]:
    """By month from this one on: premium won, and of open deals sum times the stage's chance.

    An open deal counts in the month its cover begins; one without a day, or late, after the norms of the stages
    still before it.
    """
    ahead = _days_ahead(funnel)
    won: dict[date, Decimal] = defaultdict(Decimal)
    may: dict[date, Decimal] = defaultdict(Decimal)
    weighted: dict[date, Decimal] = defaultdict(Decimal)
    rows = deals.filter(funnel=funnel, amount__isnull=False).order_by()
    begun = rows.filter(state=Deal.State.WON, closed_at__gte=_first_moment(today))
    for at, amount in begun.values_list("closed_at", "amount"):
        assert at is not None
        won[at.date().replace(day=1)] += amount or 0
    current = rows.filter(state=Deal.State.OPEN).values_list(
        "starts_on", "stage", "amount", "stage__probability"
    )
    for starts, at_stage, amount, percent in current.iterator(2000):
        day = starts if starts and starts >= today else today + timedelta(days=ahead.get(at_stage, 0))
        month, share = day.replace(day=1), Decimal(percent) / 100
        may[month] += amount or 0
        weighted[month] += (amount or 0) * share
    return [
        Month(month, won[month], may[month], weighted[month].quantize(Decimal("0.01")))
        for month in _months(today, months)
    ]


def expected_in(funnel: Funnel, month: date, *, today: date) -> Q:
    """Open deals that the forecast counts in the month of the day ``month``."""
    first = month.replace(day=1)
    following = _months(first, 2)[1]
    ahead = _days_ahead(funnel)
    stages = [pk for pk, days in ahead.items() if first <= today + timedelta(days=days) < following]
    late = Q(stage__in=stages)
    if first <= today < following:
        late |= ~Q(stage__in=list(ahead))
    dayless = Q(starts_on__isnull=True) | Q(starts_on__lt=today)
    begins = Q(starts_on__gte=max(first, today), starts_on__lt=following)
    return Q(state=Deal.State.OPEN, amount__isnull=False) & (begins | (dayless & late))


def _days_ahead(funnel: Funnel) -> dict[int, float]:
    """By stage in use: days until the end of the funnel by the norms of it and of those after it."""
    ahead: dict[int, float] = {}
    days = 0.0
    for stage in funnel.stages.filter(is_active=True).order_by("-position", "-id"):
        days += float(stage.norm_days)
        ahead[stage.pk] = days
    return ahead


def _first_moment(today: date) -> datetime:
    return datetime(today.year, today.month, 1, tzinfo=timezone.get_current_timezone())


def _months(today: date, count: int) -> list[date]:
    first = today.year * 12 + today.month - 1
    return [date((first + step) // 12, (first + step) % 12 + 1, 1) for step in range(count)]
