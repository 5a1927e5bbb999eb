"""Rows of an export, its journal entry, and the job that writes a long one."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, enqueue
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
from clientela.workspace.exports.jobs import CLIENTS, write
from clientela.workspace.renewals.keyset import page_of

AT_ONCE = 5000
CHUNK = 1000


def chosen(user: Any, wanted: ClientFilter, ids: Sequence[int], today: date) -> QuerySet[Client]:
    """What is exported: the chosen rows, else everything the filter lets through, with what it is ordered by."""
    clients = listed(user, ClientFilter() if ids else wanted, today)
    return ordered(clients.filter(pk__in=ids) if ids else clients, wanted)


def narrowed(
    user: Any, wanted: ClientFilter, ids: Sequence[int], today: date, columns: Sequence[str]
) -> QuerySet[Client]:
    """The same in the list's order, with what the rows need besides."""
    names = [f"{'-' if key.descending else ''}{key.name}" for key in order_keys(wanted)]
    clients = chosen(user, wanted, ids, today).select_related("agent", "branch").order_by(*names)
    return with_last_contact(clients) if "last" in columns else clients


def note_export(
    *,
    actor: Any,
    now: datetime,
    wanted: ClientFilter,
    ids: Sequence[int],
    kind: str,
    address: str | None = None,
) -> int:
    """Journal an export with its filter; how many rows it has, counted up to one more than go at once."""
    today = local_today(settings.TIME_ZONE, now)
    total = chosen(actor, wanted, ids, today).order_by().values("pk")[: AT_ONCE + 1].count()
    record(
        actor=actor, now=now, action="clients.exported", object_type="clients.client", address=address,
        object_name=wanted.query[:255],
        changes={"format": [None, kind], "rows": [None, total], "ids": [None, len(ids)]},
    )  # fmt: skip
    return total


def queue_export(
    *, actor: Any, now: datetime, wanted: ClientFilter, ids: Sequence[int], columns: Sequence[str], kind: str
) -> Job:
    """Let a worker write the file, within the person's scope."""
    args = {
        "query": wanted.query, "ids": list(ids), "columns": list(columns), "format": kind, "user": actor.pk,
    }  # fmt: skip
    job = enqueue(kind=CLIENTS, title=_("Export of clients"), now=now, args=args, actor=actor)
    assert job is not None
    return job


def export_head(columns: Iterable[str]) -> list[str]:
    """Names of the columns of the file."""
    return [_("Number"), _("Client"), *[str(COLUMNS[code]) for code in columns]]


def export_rows(
    clients: QuerySet[Client], today: date, columns: Sequence[str], *, advised: str = ""
) -> Iterator[list[Any]]:
    """Rows of the file, read in chunks."""
    chunk: list[Client] = []
    for client in clients.iterator(chunk_size=CHUNK):
        chunk.append(client)
        if len(chunk) == CHUNK:
            yield from _lines(chunk, today, columns, advised)
            chunk = []
    yield from _lines(chunk, today, columns, advised)


def _lines(
    clients: Sequence[Client], today: date, columns: Sequence[str], advised: str
) -> Iterator[list[Any]]:
    for row in rows_of(clients, today, columns, advised=advised):
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
        "advice": "; ".join(f"{one.get_line_display()}: {one.rule or ''}" for one in row.advice),
    }  # fmt: skip
    return values[code]


def run_export(run: Run) -> dict[str, Any]:
    """Write the file chunk by chunk, with the scope and in the language of the person who asked for it."""
    user = User.objects.get(pk=run.args["user"])
    wanted = ClientFilter.read(QueryDict(run.args["query"]))
    today = local_today(settings.TIME_ZONE, timezone.now())
    columns = run.args["columns"]
    clients = chosen(user, wanted, run.args.get("ids", ()), today)
    run.progress(done=0, total=clients.order_by().count())

    def rows() -> Iterator[list[Any]]:
        after, done = "", 0
        while True:
            part = page_of(clients, order_keys(wanted), shown=shown(columns), after=after, size=CHUNK)
            yield from _lines(part.rows, today, columns, wanted.advised)
            done += len(part.rows)
            run.progress(done=done, force=False)
            run.check()
            after = part.after
            if not after:
                run.progress(done=done)
                return

    with translation.override(user.language):
        return write(run, export_head(columns), rows(), name=f"clients-{today}", title="Clients")
