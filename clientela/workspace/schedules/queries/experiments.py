"""Experiments of a schedule as the screen lists them."""

from clientela.modules.renewals.models import Experiment, Schedule, ScheduleVersion
from clientela.workspace.schedules.queries.versions import Versions


def experiments_of(schedule: Schedule) -> list[Experiment]:
    """All of them with their versions and people, the newest first."""
    rows = schedule.experiments.select_related("control", "candidate", "created_by", "ended_by")
    return list(rows)


def open_experiment(schedule: Schedule) -> Experiment | None:
    """The one that is not ended."""
    rows = schedule.experiments.select_related("control", "candidate")
    return rows.filter(ended_from__isnull=True).first()


def candidates(versions: Versions) -> list[ScheduleVersion]:
    """Versions that may stand against the one in force: the draft first, then the former ones."""
    return [version for version in (versions.draft, *versions.past) if version is not None]
