"""Editing schedules: drafts, steps, putting a version in force."""

from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.rules import Permission
from clientela.modules.contacts.models import PLANNED, WRITTEN, Channel
from clientela.modules.contacts.rules import TextError
from clientela.modules.renewals.events import ScheduleChanged
from clientela.modules.renewals.models import Schedule, ScheduleVersion, Step
from clientela.modules.renewals.queries.planning import first_free_day
from clientela.modules.renewals.queries.texts import check_variables, unfilled
from clientela.modules.renewals.rules import check_conditions

MAX_DAY = 365
STEP_FIELDS = (
    "key", "name", "day", "until_day", "channel", "at_time", "conditions", "subject", "text", "text_en",
    "subject_en", "position",
)  # fmt: skip
TEXTS = ("subject", "text", "subject_en", "text_en")


class VersionInForce(ValueError):
    """A version that clients get or got is never edited; make a draft from it."""

    def __init__(self, state: str = ScheduleVersion.State.ACTIVE) -> None:
        if state == ScheduleVersion.State.TRIAL:
            super().__init__(str(_("This version is in an experiment. Make a draft to change it.")))
        else:
            super().__init__(str(_("This version is in force. Make a draft to change it.")))


class BadStep(ValueError):
    """A step with a wrong value; ``field`` names it."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.field = field


class BadStart(ValueError):
    """A version starts after every day that is planned, and needs steps whose texts can be filled."""

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))


def allowed(actor: Any) -> None:
    """Raise ``PermissionDenied`` for who may not change schedules."""
    if not actor.can(Permission.SCHEDULES_WRITE):
        raise PermissionDenied


def too_early(free: date) -> str:
    return str(
        _("The days before %(day)s are planned already: choose this day or a later one.")
        % {"day": f"{free:%d.%m.%Y}"}
    )


def _draft(version: ScheduleVersion) -> ScheduleVersion:
    locked = ScheduleVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != ScheduleVersion.State.DRAFT:
        raise VersionInForce(locked.state)
    return locked


@transaction.atomic
def create_schedule(
    *, actor: Any, now: datetime, code: str, name: str, description: str = ""
) -> ScheduleVersion:
    """A new schedule with an empty first draft."""
    allowed(actor)
    schedule = Schedule.objects.create(code=code, name=name, description=description)
    version = ScheduleVersion.objects.create(schedule=schedule, number=1, created_by=actor, created_at=now)
    record(actor=actor, now=now, action="schedule.create", obj=schedule)
    return version


@transaction.atomic
def make_draft(*, actor: Any, now: datetime, version: ScheduleVersion) -> ScheduleVersion:
    """Copy a version into the schedule's draft; the existing draft is given back if there is one."""
    allowed(actor)
    schedule = Schedule.objects.select_for_update().get(pk=version.schedule_id)
    existing = schedule.versions.filter(state=ScheduleVersion.State.DRAFT).first()
    if existing:
        return existing
    return copy_version(actor=actor, now=now, version=version)


def copy_version(*, actor: Any, now: datetime, version: ScheduleVersion) -> ScheduleVersion:
    """A new draft with the same steps, whatever drafts there are. The schedule is locked by the caller."""
    schedule = version.schedule
    number = (schedule.versions.aggregate(n=Max("number"))["n"] or 0) + 1
    draft = ScheduleVersion.objects.create(schedule=schedule, number=number, created_by=actor, created_at=now)
    Step.objects.bulk_create(
        Step(version=draft, **{field: getattr(step, field) for field in STEP_FIELDS})
        for step in version.steps.all()
    )
    record(
        actor=actor, now=now, action="schedule.draft", obj=draft, object_name=f"{schedule} {number}",
        changes={"from": [None, version.number]},
    )  # fmt: skip
    return draft


@transaction.atomic
def save_step(
    *, actor: Any, now: datetime, version: ScheduleVersion, step: Step | None = None, **values: Any
) -> Step:
    """Add a step to a draft or change one. Unknown fields and values outside their range raise ``BadStep``."""
    allowed(actor)
    draft = _draft(version)
    step = draft.steps.select_for_update().get(pk=step.pk) if step else Step(version=draft)
    before = {field: getattr(step, field) for field in STEP_FIELDS} if step.pk else {}
    for field, value in values.items():
        if field not in STEP_FIELDS:
            raise BadStep(field, _("A step has no such field."))
        setattr(step, field, value)
    _check(step)
    if not step.key:
        step.key = _free_key(draft, step)
    step.save()
    after = {field: getattr(step, field) for field in STEP_FIELDS}
    record(
        actor=actor, now=now, action="schedule.step", obj=step, object_name=f"{draft.schedule} {draft.number}: {step.name}",
        changes={field: [before.get(field), after[field]] for field in STEP_FIELDS if before.get(field) != after[field]},
    )  # fmt: skip
    return step


