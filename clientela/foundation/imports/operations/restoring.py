"""The first half of undo: values put back where they still are what the import wrote."""

import json
from typing import Any

import polars as pl
from django.apps import apps
from django.db import models

from clientela.foundation.imports.models import Change, ImportRun
from clientela.foundation.imports.store import Store
from clientela.foundation.imports.store.base import Table, table_of
from clientela.foundation.jobs.operations import Run

BATCH = 10_000
SHOWN = 200


def restore(job: Run, run: ImportRun, store: Store, report: dict[str, Any]) -> None:
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
    for change in Change.objects.filter(run=run, table=name, object_id__in=ids).order_by("id"):
        if change.kind == Change.Kind.CHANGED:
            first, later = before.setdefault(change.object_id, {}), after.setdefault(change.object_id, {})
            for column, value in change.before.items():
                first.setdefault(column, value)
            later.update(change.after)
    columns = sorted({column for values in before.values() for column in values})
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
                tell(report, model, row["id"], "changed", column)
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


def tell_all(report: dict[str, Any], model: type[models.Model], ids: pl.Series, reason: str) -> None:
    if len(ids):
        name = f"{model._meta.label_lower}|{reason}"
        reasons = report.setdefault("reasons", {})
        reasons[name] = reasons.get(name, 0) + len(ids)
        for pk in ids.head(max(0, SHOWN - len(report["rows"]))):
            tell(report, model, pk, reason, "")


def tell(report: dict[str, Any], model: type[models.Model], pk: int, reason: str, column: str) -> None:
    if len(report["rows"]) < SHOWN:
        report["rows"].append(
            {"model": model._meta.label_lower, "id": pk, "reason": reason, "column": column}
        )
