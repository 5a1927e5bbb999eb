"""Reads of schedules and their versions: which is in force, on trial, comes, is a draft."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch, QuerySet

from clientela.modules.renewals.models import Schedule, ScheduleVersion, Step
from clientela.modules.renewals.queries.planning import versions_in_force

IN_FORCE, TRIAL, COMING, DRAFT, PAST = "in_force", "trial", "coming", "draft", "past"


@dataclass(frozen=True)
class Versions:
    """The versions of one schedule by what they are today; ``past`` holds former and withdrawn ones, newest first."""

    schedule: Schedule
    in_force: ScheduleVersion | None = None
    trial: ScheduleVersion | None = None
    coming: ScheduleVersion | None = None
    draft: ScheduleVersion | None = None
    past: list[ScheduleVersion] = field(default_factory=list)

    def kind(self, version: ScheduleVersion) -> str:
        """What a version is today: ``in_force``, ``trial``, ``coming``, ``draft`` or ``past``."""
        for name in (IN_FORCE, TRIAL, COMING, DRAFT):
            known = getattr(self, name)
            if known is not None and known.pk == version.pk:
                return name
        return PAST

    def get(self, number: int) -> ScheduleVersion | None:
        known = (self.in_force, self.trial, self.coming, self.draft, *self.past)
        return next((v for v in known if v is not None and v.number == number), None)

    def base_of(self, version: ScheduleVersion) -> ScheduleVersion | None:
        """What a version is compared with: the one in force, for that itself and the past the one before it."""
        if self.kind(version) in (DRAFT, COMING, TRIAL) and self.in_force is not None:
            return self.in_force
        return next((v for v in self.past if v.number < version.number), None)

    @property
    def shown(self) -> ScheduleVersion | None:
        """The version that opens by itself: the draft in work, else the one in force, else the newest."""
        return self.draft or self.in_force or self.coming or next(iter(self.past), None)


def schedules(today: date) -> list[Versions]:
    """Every schedule with its versions and their steps, in four statements."""
    rows = Schedule.objects.prefetch_related(Prefetch("versions", queryset=_versions()))
    in_force = set(versions_in_force(today).values_list("id", flat=True))
    return [_sorted(schedule, in_force, today) for schedule in rows]


def versions_of(schedule: Schedule, today: date) -> Versions:
    """The versions of one schedule, with the steps of all."""
    schedule = Schedule.objects.prefetch_related(Prefetch("versions", queryset=_versions())).get(
        pk=schedule.pk
    )
    in_force = set(versions_in_force(today).filter(schedule=schedule).values_list("id", flat=True))
    return _sorted(schedule, in_force, today)


def _versions() -> "QuerySet[ScheduleVersion]":
    return (
        ScheduleVersion.objects.select_related("created_by", "activated_by")
        .prefetch_related("steps")
        .order_by("-number")
    )


def _sorted(schedule: Schedule, in_force: set[int], today: date) -> Versions:
    State = ScheduleVersion.State
    current = trial = coming = draft = None
    past = []
    for version in schedule.versions.all():
        version.schedule = schedule
        for step in version.steps.all():
            step.version = version
        if version.pk in in_force:
            current = version
        elif version.state == State.TRIAL:
            trial = version
        elif version.state == State.DRAFT and draft is None:
            draft = version
        elif (
            version.state == State.ACTIVE
            and version.active_from
            and version.active_from > today
            and coming is None
        ):
            coming = version
        else:
            past.append(version)
    return Versions(schedule, current, trial, coming, draft, past)


def steps_of(version: ScheduleVersion) -> list[Step]:
    """The loaded steps of a version, first the earliest day."""
    return list(version.steps.all())
