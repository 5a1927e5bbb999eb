"""Rows of an export, and the job that writes a long one."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clientela.foundation.dates import local_today
from clientela.foundation.jobs.operations import Run
from clientela.foundation.lists.export import csv_lines, xlsx_file
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.workspace.clients.columns import COLUMNS
from clientela.workspace.clients.filters import ClientFilter
from clientela.workspace.clients.queries.rows import (
    ClientRow,
    listed,
    order_keys,
    ordered,
    rows_of,
    shown,
    with_last_contact,
)
from clientela.workspace.renewals.keyset import page_of

AT_ONCE = 5000
CHUNK = 1000
JOB_KIND = "clients.export"


def narrowed(
    user: Any, wanted: ClientFilter, ids: Sequence[int], today: date, columns: Sequence[str]
) -> QuerySet[Client]:
    """What is exported: the chosen rows, else everything the filter lets through, in the list's order."""
    clients = listed(user, ClientFilter() if ids else wanted, today)
    if ids:
        clients = clients.filter(pk__in=ids)
    names = [f"{'-' if key.descending else ''}{key.name}" for key in order_keys(wanted)]
    clients = ordered(clients, wanted).select_related("agent", "branch").order_by(*names)
    return with_last_contact(clients) if "last" in columns else clients


def export_head(columns: Iterable[str]) -> list[str]:
    """Names of the columns of the file."""
    return [_("Number"), _("Client"), *[str(COLUMNS[code]) for code in columns]]


def export_rows(clients: QuerySet[Client], today: date, columns: Sequence[str]) -> Iterator[list[Any]]:
    """Rows of the file, read in chunks."""
    chunk: list[Client] = []
    for client in clients.iterator(chunk_size=CHUNK):
        chunk.append(client)
        if len(chunk) == CHUNK:
            yield from _lines(chunk, today, columns)
            chunk = []
    yield from _lines(chunk, today, columns)


def _lines(clients: Sequence[Client], today: date, columns: Sequence[str]) -> Iterator[list[Any]]:
    for row in rows_of(clients, today, columns):
        yield [row.id, row.name, *[_cell(row, code) for code in columns]]


def _cell(row: ClientRow, code: str) -> Any:
    if code == "last":
        channel = str(CHANNELS.get(row.last_channel, ("", row.last_channel))[1])
        return f"{timezone.localtime(row.last_at):%Y-%m-%d %H:%M} {channel}" if row.last_at else ""
    values = {
        "loyalty": row.loyalty_label, "profitability": row.profitability_label, "policies": row.policies,
        "premium": row.premium, "end": row.next_end, "completeness": row.completeness,
        "confirmed": row.confirmed_at, "phone": row.phone, "city": row.city, "agent": row.agent,
        "branch": row.branch, "tags": ", ".join(row.tags), "since": row.client_since,
    }  # fmt: skip
    return values[code]


def run_export(run: Run) -> dict[str, Any]:
    """Write the file chunk by chunk, with the scope and in the language of the person who asked for it."""
    user = User.objects.get(pk=run.args["user"])
    wanted = ClientFilter.read(QueryDict(run.args["query"]))
    today = local_today(settings.TIME_ZONE, timezone.now())
    columns, kind = run.args["columns"], run.args["format"]
    clients = ordered(listed(user, wanted, today), wanted)
    run.progress(done=0, total=listed(user, wanted, today).count())

    def rows() -> Iterator[list[Any]]:
        after, done = "", 0
        while True:
            part = page_of(clients, order_keys(wanted), shown=shown(columns), after=after, size=CHUNK)
            yield from _lines(part.rows, today, columns)
            done += len(part.rows)
            run.progress(done=done, force=False)
            run.check()
            after = part.after
            if not after:
                return

    with translation.override(user.language):
        head = export_head(columns)
        name = f"clients-{today}.{kind}"
        if kind == "xlsx":
            with xlsx_file(head, rows(), title="Clients") as file:
                stored = default_storage.save(f"exports/{run.job.pk}.xlsx", File(file))
        else:
            with tempfile.TemporaryFile() as file:
                for line in csv_lines(head, rows()):
                    file.write(line.encode())
                file.seek(0)
                stored = default_storage.save(f"exports/{run.job.pk}.csv", File(file))
    return {"file": stored, "name": name, "url": f"/clients/exports/{run.job.pk}/file/"}
