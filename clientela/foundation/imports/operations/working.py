"""The jobs: a rehearsal, and the import itself."""

import time
from datetime import datetime
from typing import Any

import polars as pl
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from clientela.foundation.audit.operations import record
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.imports.operations.errors import build_error_file
from clientela.foundation.imports.operations.preview import Preview
from clientela.foundation.imports.pipeline import Pipeline, Tally, all_problems
from clientela.foundation.imports.store import Rehearsal, open_store
from clientela.foundation.imports.store.base import RowsGone
from clientela.foundation.imports.targets import written_models
from clientela.foundation.jobs.operations import Run

# How often a chunk is done again when somebody else wrote the same rows at the same moment.
TRIES = 4
# An import of so many rows may make a table another one than the database's planner knows; again at each doubling.
ANALYZE_FROM = 10_000


def check(job: Run) -> dict[str, Any]:
    """Do everything but the writing, and keep what would happen. A restart begins anew."""
    run = ImportRun.objects.select_related("created_by").get(id=job.args["run"])
    now, begun = timezone.now(), time.monotonic()
    pipeline = Pipeline(run, now=now, size=job.args.get("chunk"))
    pipeline.forget()
    store, tally, preview = Rehearsal(open_store()), Tally(), Preview(pipeline.target)
    for raw, chunk in pipeline.chunks(0):
        job.check()
        with store.chunk():
            outcome = pipeline.session.apply(
                chunk.frame, chunk.ready, store, detail=preview.wants(tally.offset)
            )
        problems = all_problems(chunk, outcome, raw)
        pipeline.keep_refused(raw, problems, tally)
        pipeline.keep_errors(problems, tally)
        preview.look(raw, chunk, outcome, problems, pipeline.definition)
        tally.add(chunk, outcome, problems)
        job.progress(done=tally.done, parts=tally.rows, force=False)
    result = {
        **tally.as_counts(), "seconds": round(time.monotonic() - begun, 1), "rows_shown": preview.rows,
        "tidied": preview.tidied, "checked_at": timezone.now().isoformat(),
    }  # fmt: skip
    ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.CHECKING).update(
        state=ImportRun.State.CHECKED, check_result=result
    )
    job.progress(done=tally.done, parts=tally.rows)
    return {"rows": tally.rows}


def bring_in(job: Run) -> dict[str, Any]:
    """Merge the file. Every chunk is one transaction with its checkpoint, so a restart goes on exactly there."""
    run = ImportRun.objects.select_related("created_by").get(id=job.args["run"])
    if run.state != ImportRun.State.RUNNING:
        return {"skipped": run.state}
    begun = run.started_at or timezone.now()
    pipeline = Pipeline(run, now=begun, size=job.args.get("chunk"))
    tally = Tally.of(job.checkpoint)
    if not tally.offset:
        pipeline.forget()
    store, analyzed = open_store(), 0
    for raw, chunk in pipeline.chunks(tally.offset):
        job.check()
        tally = _write(job, run, pipeline, store, raw, chunk, tally)
        if tally.done >= max(2 * analyzed, ANALYZE_FROM):
            store.analyze(written_models(pipeline.target), tally.done)
            analyzed = tally.done
    _finish(job, run, pipeline, tally)
    return {"rows": tally.rows, "counts": tally.counts}


def _write(
    job: Run, run: ImportRun, pipeline: Pipeline, store: Any, raw: pl.DataFrame, chunk: Any, tally: Tally
) -> Tally:
    for attempt in range(1, TRIES + 1):
        after = Tally.of(tally.checkpoint())
        try:
            with store.chunk():
                outcome = pipeline.session.apply(chunk.frame, chunk.ready, store)
                problems = all_problems(chunk, outcome, raw)
                pipeline.keep_refused(raw, problems, after)
                pipeline.keep_errors(problems, after)
                pipeline.keep_touched(outcome.touched, after)
                after.add(chunk, outcome, problems)
                ImportRun.objects.filter(pk=run.pk).update(counts=after.as_counts())
                job.progress(done=after.done, parts=after.rows, checkpoint=after.checkpoint())
            return after
        except (IntegrityError, RowsGone, OperationalError):
            if attempt == TRIES:
                raise
            time.sleep(0.2 * attempt)
    raise AssertionError("unreachable")


def _finish(job: Run, run: ImportRun, pipeline: Pipeline, tally: Tally) -> None:
    """The end is one fact: done, counted, told. What goes before it may be done twice."""
    now = timezone.now()
    pipeline.target.settle(run, pipeline.touched(), now=now, tick=lambda: job.progress(force=False))
    build_error_file(run)
    with transaction.atomic():
        ended = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.RUNNING).update(
            state=ImportRun.State.DONE,
            finished_at=now,
            counts=tally.as_counts(),
            errors_file=run.errors_file.name,
        )
        if not ended:
            return
        run.refresh_from_db()
        pipeline.target.finished(run, now=now)
        _journal(run, now)
        job.progress(done=tally.done, parts=tally.rows, checkpoint=tally.checkpoint())


def _journal(run: ImportRun, now: datetime) -> None:
    counts = {name: [0, number] for name, number in run.counts.items() if isinstance(number, int) and number}
    record(actor=run.created_by, now=now, action="import.done", obj=run, changes=counts)
