"""Jobs, reactions, the journal, hand-overs of portfolios, saved views."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs.models import Job
from clientela.foundation.lists.models import SavedView
from clientela.foundation.lists.operations import NameTaken, TooManyViews, delete_view, save_view, views_of
from clientela.foundation.outbox.models import Delivery
from clientela.modules.accounts.access import Permission, caller, requires, signed_in
from clientela.modules.organisation.queries import portfolios_moved_by
from clientela.workspace.admin import journal, monitor, transfer, transfer_back

router = Router(tags=["administration"])
map_problem(NameTaken, 409)
map_problem(TooManyViews, 409)
map_problem(monitor.CannotSteer, 409)
map_problem(transfer.AlreadyRunning, 409)
map_problem(transfer_back.TooLate, 409)


class JobOut(Schema):
    """A job with its progress; ``result`` is what it told at its end."""

    id: int
    kind: str
    title: str
    state: str
    wish: str
    done: int
    total: int | None
    parts: dict[str, Any]
    result: dict[str, Any]
    problem: str
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_problem(job: Any) -> str:
        return monitor.last_line(job.error)


class DeliveryOut(Schema):
    """A reaction to an event that gave up."""

    id: int
    event: str
    handler: str
    attempts: int
    problem: str


class EntryOut(Schema):
    """One entry of the journal; documents and the like are hidden in ``changes``."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    action: str
    object_type: str
    object_id: int | None
    object_name: str
    changes: dict[str, list[Any]]
    reason: str
    address: str | None
    digest: str

    @staticmethod
    def resolve_changes(entry: Any) -> dict[str, list[Any]]:
        return {name: [before, after] for name, before, after in journal.in_words(entry).changes}


class TransferIn(Schema):
    to_agent_id: Id
    reason: Annotated[str, Field(max_length=200)] = ""


class TransferOut(Schema):
    """How much a hand-over would move."""

    clients: int
    policies: int
    renewals: int


class ViewIn(Schema):
    """``list`` names the list, ``query`` is its address line."""

    list: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    query: Annotated[str, Field(max_length=1000)] = ""
    shared: bool = False


class ViewOut(Schema):
    id: int
    list: str
    name: str
    query: str
    shared: bool
    own: bool


