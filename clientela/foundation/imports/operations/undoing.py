"""Undo: put back what was changed, remove what was made, and tell what had to stay and why.

A row stays when something points at it that is neither its part nor of this import, or when people have worked on it
since. Changed values go back only where they still are what the import wrote.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connection, models, transaction
from django.utils import timezone

from clientela.foundation.audit.operations import record
from clientela.foundation.imports.models import Change, ImportRun
from clientela.foundation.imports.operations.restoring import BATCH, restore, tell_all
from clientela.foundation.imports.store import Store, open_store
from clientela.foundation.imports.store.base import table_of
from clientela.foundation.imports.targets import Disposable, UndoStep, disposables, get_target
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run


def undo(job: Run) -> dict[str, Any]:
    """The job. Every batch is one transaction with its checkpoint."""
    run = ImportRun.objects.select_related("created_by").get(id=job.args["run"])
    if run.state != ImportRun.State.UNDOING:
        return {"skipped": run.state}
    for other in job.args.get("after", ()):
        _wait_for(job, other)
    store, target = open_store(), get_target(run.target)
    report = job.checkpoint.get("report") or {"deleted": {}, "kept": {}, "restored": 0, "left": 0, "rows": []}
    _remember_touched(run, target)
    step, last = job.checkpoint.get("step", 0), job.checkpoint.get("last", 0)
    total = _count(run, target.undo_steps)
    job.progress(total=total)
    if step == 0:
        restore(job, run, store, report)
        step, last = 1, 0
    for index, undo_step in enumerate(target.undo_steps, 1):
        if index < step:
            continue
        start = last if index == step else 0
        _remove(job, run, store, undo_step, index, start, report)
    _finish(job, run, target, report)
    return report


def _touched_path(run: ImportRun) -> Path:
    return run.folder / "touched" / "undo.parquet"


def _remember_touched(run: ImportRun, target: Any) -> None:
    """Before anything is taken away: later nobody could tell."""
    path = _touched_path(run)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    ids = pl.DataFrame({"id": pl.Series(list(target.left_behind(run)), dtype=pl.Int64)})
    ids.write_parquet(path.with_suffix(".new"))
    path.with_suffix(".new").rename(path)


def _wait_for(job: Run, after: int) -> None:
    """Until the work that is in the way has stopped; a dead worker's lease runs out by itself."""
    while True:
        other = Job.objects.filter(pk=after).values("state", "lease_until").first()
        if other is None or other["state"] != Job.State.RUNNING:
            return
        if other["lease_until"] is not None and other["lease_until"] + timedelta(seconds=5) < timezone.now():
            Job.objects.filter(pk=after, lease_until=other["lease_until"]).update(state=Job.State.CANCELLED)
            return
        job.check()
        job.progress(force=False)
        time.sleep(0.3)


def _count(run: ImportRun, steps: tuple[UndoStep, ...]) -> int:
    made = sum(step.model._default_manager.filter(import_run=run).count() for step in steps)
    return made + Change.objects.filter(run=run).count()


# --- rows removed ---------------------------------------------------------------------------------------


def _remove(
    job: Run, run: ImportRun, store: Store, step: UndoStep, index: int, last: int, report: dict[str, Any]
) -> None:
    model = step.model
    while True:
        job.check()
        with store.chunk():
            ids = _next_ids(run, step, last)
            if ids.is_empty():
                return
            last = int(ids[-1])
            stays = _staying(run, store, step, ids, report)
            gone = ids.filter(~ids.is_in(stays.implode()))
            for disposable, children in _derived(store, model, gone):
                _delete_with_parts(run, store, disposable, children)
            _delete_with_parts(run, store, step, gone)
            name = model._meta.label_lower
            report["deleted"][name] = report["deleted"].get(name, 0) + len(gone)
            report["kept"][name] = report["kept"].get(name, 0) + len(stays)
            done = (
                sum(report["deleted"].values())
                + sum(report["kept"].values())
                + report["restored"]
                + report["left"]
            )
            job.progress(done=done, checkpoint={"step": index, "last": last, "report": report})


