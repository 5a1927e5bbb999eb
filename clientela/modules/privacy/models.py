"""Requests to be forgotten, files with all data of a person, and how long things are kept."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from clientela.foundation.jobs.models import Job
from clientela.modules.clients.models import Client


class Erasure(models.Model):
    """A request to forget a person: asked by one colleague, confirmed by another. Nothing of the person is kept here."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("erasure", "Waits for a second person")
        DONE = "done", pgettext_lazy("erasure", "Done")
        REFUSED = "refused", pgettext_lazy("erasure", "Not done")

    class Reason(models.TextChoices):
        WISH = "wish", pgettext_lazy("erasure", "The client asks for it")
        WITHDRAWN = "withdrawn", pgettext_lazy("erasure", "The consent was withdrawn")
        RETENTION = "retention", pgettext_lazy("erasure", "The time of keeping is over")

    client_card = models.BigIntegerField(help_text="number of the card")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    reason = models.CharField(max_length=10, choices=Reason)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False,
        help_text="nobody: a rule of keeping proposed it",
    )  # fmt: skip
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, help_text="table → [removed, emptied]")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client_card"], condition=Q(state="asked"), name="privacy_one_open_erasure"
            )
        ]


class DataFileQuerySet(models.QuerySet["DataFile"]):
    """Chainable filters in the words of the business."""

    def kept_at(self, now: datetime) -> "DataFileQuerySet":
        return self.filter(expires_at__gt=now)

    def visible_to(self, user: Any) -> "DataFileQuerySet":
        """Files of clients this person may see."""
        return self.filter(client__in=Client.objects.visible_to(user).values("pk"))


class DataFile(models.Model):
    """All data of a person in one archive, made at their request; it goes when it expires."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="data_files")
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False,
        help_text="nobody: the client asked on their own pages",
    )  # fmt: skip
    asked_at = models.DateTimeField()
    file = models.FileField(upload_to="personal/", blank=True)
    expires_at = models.DateTimeField()

    objects = DataFileQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]


class RetentionRule(models.Model):
    """How long one kind of data is kept, where it is not as shipped (``rules.KEEPING``)."""

    code = models.CharField(max_length=20, unique=True)
    days = models.PositiveIntegerField()
    acts = models.BooleanField(default=False, help_text="does it by itself; else it only counts or proposes")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    changed_at = models.DateTimeField()
