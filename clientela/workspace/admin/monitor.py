"""The job monitor: what runs by itself, what people asked for, what failed and waits, and the machine's health."""

import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import ask, enqueue, resume
from clientela.foundation.outbox.models import Delivery
from clientela.foundation.outbox.operations import retry
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.rules import Permission
from clientela.modules.contacts.models import Message
from clientela.modules.renewals.models import Touch

LOOK_BACK = timedelta(days=2)
SILENT_AFTER = timedelta(minutes=15)
SHOWN = 50
ACTS = {"pause": "job.paused", "resume": "job.resumed", "cancel": "job.cancelled"}


class CannotSteer(ValidationError):
    """The job is not in a state where this can be asked."""


@dataclass
class Regular:
    """A job of the schedule: its newest run and the runs of today."""

    last: Job
    today: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0

    @property
    def seconds(self) -> float | None:
        return duration(self.last)


def duration(job: Job) -> float | None:
    """Seconds from start to end, None while it runs."""
    if job.started_at is None or job.finished_at is None:
        return None
    return (job.finished_at - job.started_at).total_seconds()


def regular(now: datetime) -> list[Regular]:
    """Jobs of the schedule that ran in the last two days; the strip shows today in percent of a day."""
    rows = Job.objects.filter(schedule_key__isnull=False, created_at__gte=now - LOOK_BACK)
    rows = rows.defer("args", "checkpoint", "error").order_by("-id")[:3000]
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found: dict[str, Regular] = {}
    for job in rows:
        slot = str(job.schedule_key).partition("@")[0]
        one = found.setdefault(slot, Regular(job))
        if job.state == Job.State.FAILED:
            one.failures += 1
        if job.started_at and job.started_at >= midnight:
            left = (job.started_at - midnight).total_seconds() / 864
            width = (duration(job) or 0) / 864
            one.today.append(
                {"left": round(left, 2), "width": round(width, 2), "bad": job.state == Job.State.FAILED}
            )
    return sorted(found.values(), key=lambda one: (one.last.state != Job.State.FAILED, str(one.last.title)))


def asked() -> list[Job]:
    """Jobs that people asked for, the newest first."""
    rows = Job.objects.filter(schedule_key__isnull=True).select_related("created_by")
    return list(rows.defer("checkpoint").order_by("-id")[:SHOWN])


@dataclass(frozen=True)
class GaveUp:
    """A reaction to an event that failed too often."""

    delivery: Delivery
    words: str


def failed_deliveries() -> list[GaveUp]:
    """Reactions to events that gave up, the newest first."""
    rows = Delivery.objects.filter(state=Delivery.State.FAILED).select_related("event")
    return [GaveUp(row, last_line(row.error)) for row in rows.order_by("-id")[:SHOWN]]


def percent(job: Job) -> float | None:
    """Share of the work done, None when its size is unknown."""
    if job.state == Job.State.DONE:
        return 100.0
    return min(100.0, 100 * job.done / job.total) if job.total else None


def time_left(job: Job, now: datetime) -> timedelta | None:
    """At the speed so far; None while nothing can be said."""
    if job.state != Job.State.RUNNING or not job.total or not job.done or job.started_at is None:
        return None
    return (now - job.started_at) / job.done * max(0, job.total - job.done)


