"""Lists that are written as files in the background: the job's file, and whose it is."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run
from clientela.foundation.lists.export import csv_lines, xlsx_file

KEEP = timedelta(days=7)
CLIENTS, RENEWALS = "clients.export", "renewals.export"


def exports_of(user: Any) -> "QuerySet[Job]":
    """Exports that this person asked for; nobody else's file is theirs."""
    return Job.objects.filter(kind__in=(CLIENTS, RENEWALS), created_by=user)


def forget_files(*, now: datetime) -> int:
    """Delete the files of exports that ended over a week ago, since they hold personal data; how many there were."""
    old = Job.objects.filter(
        kind__in=(CLIENTS, RENEWALS), state=Job.State.DONE, finished_at__lt=now - KEEP, result__has_key="file"
    )
    for job in (found := list(old)):
        default_storage.delete(job.result.pop("file"))
        job.save(update_fields=["result"])
    return len(found)


def has_file(job: Job) -> bool:
    """Whether the file is written and still kept."""
    name = job.result.get("file", "")
    return job.state == Job.State.DONE and bool(name) and default_storage.exists(name)


def write(
    run: Run, head: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str, title: str
) -> dict[str, Any]:
    """Write ``rows`` in the format of the job's arguments; the result of the job."""
    kind = run.args["format"]
    stored = f"exports/{run.job.pk}.{kind}"
    if kind == "xlsx":
        with xlsx_file(head, rows, title=title) as file:
            stored = default_storage.save(stored, File(file))
    else:
        with tempfile.TemporaryFile() as file:
            for line in csv_lines(head, rows):
                file.write(line.encode())
            file.seek(0)
            stored = default_storage.save(stored, File(file))
    return {"file": stored, "name": f"{name}.{kind}"}
