"""Long work that a person can watch, leave, pause and cancel."""

from django.conf import settings
from django.db import models

from clientela.foundation.claims import Claimable


class Job(Claimable):
    """One run of one kind of work. ``checkpoint`` is what a restart after a crash needs to go on."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    wish = models.CharField(max_length=10, blank=True, help_text="pause or cancel, asked for while running")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    parts = models.JSONField(default=dict, help_text="outcome → count")
    checkpoint = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    schedule_key = models.CharField(max_length=120, null=True, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                name="jobs_job_open",
                condition=models.Q(state__in=["queued", "running"]),
            ),
            models.Index(fields=["-created_at"], name="jobs_job_recent"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING, self.State.PAUSED}


class Heartbeat(models.Model):
    """A worker that lives: one row a process, written every few seconds while all of its loops run."""

    worker = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField(db_index=True)
