"""The board as a file: the same filter, the same order, every page of it; and the job that writes it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.modules.accounts.models import User
from clientela.modules.renewals.models import Reach, Renewal
from clientela.workspace.exports.jobs import RENEWALS, write
from clientela.workspace.renewals.filters import BoardFilter
from clientela.workspace.renewals.queries.board import ROW_FIELDS, ordered
from clientela.workspace.renewals.rows import change_of, contract_of

CHUNK = 2000


def note_export(
    *, actor: Any, now: datetime, wanted: BoardFilter, kind: str, address: str | None = None
) -> None:
    """Journal an export with its filter."""
    record(
        actor=actor, now=now, action="renewals.exported", object_type="renewals.renewal",
        object_name=(wanted.query or "all")[:255], changes={"format": [None, kind]}, address=address,
    )  # fmt: skip


def queue_export(*, actor: Any, now: datetime, wanted: BoardFilter, kind: str) -> Job:
    """Let a worker write the file, within the person's scope."""
    args = {"query": wanted.query, "format": kind, "user": actor.pk}
    job = enqueue(kind=RENEWALS, title=_("Export of renewals"), now=now, args=args, actor=actor)
    assert job is not None
    return job


def run_export(run: Run) -> dict[str, Any]:
    """Write the file with the scope, in the language and in the zone of the person who asked for it."""
    user = User.objects.get(pk=run.args["user"])
    wanted = BoardFilter.read(QueryDict(run.args["query"]))
    today = local_today(settings.TIME_ZONE, timezone.now())

    def rows() -> Iterator[list[Any]]:
        done = 0
        for done, row in enumerate(export_rows(user, wanted, today=today), start=1):
            yield row
            if done % CHUNK == 0:
                run.progress(done=done)
                run.check()
        run.progress(done=done)

    run.progress(done=0, total=wanted.terms(Renewal.objects.visible_to(user), today=today).count())
    with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        return write(run, export_head(), rows(), name=f"renewals-{today}", title=_("Renewals"))


def export_head() -> list[str]:
    """Names of the columns of the file."""
    return [
        _("Client"), _("Contract"), _("Policy number"), _("Ends"), _("Days left"), _("Premium"),
        _("Next premium"), _("Change, %"), _("State"), _("Renewal year"), _("Agent"), _("Branch"),
        _("How to reach"), _("Last touch"), _("Held until"),
    ]  # fmt: skip


def export_rows(user: Any, wanted: BoardFilter, *, today: date) -> Iterator[list[Any]]:
    """Rows of the file, read in chunks."""
    terms, order = ordered(wanted.terms(Renewal.objects.visible_to(user), today=today), wanted.order)
    names = [f"{'-' if key.descending else ''}{key.name}" for key in order]
    terms = (
        terms.select_related("client", "policy__insured_object", "product", "bank", "agent", "branch")
        .only(*ROW_FIELDS, "last_touch_at")
        .order_by(*names)
    )
    for term in terms.iterator(CHUNK):
        yield [
            term.client.name,
            contract_of(term),
            term.policy.number,
            term.end_date,
            (term.end_date - today).days,
            term.premium,
            term.next_premium,
            change_of(term),
            str(Renewal.State(term.state).label),
            term.renewal_year,
            str(term.agent or ""),
            term.branch.name,
            ", ".join(str(bit.label) for bit in Reach if term.reach & bit),
            timezone.localtime(term.last_touch_at) if term.last_touch_at else None,
            term.held_until,
        ]
