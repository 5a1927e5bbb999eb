"""The journal of every change and of every reading of a full card."""

from django.conf import settings
from django.db import models


class Entry(models.Model):
    """One thing somebody did. Rows are only ever added; seals make a later change visible."""

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=200)
    on_behalf_of = models.CharField(
        max_length=200, blank=True, help_text="the absent person the actor stood in for"
    )
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    object_name = models.CharField(max_length=255, blank=True)
    changes = models.JSONField(default=dict)
    reason = models.CharField(max_length=255, blank=True)
    address = models.GenericIPAddressField(null=True)
    digest = models.CharField(max_length=64)
    redacted_by = models.BigIntegerField(
        null=True, help_text="the entry of the erasure that took what this one said of a person"
    )

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "-at"], name="audit_entry_object"),
            models.Index(fields=["actor", "-at"], name="audit_entry_actor"),
            models.Index(fields=["-at"], name="audit_entry_at"),
        ]


class Seal(models.Model):
    """A link of the chain: the digest of a run of entries and of the seal before it."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
