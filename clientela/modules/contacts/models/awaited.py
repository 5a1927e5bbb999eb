"""Words that somebody waits for in front of a screen: they carry a secret, and go at once or not at all."""

from django.db import models

from clientela.foundation.fields import KeyField
from clientela.modules.contacts.models.messages import Message


class Awaited(models.Model):
    """What an outgoing message may not be stored with: put into its text when it goes, then forgotten.

    After ``until`` nobody waits any more, and the message is not sent.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="awaited")
    sealed = models.TextField(blank=True, help_text="the secret, encrypted; empty once it has gone")
    until = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["until"], name="contacts_awaited_sealed", condition=~models.Q(sealed=""))
        ]


class OneTimeCode(models.Model):
    """A code that proves that a phone is in somebody's hands. Of one ``purpose`` and record only the last one counts."""

    purpose = models.CharField(max_length=40, help_text="who asked, e.g. shop.phone")
    subject_id = models.BigIntegerField(help_text="the record of the purpose that it is about")
    address = KeyField(max_length=254)
    digest = KeyField(max_length=64, help_text="of the code, the address and what it is bound to")
    message = models.ForeignKey(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["purpose", "subject_id", "-id"], name="contacts_code_last"),
            models.Index(fields=["address", "-created_at"], name="contacts_code_address"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject_id}"