def _check(step: Step) -> None:
    if not step.name:
        raise BadStep("name", _("Give the step a name."))
    if step.channel not in PLANNED:
        raise BadStep("channel", _("Choose a channel."))
    if not isinstance(step.day, int) or not 0 <= step.day <= MAX_DAY:
        raise BadStep("day", _("Give the day as a number from 0 to 365."))
    if step.until_day is not None and not 0 <= step.until_day <= step.day:
        raise BadStep("until_day", _("The last day of a period is not before its first day."))
    if not isinstance(step.at_time, time):
        raise BadStep("at_time", _("Give the time as hours and minutes."))
    if step.channel in WRITTEN and not step.text:
        raise BadStep("text", _("Write the text that the client gets."))
    if step.channel == Channel.EMAIL and not step.subject:
        raise BadStep("subject", _("A letter needs a subject."))
    for name in TEXTS:
        try:
            check_variables(getattr(step, name))
        except TextError as error:
            raise BadStep(name, error) from None
    check_conditions(step.conditions)


def _free_key(draft: ScheduleVersion, step: Step) -> str:
    taken = set(Step.objects.filter(version__schedule=draft.schedule).values_list("key", flat=True))
    base, number = f"step-{step.day}-{step.channel}", 1
    while (key := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return key


@transaction.atomic
def delete_step(*, actor: Any, now: datetime, step: Step) -> dict[str, Any]:
    """Remove a step from a draft; the returned values given to ``save_step`` bring it back."""
    allowed(actor)
    draft = _draft(step.version)
    values = {field: getattr(step, field) for field in STEP_FIELDS}
    record(
        actor=actor,
        now=now,
        action="schedule.step_deleted",
        obj=step,
        object_name=f"{draft.schedule}: {step.name}",
    )
    step.delete()
    return values


@transaction.atomic
def activate(*, actor: Any, now: datetime, version: ScheduleVersion, active_from: date) -> ScheduleVersion:
    """Put a draft in force from a day after today and after every planned day. What is planned stays as it is."""
    allowed(actor)
    draft = _draft(version)
    free = first_free_day(local_today(settings.TIME_ZONE, now))
    if active_from < free:
        raise BadStart(too_early(free))
    if not draft.steps.exists():
        raise BadStart(_("A version needs at least one step."))
    for step, why in unfilled(draft.steps.all()):
        raise BadStart(f"{step.name}: {why}")
    going_on = Q(ended_from__isnull=True) | Q(ended_from__gt=active_from)
    if draft.schedule.experiments.filter(going_on).exists():
        raise BadStart(_("An experiment is under way: end it first, or choose its version there."))
    return put_in_force(actor=actor, now=now, version=draft, active_from=active_from)


def put_in_force(
    *, actor: Any, now: datetime, version: ScheduleVersion, active_from: date
) -> ScheduleVersion:
    """Write down that a version is in force from a day on; the checks are the caller's."""
    version.state, version.active_from, version.activated_by = (
        ScheduleVersion.State.ACTIVE, active_from, actor,
    )  # fmt: skip
    version.save(update_fields=["state", "active_from", "activated_by"])
    record(
        actor=actor, now=now, action="schedule.activate", obj=version, object_name=f"{version.schedule} {version.number}",
        changes={"active_from": [None, active_from]},
    )  # fmt: skip
    publish(ScheduleChanged(schedule_id=version.schedule_id), now=now)
    return version


@transaction.atomic
def retire(*, actor: Any, now: datetime, version: ScheduleVersion) -> ScheduleVersion:
    """Take a version out before its day; the one before it stays in force."""
    allowed(actor)
    locked = ScheduleVersion.objects.select_for_update().get(pk=version.pk)
    is_active = locked.state == ScheduleVersion.State.ACTIVE
    today = local_today(settings.TIME_ZONE, now)
    if not is_active or locked.active_from is None or locked.active_from <= today:
        raise VersionInForce(locked.state)
    locked.state = ScheduleVersion.State.RETIRED
    locked.save(update_fields=["state"])
    record(
        actor=actor,
        now=now,
        action="schedule.retire",
        obj=locked,
        object_name=f"{locked.schedule} {locked.number}",
    )
    publish(ScheduleChanged(schedule_id=locked.schedule_id), now=now)
    return locked