def last_line(text: str) -> str:
    """What went wrong in one line: the end of the technical text."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


@dataclass(frozen=True)
class Health:
    """Figures of the strip; every count stops at its queue."""

    open_jobs: int
    failed_jobs: int
    messages: list[Any]
    waiting: int
    deliveries: int
    failed: int
    lag_seconds: float
    database_ms: float
    worker_seen: datetime | None
    backup_at: datetime | None

    @property
    def worker_silent(self) -> bool:
        return self.worker_seen is None or timezone.now() - self.worker_seen > SILENT_AFTER


def health(now: datetime) -> Health:
    """Queues, the oldest unsent touch, how fast the database answers, and when the worker was last seen."""
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    database_ms = (time.perf_counter() - started) * 1000
    states = dict(
        Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
        .values_list("state")
        .annotate(Count("id"))
    )
    open_states = [Message.State.QUEUED, Message.State.SENDING, Message.State.UNCERTAIN]
    messages: list[Any] = list(
        Message.objects.filter(state__in=open_states)
        .values("channel")
        .annotate(count=Count("id"), oldest=Min("not_before"))
        .order_by("channel")
    )
    oldest = (
        Touch.objects.filter(state=Touch.State.PLANNED, due_at__lte=now)
        .order_by("due_at")
        .values("due_at")
        .first()
    )
    deliveries = Delivery.objects.filter(state__in=[Delivery.State.PENDING, Delivery.State.RUNNING]).count()
    seen = (
        Job.objects.filter(finished_at__isnull=False, created_at__gte=now - LOOK_BACK)
        .order_by("-id")
        .values_list("finished_at", flat=True)[:20]
    )
    return Health(
        open_jobs=sum(states.values()),
        failed_jobs=Job.objects.filter(state=Job.State.FAILED, created_at__gte=now - LOOK_BACK).count(),
        messages=messages,
        waiting=sum(row["count"] for row in messages),
        deliveries=deliveries,
        failed=Delivery.objects.filter(state=Delivery.State.FAILED).count(),
        lag_seconds=(now - oldest["due_at"]).total_seconds() if oldest else 0.0,
        database_ms=database_ms,
        worker_seen=max((at for at in seen if at), default=None),
        backup_at=last_backup(),
    )


def last_backup() -> datetime | None:
    """When this installation was last backed up from this machine; None when it never was."""
    try:
        return datetime.fromisoformat(json.loads(settings.BACKUP_NOTE.read_text())["at"])
    except (OSError, ValueError, KeyError):
        return None


@transaction.atomic
def steer(*, actor: Any, now: datetime, job: Job, act: str) -> None:
    """Pause, cancel, or let a paused or failed job go on from its checkpoint. Raises CannotSteer."""
    ensure(actor, Permission.JOBS_WRITE)
    if act not in ACTS:
        raise CannotSteer(_("There is no such act."))
    job = Job.objects.select_for_update().get(pk=job.pk)
    if act == "resume":
        if not resume(job, now=now):
            raise CannotSteer(_("Only a paused or failed job can go on."))
    elif not job.is_open or (act == "pause" and job.state == Job.State.PAUSED):
        raise CannotSteer(_("This job has ended already."))
    else:
        ask(job, act)
    record(actor=actor, now=now, action=ACTS[act], obj=job)


@transaction.atomic
def start(*, actor: Any, now: datetime, job: Job) -> Job:
    """Run a job of the schedule now, beside its slots. Raises CannotSteer when one of its kind is open."""
    ensure(actor, Permission.JOBS_WRITE)
    if job.schedule_key is None:
        raise CannotSteer(_("Only a regular job can be started by hand."))
    same = Job.objects.filter(kind=job.kind, schedule_key__isnull=True)
    if same.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED]).exists():
        raise CannotSteer(_("This job runs already."))
    fresh = enqueue(kind=job.kind, title=job.title, now=now, args=job.args, actor=actor)
    assert fresh is not None
    record(actor=actor, now=now, action="job.started", obj=fresh)
    return fresh


@transaction.atomic
def retry_delivery(*, actor: Any, now: datetime, delivery: Delivery) -> None:
    """Let a reaction that gave up try again. Raises CannotSteer."""
    ensure(actor, Permission.JOBS_WRITE)
    if not retry(delivery.pk, now=now):
        raise CannotSteer(_("This reaction is not failed any more."))
    name = f"{delivery.event.name} → {delivery.handler.rpartition('.')[2]}"
    record(
        actor=actor, now=now, action="delivery.retried", object_type="outbox.delivery", object_id=delivery.pk,
        object_name=name,
    )  # fmt: skip


def share_of_day(now: datetime) -> float:
    """How much of the day has passed, in percent: today's mark on the strips."""
    local = timezone.localtime(now)
    return round((local.hour * 3600 + local.minute * 60 + local.second) / 864, 2)
