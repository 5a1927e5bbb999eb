"""Events written inside the transaction that caused them, and their delivery to each handler."""

from django.db import models

from clientela.foundation.claims import Claimable


class Event(models.Model):
    """A fact in the past tense. ``topics`` names the live views that should look again, space separated."""

    name = models.CharField(max_length=80)
    payload = models.JSONField()
    topics = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="outbox_event_at")]


class Delivery(Claimable):
    """One handler's duty to react to one event."""

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        FAILED = "failed"
        DONE = "done"

    # Found by the unique constraint, which begins with it.
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    handler = models.CharField(max_length=160)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="outbox_once_per_handler")]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="outbox_delivery_open",
                condition=models.Q(state__in=["pending", "running"]),
            )
        ]
