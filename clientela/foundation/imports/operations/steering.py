"""Asking for the long work: check, bring in, pause, go on, undo."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import record
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.imports.operations.doors import ensure
from clientela.foundation.jobs import operations as jobs
from clientela.foundation.jobs.models import Job

CHECK, RUN, UNDO = "imports.check", "imports.run", "imports.undo"
UNDO_DAYS = 14
State = ImportRun.State
UNDOABLE: set[str] = {State.RUNNING, State.DONE, State.FAILED}


class NotNow(Exception):
    """The import is not in a state in which this can be asked for."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def _move(run: ImportRun, allowed: set[str], to: str, **values: Any) -> None:
    """Change the state under everybody's eyes: of two who ask at once one gets ``NotNow``."""
    if not ImportRun.objects.filter(pk=run.pk, state__in=allowed).update(state=to, **values):
        raise NotNow(ImportRun.objects.values_list("state", flat=True).get(pk=run.pk))
    run.refresh_from_db()


def _enqueue(run: ImportRun, kind: str, title: str, *, actor: Any, now: datetime, **args: Any) -> Job:
    job = jobs.enqueue(
        kind=kind, title=title[:200], now=now, args={"run": run.pk, **args}, actor=actor, total=run.rows
    )
    assert job is not None
    ImportRun.objects.filter(pk=run.pk).update(job=job)
    run.job = job
    return job


@transaction.atomic
def request_check(*, actor: Any, now: datetime, run: ImportRun, **args: Any) -> Job:
    """Queue a rehearsal: everything but the writing. Raises ``NotNow``."""
    ensure(actor)
    allowed: set[str] = {State.MAPPING, State.CHECKED}
    if run.job is None or not run.job.is_open:
        allowed.add(State.CHECKING)
    _move(run, allowed, State.CHECKING, check_result={})
    return _enqueue(
        run, CHECK, _("Check of %(file)s") % {"file": run.file_name}, actor=actor, now=now, **args
    )


@transaction.atomic
def request_run(*, actor: Any, now: datetime, run: ImportRun, **args: Any) -> Job:
    """Queue the import itself. It may be asked for without a check. Raises ``NotNow``."""
    ensure(actor)
    _move(
        run, {State.MAPPING, State.CHECKED}, State.RUNNING,
        started_at=now, undo_until=now + timedelta(days=UNDO_DAYS),
    )  # fmt: skip
    record(actor=actor, now=now, action="import.requested", obj=run)
    return _enqueue(run, RUN, _("Import of %(file)s") % {"file": run.file_name}, actor=actor, now=now, **args)


@transaction.atomic
def request_undo(*, actor: Any, now: datetime, run: ImportRun) -> Job:
    """Queue the undo of the whole import; one that is still running is stopped first. Raises ``NotNow``.

    What brought in mended rows of it goes first: those rows may be about what the import itself made.
    """
    ensure(actor)
    if run.state == State.DONE and run.undo_until is not None and now > run.undo_until:
        raise NotNow(run.state)
    parts = run.mended_by.filter(state__in=UNDOABLE).order_by("-id")
    before = [request_undo(actor=actor, now=now, run=part).pk for part in parts]
    running = run.job if run.state == State.RUNNING else None
    _move(run, UNDOABLE, State.UNDOING)
    if running is not None:
        jobs.ask(running, "cancel")
        before.append(running.pk)
    record(actor=actor, now=now, action="import.undo_requested", obj=run)
    title = _("Undo of %(file)s") % {"file": run.file_name}
    return _enqueue(run, UNDO, title, actor=actor, now=now, after=before)


def pause_run(*, actor: Any, now: datetime, run: ImportRun) -> None:
    """Stop after the present chunk; ``resume_run`` goes on from there."""
    ensure(actor)
    if run.state != State.RUNNING or run.job is None or not run.job.is_open:
        raise NotNow(run.state)
    jobs.ask(run.job, "pause")


def resume_run(*, actor: Any, now: datetime, run: ImportRun) -> None:
    """Go on with a paused or failed import, check or undo."""
    ensure(actor)
    if run.job is None or not jobs.resume(run.job, now=now):
        raise NotNow(run.state)
