"""Bringing small files in, and looking at the base as plain values."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils import timezone

from clientela.foundation.imports import operations
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument, SourceLink
from clientela.modules.contracts.models import InsuredObject, Participant, Policy

LEASE = timedelta(seconds=60)
HEADINGS = {
    "id": "client.external_id", "name": "client.full_name", "born": "client.birth_date", "phone": "client.phone",
    "phone2": "client.phone2", "email": "client.email", "inn": "client.inn", "passport": "client.passport",
    "city": "client.city", "street": "client.street", "since": "client.since", "thing": "object.title",
    "plate": "object.plate", "vin": "object.vin", "year": "object.year", "number": "policy.number",
    "product": "policy.product", "start": "policy.start_date", "end": "policy.end_date", "premium": "policy.premium",
    "cancelled": "policy.cancelled_on", "agent": "policy.agent", "driving": "driver.experience_since",
    "previous": "policy.previous_number", "paid": "policy.loss_paid",
}  # fmt: skip


def text_of(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as a CSV file."""
    rows = list(rows)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, delimiter=";", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def take(
    rows: Sequence[Mapping[str, Any]] | bytes, *, actor: Any = None, now: datetime | None = None, file_name: str = "a.csv",
    definition: dict[str, Any] | None = None, source: str = "test", **answers: str,
) -> ImportRun:  # fmt: skip
    """A file taken in and mapped, ready to be checked or run. Columns are called as in ``HEADINGS``."""
    content = rows if isinstance(rows, bytes) else text_of(rows)
    now = now or timezone.now()
    run = operations.start_run(
        actor=actor,
        now=now,
        target="portfolio",
        file=File(io.BytesIO(content), name=file_name),
        file_name=file_name,
    )
    if definition is None:
        definition = {
            "fields": {
                field: {"from": name} for name, field in HEADINGS.items() if name in run.options["columns"]
            }
        }
    given = {"branch": "kazan", "product": "osago"} | answers
    return operations.set_definition(
        actor=actor, now=now, run=run, definition=definition, answers=given, source=source
    )


def work(job: Job, *, worker: str = "test") -> Job:
    """Do a queued job here."""
    due = max(job.not_before, timezone.now()) + timedelta(seconds=1)
    assert run_next(worker=worker, now=due, lease=LEASE, only=job.pk)
    job.refresh_from_db()
    assert not job.error, job.error
    return job


def bring_in(
    rows: Sequence[Mapping[str, Any]] | bytes, *, chunk: int | None = None, **options: Any
) -> ImportRun:
    """A file taken in and loaded."""
    run = take(rows, **options)
    extra = {"chunk": chunk} if chunk else {}
    work(
        operations.request_run(
            actor=options.get("actor"), now=options.get("now") or timezone.now(), run=run, **extra
        )
    )
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE, run.job
    return run


def check(
    rows: Sequence[Mapping[str, Any]] | bytes, *, chunk: int | None = None, **options: Any
) -> ImportRun:
    """A file taken in and rehearsed."""
    run = take(rows, **options)
    extra = {"chunk": chunk} if chunk else {}
    work(
        operations.request_check(
            actor=options.get("actor"), now=options.get("now") or timezone.now(), run=run, **extra
        )
    )
    run.refresh_from_db()
    return run


def undo(run: ImportRun, **options: Any) -> ImportRun:
    """A whole import taken back."""
    work(operations.request_undo(actor=None, now=options.get("now") or timezone.now(), run=run))
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDONE
    return run


def outcomes(counts: Mapping[str, Any]) -> dict[str, int]:
    """What happened to the rows, without what did not happen."""
    return {name: counts[name] for name in ("created", "changed", "same", "refused") if counts.get(name)}


def base() -> dict[str, list[tuple[Any, ...]]]:
    """Everything an import writes, by names instead of ids, in one order."""
    clients = {client.pk: client for client in Client.objects.all()}
    policies = {policy.pk: policy for policy in Policy.objects.all()}
    things = {thing.pk: thing for thing in InsuredObject.objects.all()}

    links: dict[int, list[str]] = {}
    for client_id, key in SourceLink.objects.order_by("external_id").values_list("client_id", "external_id"):
        links.setdefault(client_id, []).append(key)

    def who(pk: int) -> tuple[Any, ...]:
        return clients[pk].name_key, str(clients[pk].birth_date), tuple(links.get(pk, ()))

    def which(pk: int | None) -> Any:
        return None if pk is None else (policies[pk].number_key, str(policies[pk].start_date))

    def what(pk: int | None) -> Any:
        return (
            None
            if pk is None
            else (things[pk].title, things[pk].vin, things[pk].plate, things[pk].external_id)
        )

    ignored = {"id", "created_at", "updated_at", "import_run_id", "client_id", "version"}

    def plain(row: Any, *more: str) -> tuple[Any, ...]:
        values = [
            (field.attname, str(getattr(row, field.attname))) for field in row._meta.concrete_fields
            if field.attname not in ignored | set(more)
        ]  # fmt: skip
        return tuple(values)

    return {
        "clients": sorted((who(pk), plain(client)) for pk, client in clients.items()),
        "contacts": sorted((who(row.client_id), plain(row)) for row in ContactPoint.objects.all()),
        "addresses": sorted((who(row.client_id), plain(row)) for row in Address.objects.all()),
        "documents": sorted((who(row.client_id), plain(row)) for row in IdentityDocument.objects.all()),
        "things": sorted((who(row.client_id), plain(row)) for row in things.values()),
        "policies": sorted(
            (which(pk), who(row.client_id), str(what(row.insured_object_id)), str(which(row.previous_id)),
             plain(row, "insured_object_id", "previous_id"))
            for pk, row in policies.items()
        ),
        "drivers": sorted((which(row.policy_id), plain(row, "policy_id")) for row in Participant.objects.all()),
    }  # fmt: skip


def data_file(name: str) -> Path | None:
    """A file of the folder of real data, where there is one."""
    import os

    from django.conf import settings

    folder = Path(os.environ.get("CLIENTELA_DATA") or settings.ROOT.parent / "shared" / "data")
    return folder / name if (folder / name).is_file() else None
