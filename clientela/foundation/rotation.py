"""Sealing what is not sealed yet, or under an older key, batch by batch while people work."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from clientela.foundation import keyring
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.foundation.sealed_fields import blinds_of, sealed_of
from clientela.foundation.sealing import Unreadable

BATCH = 2000
KIND = "foundation.rotate_keys"
_Q = connection.ops.quote_name


@dataclass(frozen=True)
class Batch:
    """What became of some rows: where to go on (nothing: that was the last one), how many were sealed or not readable."""

    last: int | None
    sealed: int = 0
    unreadable: int = 0


def models_with_secrets() -> list[type[models.Model]]:
    """Every table with a sealed column, always in the same order."""
    return sorted((one for one in apps.get_models() if sealed_of(one)), key=lambda one: one._meta.label)


def waiting(model: type[models.Model]) -> int:
    """Rows with something that is not under the first key of the ring."""
    condition, values = _condition(model)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_Q(model._meta.db_table)} WHERE {condition}", values)
        return int(cursor.fetchone()[0])


@transaction.atomic
def reseal(model: type[models.Model], after: int = 0, *, size: int = 0) -> Batch:
    """Seal the next rows after this id under the first key, their indexes with them.

    A row that somebody writes meanwhile keeps what they write. Repeating it changes nothing.
    """
    size = size or BATCH
    sealed, blinds = sealed_of(model), blinds_of(model)
    names = list(
        dict.fromkeys([*(one.attname for one in sealed), *(name for one in blinds for name in one.by)])
    )
    columns = [_text(model, name) for name in names]
    condition, values = _condition(model)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {', '.join(columns)} FROM {_Q(model._meta.db_table)} "
            f"WHERE id > %s AND ({condition}) ORDER BY id LIMIT %s",
            [after, *values, size],
        )
        rows = cursor.fetchall()
        changes, unreadable = [], 0
        for pk, *stored in rows:
            try:
                changes.append(
                    (pk, stored[: len(sealed)], _anew(model, dict(zip(names, stored, strict=True))))
                )
            except Unreadable:
                unreadable += 1
        _write(cursor, model, changes)
    return Batch(rows[-1][0] if len(rows) == size else None, len(changes), unreadable)


def seal_table(model: type[models.Model]) -> int:
    """The whole table, each batch in a transaction of its own; for migrations. Returns how many rows were sealed."""
    after: int | None = 0
    done = 0
    while after is not None:
        batch = reseal(model, after)
        after, done = batch.last, done + batch.sealed
    return done


def rotate(run: Run) -> dict[str, Any]:
    """The job: every table in turn. A run taken over goes on with the batch after the last one that was kept."""
    tables = models_with_secrets()
    labels = [one._meta.label for one in tables]
    at = run.checkpoint or {"table": labels[0], "after": 0, "done": 0, "unreadable": {}}
    total = at["done"] + sum(waiting(one) for one in tables[labels.index(at["table"]) :])
    for model, label in list(zip(tables, labels, strict=True))[labels.index(at["table"]) :]:
        after: int | None = at["after"] if at["table"] == label else 0
        while after is not None:
            run.check()
            with transaction.atomic():
                batch = reseal(model, after)
                after = batch.last
                lost = at["unreadable"].get(label, 0) + batch.unreadable
                at = {
                    "table": label, "after": after or 0, "done": at["done"] + batch.sealed,
                    "unreadable": at["unreadable"] | ({label: lost} if lost else {}),
                }  # fmt: skip
                run.progress(done=at["done"], total=max(total, at["done"]), checkpoint=at)
    return {"sealed": at["done"], "unreadable": at["unreadable"], "key": keyring.ring()[0].name}


@transaction.atomic
def begin_rotation(*, title: str, now: datetime, actor: Any = None) -> Job:
    """Queue the job under this title; one that waits, runs or rests is returned."""
    one_at_a_time(KIND)
    states = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)
    known = Job.objects.filter(kind=KIND, state__in=states).first()
    if known is not None:
        return known
    job = enqueue(kind=KIND, title=title, now=now, actor=actor)
    assert job is not None
    return job


def _anew(model: type[models.Model], row: dict[str, Any]) -> list[str | None]:
    """New texts of the sealed columns and then of their indexes."""
    values, texts = dict(row), []
    for field in sealed_of(model):
        stored = row[field.attname]
        if field.holds_documents:
            value = None if stored is None else field.opened(json.loads(stored))
            texts.append(None if stored is None else field.sealed(value))
        else:
            value = field.opened(stored)
            texts.append(field.sealed(value))
        values[field.attname] = value
    return [*texts, *(one.of_row(values) for one in blinds_of(model))]


def _text(model: type[models.Model], name: str) -> str:
    return f"CAST({_Q(_column(model, name))} AS text)"


def _column(model: type[models.Model], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return str(field.column)


def _condition(model: type[models.Model]) -> tuple[str, list[str]]:
    mark, parts, values = keyring.ring()[0].mark, [], []
    for field in sealed_of(model):
        text = _text(model, field.attname)
        document = field.holds_documents
        parts.append(f"({text} NOT IN ('', '[]', '{{}}', 'null') AND {text} NOT LIKE %s)")
        values.append(f'"{mark}%' if document else f"{mark}%")
    return " OR ".join(parts), values


def _write(cursor: Any, model: type[models.Model], changes: list[tuple[int, list[Any], list[Any]]]) -> None:
    if not changes:
        return
    sealed, blinds = sealed_of(model), blinds_of(model)
    new = [*sealed, *blinds]
    table = _Q(model._meta.db_table)
    if connection.vendor != "postgresql":
        sets = ", ".join(f"{_Q(one.column)} = %s" for one in new)
        same = " AND ".join(f"{_Q(one.column)} IS %s" for one in sealed)
        rows = [(*after, pk, *before) for pk, before, after in changes]
        cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s AND {same}", rows)
        return
    sets = ", ".join(
        f"{_Q(one.column)} = n.a{place}::{one.db_type(connection)}" for place, one in enumerate(new)
    )
    same = " AND ".join(
        f"CAST(t.{_Q(one.column)} AS text) IS NOT DISTINCT FROM n.b{place}"
        for place, one in enumerate(sealed)
    )
    names = [
        "id",
        *(f"a{place}" for place in range(len(new))),
        *(f"b{place}" for place in range(len(sealed))),
    ]
    arrays = ", ".join(["%s::bigint[]", *["%s::text[]"] * (len(names) - 1)])
    cursor.execute(
        f"UPDATE {table} t SET {sets} FROM unnest({arrays}) AS n({', '.join(names)}) WHERE t.id = n.id AND {same}",
        [list(column) for column in _columns(changes)],
    )


def _columns(changes: list[tuple[int, list[Any], list[Any]]]) -> Iterator[tuple[Any, ...]]:
    return zip(*((pk, *after, *before) for pk, before, after in changes), strict=True)
