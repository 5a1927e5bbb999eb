"""The plan as sets: which terms a step meets on a day, and what holds each back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from clientela.foundation.dates import local_moment
from clientela.modules.renewals import rules
from clientela.modules.renewals.models import PlanDay, Renewal, ScheduleVersion, Step
from clientela.modules.renewals.queries.splits import on_trial, split, taken_by
from clientela.modules.renewals.rules import Condition, Reason, StepSpec


def spec(step: Step) -> StepSpec:
    """The step as the rules see it; its key is unique over all schedules."""
    return StepSpec(
        key=f"{step.version.schedule.code}.{step.key}",
        day=step.day,
        until_day=step.until_day,
        channel=step.channel,
        conditions=tuple(step.conditions),
        arm=step.arm,
    )


def versions_in_force(day: date) -> "QuerySet[ScheduleVersion]":
    """For each schedule the active version with the latest start that is not after ``day``."""
    return ScheduleVersion.objects.filter(id__in=_in_force(day))


def _in_force(day: date) -> set[int]:
    newest = (
        ScheduleVersion.objects.filter(state=ScheduleVersion.State.ACTIVE, active_from__lte=day)
        .order_by("schedule_id", "-active_from", "-number")
        .values_list("schedule_id", "id")
    )
    chosen: dict[int, int] = {}
    for schedule, version in newest:
        chosen.setdefault(schedule, version)
    return set(chosen.values())


def steps_in_force(day: date) -> list[Step]:
    """Steps of the versions in force, first the earliest day, and those that an experiment sets beside them."""
    in_force = _in_force(day)
    steps = Step.objects.filter(Q(version__in=in_force) | on_trial(day))
    return split(steps.select_related("version__schedule", "version__trial"), in_force=in_force, day=day)


def first_free_day(today: date) -> date:
    """The earliest day on which another version can begin: after today and after every day that is planned."""
    planned = PlanDay.objects.order_by("-day").values_list("day", flat=True).first()
    return max(today, planned or today) + timedelta(days=1)


def audience(step: StepSpec) -> Q:
    """Filter for the terms a step is for (``rules.is_audience`` as a set)."""
    chosen = taken_by(step.arm) if step.arm else Q()
    for condition in step.conditions:
        value = condition.get("value")
        match condition["code"]:
            case Condition.LINE_IN:
                chosen &= Q(line__in=value)
            case Condition.PRODUCT_IN:
                chosen &= Q(product__code__in=value)
            case Condition.BANK_IN:
                chosen &= Q(bank__code__in=value)
            case Condition.BANK_NOT_IN:
                chosen &= Q(bank__isnull=True) | ~Q(bank__code__in=value)
            case Condition.FIRST_RENEWAL_YEAR:
                chosen &= Q(renewal_year=1)
            case Condition.LATER_RENEWAL_YEAR:
                chosen &= Q(renewal_year__gt=1)
            case Condition.CENTRE_SUPPORTED:
                chosen &= Q(centre__isnull=False)
            case Condition.CENTRE_NOT_SUPPORTED:
                chosen &= Q(centre__isnull=True)
    return chosen


def reason_case(step: StepSpec, *, today: date) -> Case:
    """Expression: the first reason that holds the step back, or '' (``rules.stop_reason`` as a set)."""
    whens = [
        When(paid_at__isnull=False, then=Value(Reason.PAID.value)),
        When(state=Renewal.State.LOST, then=Value(Reason.LOST.value)),
        When(object_sold=True, then=Value(Reason.OBJECT_SOLD.value)),
        When(in_dispute=True, then=Value(Reason.IN_DISPUTE.value)),
        When(do_not_contact=True, then=Value(Reason.DO_NOT_CONTACT.value)),
        When(held_until__gte=today, then=Value(Reason.HELD.value)),
    ]
    flags = {
        Condition.NO_PROJECT: ("has_project", Reason.HAS_PROJECT),
        Condition.NO_QUOTE: ("has_quote", Reason.HAS_QUOTE),
        Condition.AGENT_BELOW_NORM: ("norm_kept", Reason.NORM_KEPT),
    }
    for code, (field, reason) in flags.items():
        if step.value_of(code) is not None:
            whens.append(When(**{field: True}, then=Value(reason.value)))
    signals = {
        Condition.NOT_OPENED_SINCE: ("last_opened_at", Reason.OPENED),
        Condition.NOT_CLICKED_SINCE: ("last_clicked_at", Reason.CLICKED),
        Condition.NOT_REPLIED_SINCE: ("last_replied_at", Reason.REPLIED),
    }
    for code, (field, reason) in signals.items():
        if (days := step.value_of(code)) is not None:
            whens.append(
                When(
                    **{f"{field}__date__gte": F("end_date") - timedelta(days=days)},
                    then=Value(reason.value),
                )
            )
    whens.append(When(Q(reached=0), then=Value(Reason.NO_CHANNEL.value)))
    return Case(*whens, default=Value(""))


@dataclass(frozen=True)
class Slice:
    """The terms that one step meets in the planned days."""

    step: Step
    spec: StepSpec
    terms: "QuerySet[Any]"


def slices(steps: Iterable[Step], *, first: date, last: date, newer_than: int = 0) -> list[Slice]:
    """For each step the terms it meets between the days ``first`` and ``last`` (as if planned on ``last``).

    A period meets a term on the day the term enters it. Inside the period it takes in only terms newer than the id
    ``newer_than``, unless the version came into force in these days: who was there before is planned already.
    Rows carry ``reason`` and ``moment``: when the touch is due, at the step's time in the client's zone.
    """
    met = [(step, _met(step, first=first, last=last, newer_than=newer_than)) for step in steps]
    zones = _zones([terms for _, terms in met])
    result = []
    for step, terms in met:
        known = spec(step)
        rows = (
            Renewal.objects.filter(terms)
            .filter(audience(known))
            .annotate(reached=F("reach").bitand(rules.REACH_BITS[step.channel]))
            .annotate(reason=reason_case(known, today=last), moment=_moments(last, step, zones))
        )
        result.append(Slice(step, known, rows))
    return result


def _met(step: Step, *, first: date, last: date, newer_than: int) -> Q:
    enters = Q(end_date__gte=first + timedelta(days=step.day), end_date__lte=last + timedelta(days=step.day))
    if step.until_day is None:
        return enters
    inside = Q(
        end_date__gte=last + timedelta(days=step.until_day), end_date__lte=last + timedelta(days=step.day)
    )
    started = began(step)
    return enters | (inside if started and started >= first else inside & Q(id__gt=newer_than))


def began(step: Step) -> date | None:
    """Since when the step is in force for terms that are under way; None in an experiment, which takes in none."""
    if step.arm is not None and step.arm.gets_b:
        return None
    return max(filter(None, (step.version.active_from, step.anew)), default=None)


def _zones(met: list[Q]) -> list[str]:
    """Time zones of the clients met, read from the rows that are met and no others."""
    found: set[str] = set()
    for terms in {str(q): q for q in met}.values():
        found.update(Renewal.objects.filter(terms).values_list("time_zone", flat=True).distinct())
    return sorted(found)


def _moments(day: date, step: Step, zones: list[str]) -> Any:
    at: dict[datetime, list[str]] = {}
    for zone in zones:
        at.setdefault(local_moment(day, step.at_time, zone), []).append(zone)
    if not at:
        return Value(local_moment(day, step.at_time, "UTC"), output_field=DateTimeField())
    latest = max(at)
    return Case(
        *[
            When(time_zone__in=names, then=Value(moment, output_field=DateTimeField()))
            for moment, names in sorted(at.items())
        ],
        default=Cast(Value(latest, output_field=DateTimeField()), DateTimeField()),
        output_field=DateTimeField(),
    )


@dataclass(frozen=True)
class StepForecast:
    """What one step would do on a day: touches that go, and terms held back by reason."""

    step: Step
    going: int
    held: dict[str, int]


def forecast(steps: Iterable[Step], *, day: date) -> list[StepForecast]:
    """Count a day's plan on the real portfolio without planning it; one statement a step."""
    result = []
    for part in slices(steps, first=day, last=day):
        done = part.terms.filter(touches__step_key=part.spec.key, touches__term_end=F("end_date"))
        rows = (
            part.terms.exclude(id__in=done.values("id"))
            .values_list("reason")
            .annotate(n=Count("id"))
            .order_by()
        )
        counts: dict[str, int] = dict(rows)
        going = counts.pop("", 0)
        result.append(StepForecast(part.step, going, counts))
    return result