@router.get("/jobs", response=Page[JobOut])
@requires(Permission.JOBS_READ)
def list_jobs(
    request: HttpRequest,
    state: Job.State | None = None,
    kind: Annotated[str, Field(max_length=60)] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    given = {"state": state, "kind": kind}
    rows = Job.objects.filter(**{name: value for name, value in given.items() if value})
    return page_of(rows, order=("-created_at", "-id"), cursor=cursor, limit=limit)


@router.get("/jobs/{job_id}", response=JobOut)
@requires(Permission.JOBS_READ)
def job(request: HttpRequest, job_id: int) -> Any:
    return get_object_or_404(Job, pk=job_id)


def _steer(request: HttpRequest, job_id: int, act: str) -> Job:
    row = get_object_or_404(Job, pk=job_id)
    monitor.steer(actor=caller(request), now=timezone.now(), job=row, act=act)
    row.refresh_from_db()
    return row


@router.post("/jobs/{job_id}/pause", response=JobOut)
@requires(Permission.JOBS_WRITE)
def pause_job(request: HttpRequest, job_id: int) -> Any:
    return _steer(request, job_id, "pause")


@router.post("/jobs/{job_id}/resumption", response=JobOut)
@requires(Permission.JOBS_WRITE)
def resume_job(request: HttpRequest, job_id: int) -> Any:
    """Let a paused or failed job go on from its checkpoint."""
    return _steer(request, job_id, "resume")


@router.post("/jobs/{job_id}/cancellation", response=JobOut)
@requires(Permission.JOBS_WRITE)
def cancel_job(request: HttpRequest, job_id: int) -> Any:
    return _steer(request, job_id, "cancel")


@router.post("/jobs/{job_id}/start", response={201: JobOut})
@requires(Permission.JOBS_WRITE)
def start_job(request: HttpRequest, job_id: int) -> Any:
    """Run a job of the schedule now."""
    row = get_object_or_404(Job, pk=job_id)
    return Status(201, monitor.start(actor=caller(request), now=timezone.now(), job=row))


@router.get("/failed-reactions", response=list[DeliveryOut])
@requires(Permission.JOBS_READ)
def list_failed_reactions(request: HttpRequest) -> Any:
    return [
        {
            "id": one.delivery.pk,
            "event": one.delivery.event.name,
            "handler": one.delivery.handler,
            "attempts": one.delivery.attempts,
            "problem": one.words,
        }
        for one in monitor.failed_deliveries()
    ]


@router.post("/failed-reactions/{delivery_id}/retry", response={204: None})
@requires(Permission.JOBS_WRITE)
def retry_reaction(request: HttpRequest, delivery_id: int) -> Any:
    delivery = get_object_or_404(Delivery.objects.select_related("event"), pk=delivery_id)
    monitor.retry_delivery(actor=caller(request), now=timezone.now(), delivery=delivery)
    return Status(204, None)


@router.get("/audit", response=Page[EntryOut])
@requires(Permission.AUDIT_READ)
def list_entries(
    request: HttpRequest,
    who: Id | None = None,
    action: Annotated[str, Field(max_length=60)] = "",
    object_type: Annotated[str, Field(max_length=60)] = "",
    object_id: Id | None = None,
    since: date | None = None,
    until: date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    chosen = journal.Filter(who, action, object_type, object_id, since, until)
    return page_of(chosen.rows(), order=("-id",), cursor=cursor, limit=limit)


@router.post("/audit/verification", response={202: JobOut})
@requires(Permission.AUDIT_READ)
def verify_chain(request: HttpRequest) -> Any:
    """Walk the whole chain; the verdict is in the job's ``result``."""
    started = journal.request_verification(actor=caller(request), now=timezone.now())
    if started is None:
        raise monitor.CannotSteer("a check is under way")
    return Status(202, started)


@router.get("/audit/{entry_id}", response=EntryOut)
@requires(Permission.AUDIT_READ)
def entry(request: HttpRequest, entry_id: int) -> Any:
    return get_object_or_404(Entry, pk=entry_id)


@router.get("/agents/{agent_id}/hand-over", response=TransferOut)
@requires(Permission.ORGANISATION_READ)
def preview_transfer(request: HttpRequest, agent_id: int) -> Any:
    return transfer.preview(get_object_or_404(portfolios_moved_by(caller(request)), pk=agent_id))


@router.post("/agents/{agent_id}/hand-over", response={202: JobOut})
@requires(Permission.ORGANISATION_READ)
def hand_over(request: HttpRequest, agent_id: int, body: TransferIn) -> Any:
    """Hand all clients of an agent over: an administrator, or the head within the branch; runs as a job."""
    agents = portfolios_moved_by(caller(request))
    started = transfer.request_transfer(
        actor=caller(request),
        now=timezone.now(),
        agent=get_object_or_404(agents, pk=agent_id),
        to=get_object_or_404(agents, pk=body.to_agent_id),
        reason=body.reason,
    )
    return Status(202, started)


@router.post("/hand-overs/{job_id}/undo", response={202: JobOut})
@requires(Permission.ORGANISATION_READ)
def undo_hand_over(request: HttpRequest, job_id: Id) -> Any:
    """Within a day: clients nobody changed since go back; ``result`` of the job tells how many stayed, and which.

    ``job_id`` is the hand-over's. One that has not begun is cancelled and answered itself. 409 while one is running.
    """
    job = transfer_back.find(job_id, actor=caller(request))
    return Status(202, transfer_back.request_undo(actor=caller(request), now=timezone.now(), job=job))


def _view(view: SavedView, user: Any) -> dict[str, Any]:
    return {
        "id": view.pk,
        "list": view.list_key,
        "name": view.name,
        "query": view.query,
        "shared": view.shared,
        "own": view.owner_id == user.pk,
    }


@router.get("/views", response=list[ViewOut], tags=["views"])
@signed_in
def list_views(request: HttpRequest, list: Annotated[str, Field(max_length=40)]) -> Any:
    return [_view(view, caller(request)) for view in views_of(caller(request), list)[:200]]


@router.post("/views", response={201: ViewOut}, tags=["views"])
@signed_in
def create_view(request: HttpRequest, body: ViewIn) -> Any:
    view = save_view(
        actor=caller(request), list_key=body.list, name=body.name, query=body.query, shared=body.shared
    )
    return Status(201, _view(view, caller(request)))


@router.delete("/views/{view_id}", response={204: None}, tags=["views"])
@signed_in
def remove_view(request: HttpRequest, view_id: int) -> Any:
    view = get_object_or_404(SavedView, pk=view_id, owner=caller(request))
    delete_view(actor=caller(request), view_id=view.pk, list_key=view.list_key)
    return Status(204, None)
