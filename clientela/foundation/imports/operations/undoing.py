"""Undo: put back what was changed, remove what was made, and tell what had to stay and why.

A row stays when something points at it that is neither its part nor of this import, or when people have worked on it
since. Changed values go back only where they still are what the import wrote.
"""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from clientela.foundation.audit.operations import record
from clientela.foundation.imports.models import Change, ImportRun
from clientela.foundation.imports.store import Store, open_store
from clientela.foundation.imports.store.base import Table, table_of
from clientela.foundation.imports.targets import Disposable, UndoStep, disposables, get_target
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run

BATCH = 10_000
SHOWN = 200


def undo(job: Run) -> dict[str, Any]:
    """The job. Every batch is one transaction with its checkpoint."""
    run = ImportRun.objects.select_related("created_by").get(id=job.args["run"])
    if run.state != ImportRun.State.UNDOING:
        return {"skipped": run.state}
    _wait_for_import(job)
    store, target = open_store(), get_target(run.target)
    report = job.checkpoint.get("report") or {"deleted": {}, "kept": {}, "restored": 0, "left": 0, "rows": []}
    step, last = job.checkpoint.get("step", 0), job.checkpoint.get("last", 0)
    total = _count(run, target.undo_steps)
    job.progress(total=total)
    if step == 0:
        _restore(job, run, store, report)
        step, last = 1, 0
    for index, undo_step in enumerate(target.undo_steps, 1):
        if index < step:
            continue
        start = last if index == step else 0
        _remove(job, run, store, undo_step, index, start, report)
    _finish(job, run, target, report)
    return report


def _wait_for_import(job: Run) -> None:
    """Until the import that is to be undone has stopped; a dead worker's lease runs out by itself."""
    after = job.args.get("after")
    while after:
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


# --- values put back ------------------------------------------------------------------------------------


def _restore(job: Run, run: ImportRun, store: Store, report: dict[str, Any]) -> None:
    while True:
        job.check()
        with store.chunk():
            changes = Change.objects.filter(run=run).exclude(kind=Change.Kind.UNDONE).order_by("id")
            keys = set(changes.values_list("table", "object_id")[:BATCH])
            if not keys:
                return
            for name in sorted({table for table, _ in keys}):
                ids = [pk for table, pk in keys if table == name]
                # All changes of a row belong together: the first “before” and the last “after” count.
                _restore_table(run, store, name, ids, report)
                Change.objects.filter(run=run, table=name, object_id__in=ids).update(kind=Change.Kind.UNDONE)
            done = report["restored"] + report["left"]
            job.progress(done=done, checkpoint={"step": 0, "report": report})


def _restore_table(run: ImportRun, store: Store, name: str, ids: list[int], report: dict[str, Any]) -> None:
    model = _model_of(name)
    table = table_of(model)
    before: dict[int, dict[str, Any]] = {}
    after: dict[int, dict[str, Any]] = {}
    added: set[int] = set()
    for change in Change.objects.filter(run=run, table=name, object_id__in=ids).order_by("id"):
        if change.kind == Change.Kind.ADDED:
            added.add(change.object_id)
        elif change.kind == Change.Kind.CHANGED:
            first, later = before.setdefault(change.object_id, {}), after.setdefault(change.object_id, {})
            for column, value in change.before.items():
                first.setdefault(column, value)
            later.update(change.after)
    if added:
        report["restored"] += store.delete(model, pl.Series(sorted(added)))
    columns = sorted({column for values in before.values() for column in values})
    if not columns:
        return
    stored = store.find(model, pl.DataFrame({"id": list(before)}), columns)
    rows: list[dict[str, Any]] = []
    for row in stored.iter_rows(named=True):
        wanted = before[row["id"]]
        changed = False
        for column, value in wanted.items():
            if _same(row[column], after[row["id"]][column], table, column):
                row[column], changed = _typed(value, table, column), True
                report["restored"] += 1
            else:
                report["left"] += 1
                _tell(report, model, row["id"], "changed", column)
        if changed:
            rows.append(row)
    if rows:
        store.update(model, pl.DataFrame(rows, schema=table.schema(["id", *columns]), orient="row"))


def _model_of(name: str) -> type[models.Model]:
    return next(model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == name)


def _same(stored: Any, written: Any, table: Table, column: str) -> bool:
    if (
        stored is not None
        and table.model._meta.get_field(_field_name(table, column)).get_internal_type() == "JSONField"
    ):
        return bool(json.loads(stored) == (json.loads(written) if isinstance(written, str) else written))
    return (None if stored is None else str(stored)) == (None if written is None else str(written))


def _typed(value: Any, table: Table, column: str) -> Any:
    """A value out of JSON as the frame's column takes it."""
    kind = table.types[column]
    if value is None or kind == pl.String:
        return value
    return pl.Series([str(value)]).str.to_date().item() if kind == pl.Date else (
        pl.Series([str(value)]).str.to_datetime(time_zone="UTC").item() if isinstance(kind, pl.Datetime)
        else pl.Series([str(value)]).cast(kind).item() if isinstance(kind, pl.Decimal) else value
    )  # fmt: skip


def _field_name(table: Table, column: str) -> str:
    return next(field.name for field in table.model._meta.concrete_fields if field.attname == column)


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
        _tell_all(report, step.model, edited, "edited")
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
        _tell_all(
            report, step.model, pointing.filter(~pointing.is_in(stays.implode())), related._meta.label_lower
        )
        stays = pl.concat([stays, pointing.alias("id")]).unique()
    return stays


def _pointing(model: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    """Tables and columns that point at a model and would have to go with it."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not (
            relation.auto_created and (relation.one_to_many or relation.one_to_one) and not relation.concrete
        ):
            continue
        if relation.on_delete is models.SET_NULL:  # type: ignore[union-attr]
            continue
        found.append((relation.related_model, relation.field.attname))  # type: ignore[union-attr]
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


# --- what is told ---------------------------------------------------------------------------------------


def _tell_all(report: dict[str, Any], model: type[models.Model], ids: pl.Series, reason: str) -> None:
    if len(ids):
        name = f"{model._meta.label_lower}|{reason}"
        reasons = report.setdefault("reasons", {})
        reasons[name] = reasons.get(name, 0) + len(ids)
        for pk in ids.head(max(0, SHOWN - len(report["rows"]))):
            _tell(report, model, pk, reason, "")


def _tell(report: dict[str, Any], model: type[models.Model], pk: int, reason: str, column: str) -> None:
    if len(report["rows"]) < SHOWN:
        report["rows"].append(
            {"model": model._meta.label_lower, "id": pk, "reason": reason, "column": column}
        )


def _finish(job: Run, run: ImportRun, target: Any, report: dict[str, Any]) -> None:
    now = timezone.now()
    target.settle(run, [], now=now, tick=lambda: job.progress(force=False))
    with transaction.atomic():
        ended = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.UNDOING).update(
            state=ImportRun.State.UNDONE, undo_result=report, finished_at=now
        )
        if ended:
            run.refresh_from_db()
            target.finished(run, now=now)
            record(actor=run.created_by, now=now, action="import.undone", obj=run)
            job.progress(checkpoint={"step": 999, "report": report})
