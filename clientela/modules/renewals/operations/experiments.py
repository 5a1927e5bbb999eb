"""Experiments: setting two versions of a schedule against each other, and choosing one of them."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.modules.renewals.events import ScheduleChanged
from clientela.modules.renewals.experiments import differing
from clientela.modules.renewals.models import Experiment, Schedule, ScheduleVersion
from clientela.modules.renewals.operations.schedules import allowed, copy_version, put_in_force, too_early
from clientela.modules.renewals.operations.terms import HORIZON_DAYS
from clientela.modules.renewals.queries.planning import first_free_day, versions_in_force
from clientela.modules.renewals.queries.texts import unfilled

LONGEST_AHEAD = 366
Winner = Experiment.Winner


class BadExperiment(ValueError):
    """A value with which an experiment cannot be started or ended; ``field`` names it."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.field = field


class ExperimentEnded(ValueError):
    """An experiment is ended once."""

    def __init__(self) -> None:
        super().__init__(str(_("This experiment has been ended already.")))


@transaction.atomic
def start_experiment(
    *,
    actor: Any,
    now: datetime,
    version: ScheduleVersion,
    first_day: date,
    last_day: date | None = None,
    share: int = 50,
) -> Experiment:
    """Set ``version`` as B against the version in force on ``first_day``, for ``share`` percent of the clients.

    A draft goes on trial itself, any other version as a copy. From then on it is not edited.
    """
    allowed(actor)
    schedule = Schedule.objects.select_for_update().get(pk=version.schedule_id)
    version = ScheduleVersion.objects.select_for_update().get(pk=version.pk)
    _check_days(schedule, first_day, last_day, today=local_today(settings.TIME_ZONE, now))
    if not 1 <= share <= 99:
        raise BadExperiment("share", _("Give the share of version B as a percent from 1 to 99."))
    control = versions_in_force(first_day).filter(schedule=schedule).first()
    lead = _lead(control, version)
    assert control is not None
    is_draft = version.state == ScheduleVersion.State.DRAFT
    candidate = version if is_draft else copy_version(actor=actor, now=now, version=version)
    candidate.state, candidate.active_from = ScheduleVersion.State.TRIAL, first_day
    candidate.save(update_fields=["state", "active_from"])
    made = Experiment.objects.create(
        schedule=schedule, control=control, candidate=candidate, share=share, first_day=first_day, last_day=last_day,
        lead_days=lead, created_by=actor, created_at=now,
    )  # fmt: skip
    record(
        actor=actor, now=now, action="schedule.experiment", obj=made, object_name=str(made),
        changes={"share": [None, share], "first_day": [None, first_day], "last_day": [None, last_day]},
    )  # fmt: skip
    publish(ScheduleChanged(schedule_id=schedule.pk), now=now)
    return made


def _check_days(schedule: Schedule, first_day: date, last_day: date | None, *, today: date) -> None:
    free = first_free_day(today)
    if first_day < free:
        raise BadExperiment("first_day", too_early(free))
    if first_day > today + timedelta(days=LONGEST_AHEAD):
        raise BadExperiment("first_day", _("Choose a day within a year."))
    if last_day is not None and last_day < first_day:
        raise BadExperiment("last_day", _("The last day is not before the first."))
    if last_day is not None and last_day > first_day + timedelta(days=LONGEST_AHEAD):
        raise BadExperiment("last_day", _("An experiment lasts a year at most."))
    newest = schedule.experiments.first()
    if newest is not None and newest.ended_from is None:
        raise BadExperiment("first_day", _("An experiment is under way: end it first."))
    if newest is not None and newest.ended_from is not None and first_day < newest.ended_from:
        raise BadExperiment(
            "first_day",
            _("The experiment before runs until %(day)s: choose this day or a later one.")
            % {"day": f"{newest.ended_from:%d.%m.%Y}"},
        )
    coming = schedule.versions.filter(state=ScheduleVersion.State.ACTIVE, active_from__gt=first_day).first()
    if coming is not None:
        raise BadExperiment(
            "first_day",
            _("Version %(n)s comes into force later: take it out, or begin after it.") % {"n": coming.number},
        )


def _lead(control: ScheduleVersion | None, version: ScheduleVersion) -> int:
    """How many days before the end the versions first differ; no term is known earlier than the horizon."""
    if control is None:
        raise BadExperiment("version", _("No version is in force on that day: start one first."))
    if control.pk == version.pk:
        raise BadExperiment("version", _("This version is in force itself: choose another one."))
    one, other = list(control.steps.all()), list(version.steps.all())
    if not other:
        raise BadExperiment("version", _("A version needs at least one step."))
    for step, why in unfilled(other):
        raise BadExperiment("version", f"{step.name}: {why}")
    keys = differing(one, other)
    if not keys:
        raise BadExperiment(
            "version",
            _("A client could not tell it from version %(n)s: there is nothing to compare.")
            % {"n": control.number},
        )
    return min(HORIZON_DAYS, max(step.day for step in (*one, *other) if step.key in keys))


@transaction.atomic
def end_experiment(
    *,
    actor: Any,
    now: datetime,
    experiment: Experiment,
    winner: str,
    reason: str,
    from_day: date | None = None,
) -> Experiment:
    """Let everybody go by one version from a day that is not planned yet, at once or before the experiment is over.

    Touches planned already stay. With B the version comes into force; with A version B is put away.
    """
    allowed(actor)
    locked = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if locked.ended_from is not None:
        raise ExperimentEnded
    today = local_today(settings.TIME_ZONE, now)
    free = first_free_day(today)
    day = from_day or free
    if winner not in Winner.values:
        raise BadExperiment("winner", _("Choose the version that stays."))
    if not reason.strip():
        raise BadExperiment("reason", _("Write why: whoever looks back will want to know."))
    if len(reason) > 500:
        raise BadExperiment("reason", _("Write at most 500 characters."))
    if day < free:
        raise BadExperiment("from_day", too_early(free))
    if day > today + timedelta(days=LONGEST_AHEAD):
        raise BadExperiment("from_day", _("Choose a day within a year."))
    locked.ended_from, locked.winner, locked.reason = day, winner, reason.strip()
    locked.ended_by, locked.ended_at = actor, now
    locked.save(update_fields=["ended_from", "winner", "reason", "ended_by", "ended_at"])
    if winner == Winner.B:
        put_in_force(actor=actor, now=now, version=locked.candidate, active_from=day)
    else:
        ScheduleVersion.objects.filter(pk=locked.candidate_id).update(state=ScheduleVersion.State.RETIRED)
    record(
        actor=actor, now=now, action="schedule.experiment_ended", obj=locked, object_name=str(locked),
        changes={"winner": [None, winner], "ended_from": [None, day]}, reason=locked.reason,
    )  # fmt: skip
    publish(ScheduleChanged(schedule_id=locked.schedule_id), now=now)
    return locked
