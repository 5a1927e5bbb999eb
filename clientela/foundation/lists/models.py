"""Saved views: a named filter of a list, kept per person or shared."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """``query`` is the address line of the list; ``list_key`` names the list, e.g. ``clients``."""

    list_key = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["list_key", "owner", "name"], name="lists_view_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class ListSettings(models.Model):
    """Columns and their order that one person chose for one list."""

    list_key = models.CharField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    columns = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_key", "owner"], name="lists_settings_once")]
