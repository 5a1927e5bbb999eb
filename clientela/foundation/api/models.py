"""Tokens of other programs, and answers kept so that a repeated POST does nothing twice."""

from django.conf import settings
from django.db import models

from clientela.foundation.sealed_fields import SealedField


class Token(models.Model):
    """A bearer token of one person. Only its digest is kept; it can do at most what the person can."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    minute = models.PositiveBigIntegerField(default=0, help_text="since 1970, the one that ``used`` counts")
    used = models.PositiveIntegerField(default=0, help_text="requests taken by all processes in ``minute``")

    def __str__(self) -> str:
        return self.name


class IdempotentAnswer(models.Model):
    """The answer given to the first POST with this key by this person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64, help_text="digest of method, path and body")
    status = models.PositiveSmallIntegerField(null=True)
    body = SealedField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="api_idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="api_idempotency_age")]
