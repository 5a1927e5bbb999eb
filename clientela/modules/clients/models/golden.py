"""What each source says of a card's fields, and by which rules one value is kept."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.foundation.sealed_fields import SealedJSONField
from clientela.modules.clients.models.cards import Client


class FieldValueQuerySet(models.QuerySet["FieldValue"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "FieldValueQuerySet":
        """Values of cards this person may see."""
        return self.filter(client__in=Client.objects.visible_to(user).values("pk"))


class FieldValue(models.Model):
    """One value of one field of a card, with its source.

    A card's field whose value has no row has the origin of the card itself (its import, its first contact), so that a
    base of millions needs no rows written for what it has already.
    """

    class State(models.TextChoices):
        CURRENT = "current", pgettext_lazy("value", "On the card")
        OTHER = "other", pgettext_lazy("value", "In another source")
        PAST = "past", pgettext_lazy("value", "Earlier")
        WRONG = "wrong", pgettext_lazy("value", "Marked wrong")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="values", db_index=False)
    field = models.CharField(max_length=20)
    value = SealedJSONField(help_text="column → text")
    value_key = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.CURRENT)
    source = models.CharField(max_length=8)
    source_name = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)

    objects = FieldValueQuerySet.as_manager()

    class Meta:
        ordering = ["field", "-last_seen", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "field", "value_key"], name="clients_value_once")
        ]


class GoldenRules(models.Model):
    """A version of the rules; the newest counts."""

    rules = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-pk"]
