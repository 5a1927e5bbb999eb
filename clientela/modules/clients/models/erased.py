"""Whom we had to forget: nothing is kept but what tells that it is the same person."""

from django.db import models

from clientela.foundation.fields import KeyField


class Tombstone(models.Model):
    """A keyed digest of one thing by which an erased person would be known again: a document, an INN, a name with birth."""

    digest = KeyField(max_length=64, unique=True)
    client_card = models.BigIntegerField(help_text="number of the card that was erased")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["client_card"], name="clients_tombstone_card")]
