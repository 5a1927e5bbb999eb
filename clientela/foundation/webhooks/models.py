"""Addresses of other systems that hear of our events, and what was sent to each."""

from datetime import datetime

from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.foundation.claims import Claimable
from clientela.foundation.webhooks import signing


class Endpoint(models.Model):
    """One address and the events it hears of. Secrets are kept encrypted (``signing.seal``)."""

    class Off(models.TextChoices):
        """Why nothing is sent; empty while the address is on."""

        PERSON = "person", pgettext_lazy("webhook", "switched off")
        FAILING = "failing", pgettext_lazy("webhook", "failed for five days")
        GONE = "gone", pgettext_lazy("webhook", "the receiver is gone")

    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    secret = models.TextField()
    old_secret = models.TextField(blank=True)
    old_secret_until = models.DateTimeField(null=True)
    off = models.CharField(max_length=10, choices=Off, blank=True, default="")
    failing_since = models.DateTimeField(null=True, help_text="first failure after the last success")
    quiet_until = models.DateTimeField(null=True, help_text="the receiver asked for nothing before")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    def secrets(self, now: datetime) -> list[str]:
        """What a message is signed with: the secret, and the one before it while that is still good."""
        kept = [self.secret]
        if self.old_secret and self.old_secret_until and now < self.old_secret_until:
            kept.append(self.old_secret)
        return [signing.unseal(one) for one in kept]


class Delivery(Claimable):
    """One event for one address. ``message_id`` and ``body`` never change, however often it is sent."""

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("webhook delivery", "waits")
        RUNNING = "running", pgettext_lazy("webhook delivery", "is being sent")
        DONE = "done", pgettext_lazy("webhook delivery", "delivered")
        FAILED = "failed", pgettext_lazy("webhook delivery", "not delivered")

    class Fault(models.TextChoices):
        """Why an attempt failed."""

        STATUS = "status", pgettext_lazy("webhook delivery", "the receiver refused")
        REDIRECT = "redirect", pgettext_lazy("webhook delivery", "the receiver redirects; we do not follow")
        TIMEOUT = "timeout", pgettext_lazy("webhook delivery", "no answer in time")
        CONNECTION = "connection", pgettext_lazy("webhook delivery", "no connection")
        CERTIFICATE = "certificate", pgettext_lazy("webhook delivery", "the certificate is not good")
        NAME = "name", pgettext_lazy("webhook delivery", "the name is not known")
        FORBIDDEN = "forbidden", pgettext_lazy("webhook delivery", "the address lies in a closed network")
        PROTOCOL = "protocol", pgettext_lazy("webhook delivery", "the answer is not HTTP")

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    source_id = models.BigIntegerField(null=True, help_text="the event in the outbox; none for a test")
    message_id = models.CharField(max_length=40, unique=True)
    event = models.CharField(max_length=80)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    fault = models.CharField(max_length=12, choices=Fault, blank=True, default="")
    answer = models.TextField(blank=True, default="", help_text="the beginning of the last answer")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "source_id"], name="webhooks_once_per_endpoint")
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_attempt_at", "id"],
                name="webhooks_delivery_open",
                condition=models.Q(state__in=["pending", "running"]),
            ),
            models.Index(fields=["endpoint", "-id"], name="webhooks_delivery_list"),
            models.Index(fields=["endpoint", "state", "-id"], name="webhooks_delivery_state"),
            models.Index(fields=["created_at"], name="webhooks_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"
