"""Alerts, what people choose about them, the browsers they gave leave to, and what is sent there."""

from django.conf import settings
from django.db import models

from clientela.foundation.claims import Claimable
from clientela.foundation.push.topics import TOPICS


class Key(models.Model):
    """The one VAPID key of the installation (``keys``); sealed with its secret key."""

    sealed = models.TextField()


class Preference(models.Model):
    """What a person chose: ways by topic where they differ from the defaults, and quiet hours on the own clock."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alerting")
    ways = models.JSONField(default=dict, help_text="{topic: [page, sound, push]}")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)
    shows_words = models.BooleanField(default=False, help_text="push tells who writes and what")

    def ways_of(self, topic: str) -> frozenset[str]:
        """How the person wants to hear of this topic."""
        chosen = self.ways.get(topic)
        return TOPICS[topic].ways if chosen is None else frozenset(chosen)


class Subscription(models.Model):
    """A browser that its person let show notifications. Whoever holds these values can write to that browser."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push")
    endpoint = models.CharField(max_length=1000)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the endpoint")
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    browser = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True, help_text="when its push service took something last")

    class Meta:
        ordering = ["-created_at", "-id"]


class Alert(models.Model):
    """One thing that came for one person, in the person's language. ``key`` tells the same thing told twice."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    topic = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    title = models.CharField(max_length=120)
    body = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=200)
    on_page = models.BooleanField()
    with_sound = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="push_alert_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="push_alert_user"),
            models.Index(fields=["created_at"], name="push_alert_age"),
        ]


class Delivery(Claimable):
    """One alert for one browser."""

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    fault = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "subscription"], name="push_once_a_browser")]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="push_delivery_open",
                condition=models.Q(state__in=["pending", "running"]),
            )
        ]
