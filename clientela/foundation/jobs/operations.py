"""Queueing, running and steering jobs."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from clientela.foundation.claims import claim
from clientela.foundation.jobs.models import Job

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 20
_kinds: dict[str, str] = {}


class JobStopped(Exception):
    """Raised inside a job when a person asked to pause or cancel it, or another worker took it over."""


class UnknownJobKind(LookupError):
    """Nobody registered this kind of job."""


def register(kind: str, function: str) -> None:
    """Tell the dotted path of the function that does the work of ``kind`` (see config/subscriptions).

    The function takes a ``Run`` and returns a dict kept as the job's result, or None.
    """
    _kinds[kind] = function


def enqueue(
    *,
    kind: str,
    title: str,
    now: datetime,
    args: dict[str, Any] | None = None,
    actor: Any = None,
    not_before: datetime | None = None,
    schedule_key: str | None = None,
    total: int | None = None,
) -> Job | None:
    """Put a job in the queue. With ``schedule_key`` a second call for the same key returns None."""
    try:
        with transaction.atomic():
            return Job.objects.create(
                kind=kind,
                title=title,
                args=args or {},
                created_by=actor if getattr(actor, "pk", None) else None,
                created_at=now,
                not_before=not_before or now,
                schedule_key=schedule_key,
                total=total,
            )
    except IntegrityError:
        if schedule_key and Job.objects.filter(schedule_key=schedule_key).exists():
            return None
        raise


class Run:
    """What a job's function gets: its arguments, its checkpoint, and the way to tell its progress."""

    def __init__(self, job: Job, *, worker: str, lease: timedelta) -> None:
        self.job, self.worker, self.lease = job, worker, lease
        self.args: dict[str, Any] = job.args
        self.checkpoint: dict[str, Any] = job.checkpoint
        self._told = 0.0

    def progress(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        parts: dict[str, int] | None = None,
        checkpoint: dict[str, Any] | None = None,
        force: bool = True,
    ) -> None:
        """Store progress, renew the lease, and stop if a person asked to. With ``force=False`` at most 2 a second.

        Called inside the transaction of a chunk it makes checkpoint and work one fact.
        """
        if not force and time.monotonic() - self._told < 0.5:
            return
        self._told = time.monotonic()
        values: dict[str, Any] = {"lease_until": timezone.now() + self.lease}
        for name, value in {"done": done, "total": total, "parts": parts, "checkpoint": checkpoint}.items():
            if value is not None:
                values[name] = value
                setattr(self.job, name, value)
        if done is not None or checkpoint is not None:  # it gets further: no job that kills its workers
            values["attempts"] = 0
        if checkpoint is not None:
            self.checkpoint = checkpoint
        mine = Job.objects.filter(id=self.job.pk, state=Job.State.RUNNING, claimed_by=self.worker)
        if not mine.update(**values):
            raise JobStopped

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the lease through one long step that cannot tell how far it is: a thread renews it until the step ends."""
        over = threading.Event()
        mine = Job.objects.filter(id=self.job.pk, state=Job.State.RUNNING, claimed_by=self.worker)

        def renew() -> None:
            try:
                while not over.wait(self.lease.total_seconds() / 3):
                    if not mine.update(lease_until=timezone.now() + self.lease):
                        return
            except DatabaseError:
                log.exception("the lease of job %s was not renewed", self.job.pk)
            finally:
                connection.close()

        thread = threading.Thread(target=renew, name=f"lease-{self.job.pk}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def check(self) -> None:
        """Stop between chunks when a pause or a cancel was asked for. Call it outside the chunk's transaction."""
        if Job.objects.filter(id=self.job.pk).exclude(wish="").exists():
            raise JobStopped


def by_ids(run: Run, model: "type[models.Model]", work: Callable[[int, int], int], *, size: int) -> int:
    """Do ``work(first id, last id)`` over all rows of ``model``, ``size`` ids at a time; returns the sum of its answers.

    Each slice is one short transaction with its checkpoint: nobody else waits long for the rows, or for SQLite.
    """
    last = model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    at, found = run.checkpoint.get("at", 0), run.checkpoint.get("found", 0)
    while at < last:
        run.check()
        with transaction.atomic():
            found += work(at + 1, at + size)
            at += size
            run.progress(done=min(at, last), total=last, checkpoint={"at": at, "found": found})
    return int(found)


def run_next(*, worker: str, now: datetime, lease: timedelta, only: int | None = None) -> bool:
    """Claim one due job (or the job ``only``) and run it to its end; False when there is none."""
    due = Job.objects.filter(not_before__lte=now).filter(
        models.Q(state=Job.State.QUEUED) | models.Q(state=Job.State.RUNNING, lease_until__lt=now)
    )
    if only is not None:
        due = due.filter(id=only)
    ids = claim(
        due.order_by("not_before", "id"),
        to_state=Job.State.RUNNING,
        worker=worker,
        now=now,
        lease=lease,
        limit=1,
    )
    if not ids:
        return False
    job = Job.objects.get(id=ids[0])
    mine = Job.objects.filter(id=job.pk, claimed_by=worker, state=Job.State.RUNNING)
    mine.update(attempts=models.F("attempts") + 1, started_at=job.started_at or now, error="")
    try:
        if job.attempts >= MAX_ATTEMPTS:
            raise RuntimeError("the job was taken over again and again and got no further")
        if job.kind not in _kinds:
            raise UnknownJobKind(job.kind)
        result = import_string(_kinds[job.kind])(Run(job, worker=worker, lease=lease))
        mine.update(
            state=Job.State.DONE, finished_at=timezone.now(), lease_until=None, result=result or {}, wish=""
        )
    except JobStopped:
        wish = Job.objects.values_list("wish", flat=True).get(id=job.pk)
        state = Job.State.CANCELLED if wish == "cancel" else Job.State.PAUSED
        mine.update(state=state, lease_until=None, wish="", attempts=0)
    except Exception:
        log.exception("jobs.failed", extra={"job": job.pk, "kind": job.kind})
        mine.update(
            state=Job.State.FAILED,
            finished_at=timezone.now(),
            lease_until=None,
            error=traceback.format_exc()[-8000:],
        )
    return True


def ask(job: Job, wish: str) -> None:
    """Pause or cancel: at once when it is not running, at the next chunk when it is."""
    state = Job.State.CANCELLED if wish == "cancel" else Job.State.PAUSED
    waiting = Job.objects.filter(id=job.pk, state__in=[Job.State.QUEUED, Job.State.PAUSED])
    if not waiting.update(state=state, wish=""):
        Job.objects.filter(id=job.pk, state=Job.State.RUNNING).update(wish=wish)


def resume(job: Job, *, now: datetime) -> bool:
    """Put a paused or failed job back in the queue; it goes on from its checkpoint."""
    return bool(
        Job.objects.filter(id=job.pk, state__in=[Job.State.PAUSED, Job.State.FAILED]).update(
            state=Job.State.QUEUED, not_before=now, attempts=0, wish="", error="", finished_at=None
        )
    )
