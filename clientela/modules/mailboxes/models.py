"""Mailboxes of the company and of its people, and what stands under their mails."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.organisation.models import Branch, RenewalCentre


class Mailbox(models.Model):
    """An address that clients write to and that answers go out from.

    A person's own, shared by a branch or a renewal centre, or the company's where it names none of them. The password
    is kept sealed or stands in the environment; nothing reads it but the connection itself.
    """

    class Security(models.TextChoices):
        TLS = "tls", "TLS"
        STARTTLS = "starttls", "STARTTLS"
        NONE = "none", pgettext_lazy("connection", "None")

    address = KeyField(max_length=254, unique=True)
    name = models.CharField(max_length=120, help_text="stands before the address")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="mailboxes"
    )
    branch = models.ForeignKey(
        Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="mailboxes"
    )
    centre = models.ForeignKey(
        RenewalCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="mailboxes"
    )
    imap_host = models.CharField(max_length=120, blank=True, help_text="empty: nothing is read")
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    smtp_host = models.CharField(max_length=120, blank=True, help_text="empty: the company's server")
    smtp_port = models.PositiveIntegerField(default=465)
    smtp_security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    user = models.CharField(max_length=120, blank=True)
    sealed_password = models.TextField(blank=True)
    password_variable = models.CharField(max_length=80, blank=True)
    signature = models.TextField(blank=True)
    acknowledges = models.BooleanField(default=False)
    acknowledgement = models.TextField(blank=True)
    acknowledgement_subject = models.CharField(max_length=200, blank=True)
    acknowledgement_hours = models.PositiveSmallIntegerField(default=24)
    is_active = models.BooleanField(default=False)
    tried_at = models.DateTimeField(null=True, help_text="when the connection was tried or used last")
    fault = models.CharField(max_length=300, blank=True, help_text="why it did not work then")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person=None, branch=None)
                | models.Q(person=None, centre=None)
                | models.Q(branch=None, centre=None),
                name="mailboxes_one_owner",
            )
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def sender(self) -> str:
        """``"Name" <address>`` as messages name it."""
        name = self.name.replace("\\", "").replace('"', "")
        return f'"{name}" <{self.address}>'

    @property
    def owner(self) -> str:
        """Whose it is, in words."""
        return str(self.person or self.branch or self.centre or _("The company"))


class Signature(models.Model):
    """What stands under the mails of a person, or of everybody in a branch."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="signature"
    )
    branch = models.OneToOneField(Branch, null=True, on_delete=models.CASCADE, related_name="signature")
    text = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person=None, branch__isnull=False)
                | models.Q(person__isnull=False, branch=None),
                name="mailboxes_signature_of_one",
            )
        ]