def _next_ids(run: ImportRun, step: UndoStep, last: int) -> pl.Series:
    table = table_of(step.model)
    where = f" AND {step.where.format(run=run.pk)}" if step.where else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT t.id FROM "{table.name}" t WHERE t.import_run_id = %s AND t.id > %s{where} '
            f"ORDER BY t.id LIMIT {BATCH}",
            [run.pk, last],
        )
        return pl.Series("id", [row[0] for row in cursor.fetchall()], dtype=pl.Int64)


def _staying(
    run: ImportRun, store: Store, step: UndoStep, ids: pl.Series, report: dict[str, Any]
) -> pl.Series:
    """Rows that cannot go, each reason told."""
    stays = pl.Series("id", [], dtype=pl.Int64)
    if step.edited:
        edited = store.find(step.model, pl.DataFrame({"id": ids}), [], where=step.edited.format(run=run.pk))[
            "id"
        ]
        tell_all(report, step.model, edited, "edited")
        stays = edited
    parts = {(part.model, part.column): part.where for part in step.parts}
    derived = disposables()
    for related, column in _pointing(step.model):
        if (related, column) in parts:
            where = (
                f"NOT ({parts[related, column].format(run=run.pk)})" if parts[related, column] else "1 = 0"
            )
        elif related in derived:
            where = derived[related].keep or "1 = 0"
        else:
            where = ""
        if where == "1 = 0":
            continue
        pointing = store.find(related, pl.DataFrame({column: ids}), [], where=where)[column].unique()
        tell_all(
            report, step.model, pointing.filter(~pointing.is_in(stays.implode())), related._meta.label_lower
        )
        stays = pl.concat([stays, pointing.alias("id")]).unique()
    return stays


def _pointing(model: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    """Tables and columns that point at a model and would have to go with it."""
    found: list[tuple[type[models.Model], str]] = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not (
            relation.auto_created and (relation.one_to_many or relation.one_to_one) and not relation.concrete
        ):
            continue
        if relation.on_delete is models.SET_NULL:  # type: ignore[union-attr]
            continue
        found.append((relation.related_model, relation.field.attname))  # type: ignore[union-attr,arg-type]
    return found


def _derived(
    store: Store, model: type[models.Model], ids: pl.Series
) -> Iterator[tuple[Disposable, pl.Series]]:
    known = disposables()
    for related, column in _pointing(model):
        if related in known:
            yield known[related], store.find(related, pl.DataFrame({column: ids}), ["id"])["id"]


def _delete_with_parts(run: ImportRun, store: Store, step: UndoStep | Disposable, ids: pl.Series) -> None:
    if ids.is_empty():
        return
    for part in step.parts:
        store.delete(part.model, store.find(part.model, pl.DataFrame({part.column: ids}), ["id"])["id"])
    for relation in step.model._meta.get_fields(include_hidden=True):
        loose = (
            relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        )
        if loose and relation.on_delete is models.SET_NULL:  # type: ignore[union-attr]
            column = relation.field.attname  # type: ignore[union-attr]
            pointing = store.find(relation.related_model, pl.DataFrame({column: ids}), ["id"])  # type: ignore[arg-type]
            free = (
                pointing.filter(~pl.col("id").is_in(ids.implode()))
                if relation.related_model is step.model
                else pointing
            )
            empty = free.select("id").with_columns(pl.lit(None, dtype=pl.Int64).alias(column))
            store.update(relation.related_model, empty)  # type: ignore[arg-type]
    store.delete(step.model, ids)


def _finish(job: Run, run: ImportRun, target: Any, report: dict[str, Any]) -> None:
    now = timezone.now()
    target.settle(
        run,
        pl.read_parquet(_touched_path(run))["id"].to_list(),
        now=now,
        tick=lambda: job.progress(force=False),
    )
    with transaction.atomic():
        ended = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.UNDOING).update(
            state=ImportRun.State.UNDONE, undo_result=report, finished_at=now
        )
        if ended:
            run.refresh_from_db()
            target.finished(run, now=now)
            record(actor=run.created_by, now=now, action="import.undone", obj=run)
            job.progress(checkpoint={"step": 999, "report": report})
