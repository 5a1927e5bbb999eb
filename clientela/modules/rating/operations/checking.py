"""The check of a draft on past calculations: a job that says how far it is, and goes on when its worker dies."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from clientela.foundation.dates import local_today
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, ask, enqueue
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations.definitions import Faulty, faults_of, trial
from clientela.modules.rating.operations.journal import tell
from clientela.modules.rating.operations.regression import COUNTS, MOST_CASES, Case, Tally
from clientela.modules.rating.operations.versions import NotADraft
from clientela.modules.rating.queries import plan_of
from clientela.modules.rating.rules.plan import Plan
from clientela.modules.rating.rules.route import Sheet

KIND = "rating.check"
CHUNK = 100
V = TypeVar("V", bound=TableVersion | ProductVersion)
# The newest cases of a product that are older than this calculation, as many as asked for.
Source = Callable[[str, int | None, int], Sequence[Case]]


def begin(*, actor: Any, now: datetime, version: TableVersion | ProductVersion) -> Job:
    """Put the check in the queue. The one that is under way for the same content is given back, another is cancelled.

    Raises `Faulty`, `NotADraft`.
    """
    ensure(actor, Permission.PRODUCTS_WRITE)
    on = local_today(settings.TIME_ZONE, now)
    with transaction.atomic():
        draft = _locked(version)
        _plans(draft, on)
        content, under_way = draft.content_stamp, job_of(draft)
        if under_way is not None and under_way.is_open:
            if under_way.args["content"] == content:
                return under_way
            ask(under_way, "cancel")
        name = "table" if isinstance(draft, TableVersion) else "product"
        job = enqueue(
            kind=KIND, title=gettext_noop("Check of a tariff on past calculations"), now=now, actor=actor,
            args={name: draft.pk, "content": content, "on": on.isoformat()},
        )  # fmt: skip
        assert job is not None
        draft.regression = draft.regression | {"job": job.pk}
        draft.save(update_fields=["regression"])
    return job


def job_of(version: TableVersion | ProductVersion) -> Job | None:
    """The check last asked for."""
    return Job.objects.filter(pk=version.regression.get("job", 0), kind=KIND).first()


def work(
    run: Run, *, now: Callable[[], datetime], cases: Source, total: Callable[[str], int]
) -> dict[str, Any]:
    """The job: chunks of cases, the newest first; then the result goes to the version, if it still holds what was checked."""
    if "told" in run.checkpoint:  # cut between the result and the end of the job
        return dict(run.checkpoint["told"])
    version = _asked(run)
    if version is None:
        return {"changed": 1}
    on, code = date.fromisoformat(run.args["on"]), _product(version)
    before, after = _plans(version, on)
    tally, last, done = Tally(run.checkpoint.get("tally")), run.checkpoint.get("last"), int(run.job.done or 0)
    run.progress(total=run.job.total or min(total(code), MOST_CASES))
    while done < MOST_CASES and (chunk := cases(code, last, min(CHUNK, MOST_CASES - done))):
        run.check()
        tally.add(before, after, chunk, on)
        last, done = chunk[-1].pk, done + len(chunk)
        run.progress(done=done, parts=dict(tally.counts), checkpoint={"tally": tally.to_json(), "last": last})
    with transaction.atomic():
        try:
            draft = _locked(version)
        except NotADraft:
            return {"changed": 1}
        if draft.content_stamp != run.args["content"]:
            return {"changed": 1}
        told = _keep(run.job.created_by, now(), draft, tally, on, run.job.pk)
        run.progress(done=done, checkpoint={"told": told})
    return told


def check(*, actor: Any, now: datetime, version: V, cases: Iterable[Case], on: date) -> V:
    """Price these cases at once and keep the result. Raises `Faulty`, `NotADraft`."""
    ensure(actor, Permission.PRODUCTS_WRITE)
    with transaction.atomic():
        draft = _locked(version)
        tally = Tally()
        tally.add(*_plans(draft, on), cases, on)
        _keep(actor, now, draft, tally, on)
    return draft


def _keep(
    actor: Any, now: datetime, draft: TableVersion | ProductVersion, tally: Tally, on: date, job: int = 0
) -> dict[str, int]:
    result = tally.result()
    draft.regression = result | {
        "content": draft.content_stamp, "at": now.isoformat(), "on": on.isoformat(), "job": job,
    }  # fmt: skip
    draft.save(update_fields=["regression"])
    told = {name: int(result[name]) for name in COUNTS}
    action = "tariff.checked" if isinstance(draft, TableVersion) else "product.checked"
    tell(actor, now, action, draft, {name: [None, count] for name, count in told.items()})
    return told


def _asked(run: Run) -> TableVersion | ProductVersion | None:
    """The version to check, while it holds what it held when the check was asked for."""
    found: TableVersion | ProductVersion | None
    if "table" in run.args:
        found = TableVersion.objects.select_related("table__product").filter(pk=run.args["table"]).first()
    else:
        found = ProductVersion.objects.select_related("product").filter(pk=run.args["product"]).first()
    return found if found is not None and found.content_stamp == run.args["content"] else None


def _locked(version: V) -> V:
    own = "table__product" if isinstance(version, TableVersion) else "product"
    rows = type(version)._default_manager.select_for_update(of=("self",)).select_related(own)
    draft: Any = rows.get(pk=version.pk)
    if draft.state != "draft":
        raise NotADraft
    found: V = draft
    return found


def _product(version: TableVersion | ProductVersion) -> str:
    return (version.table.product if isinstance(version, TableVersion) else version.product).code


def _plans(version: TableVersion | ProductVersion, on: date) -> tuple[Plan, Plan]:
    """The tariff of ``on`` without and with this version. Raises `Faulty`."""
    if isinstance(version, TableVersion):
        table = version.table
        before = plan_of(table.product.code, on)
        sheet = Sheet(table.code, {"ru": table.title, "en": table.title_en}, version.number, version.body)
        return before, before.with_sheet(sheet)
    if bad := faults_of(version, on):
        raise Faulty(bad)
    return plan_of(version.product.code, on), trial(version, on)
