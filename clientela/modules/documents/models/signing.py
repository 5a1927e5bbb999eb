"""A request to sign documents by a one-time code (простая электронная подпись, 63-ФЗ), and what was signed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.documents.models.papers import Document
from clientela.modules.organisation.queries import scope_of


class SignRequestQuerySet(models.QuerySet["SignRequest"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "SignRequestQuerySet":
        """Requests to clients this person may see."""
        return self.filter(scope_of(user).q("client__"))


class SignRequest(models.Model):
    """Documents that one client is asked to sign. ``token`` leads to the client's page.

    ``phone`` is the client's at the moment of asking: the code goes there and nowhere else. ``agreement`` is the text as
    it stood on the page, ``digest`` of it and of every file: what the code is bound to.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("signature", "Waits for the client")
        SIGNED = "signed", pgettext_lazy("signature", "Signed")
        LOCKED = "locked", pgettext_lazy("signature", "Closed after wrong codes")
        WITHDRAWN = "withdrawn", pgettext_lazy("signature", "Withdrawn")

    class Channel(models.TextChoices):
        SMS = "sms", _("SMS")
        EMAIL = "email", _("E-mail")

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="sign_requests")
    policy = models.ForeignKey(Policy, null=True, on_delete=models.PROTECT, related_name="sign_requests")
    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="sign_requests")
    token = KeyField(max_length=64, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    channel = models.CharField(max_length=5, choices=Channel, help_text="by which the link went")
    phone = models.CharField(max_length=20)
    agreement = models.TextField()
    digest = KeyField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0, help_text="codes typed, of all that were sent")
    link_message = models.ForeignKey(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    evidence = models.JSONField(default=dict, help_text="frozen at the moment of signing")
    evidence_digest = KeyField(max_length=64, blank=True, default="")
    file = models.FileField(upload_to="documents/", max_length=120, blank=True, help_text="evidence on paper")

    objects = SignRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "digest"], condition=Q(state="open"), name="documents_sign_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(policy__isnull=False, project__isnull=True)
                | Q(policy__isnull=True, project__isnull=False),
                name="documents_sign_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Signature')} {self.policy or self.project}"

    def is_open(self, now: Any) -> bool:
        """Whether the client may sign now."""
        return self.state == self.State.OPEN and self.expires_at > now


class SignedPaper(models.Model):
    """A document of a request. ``digest`` is of the file that the client read; ``stamped`` a copy with the stamp."""

    request = models.ForeignKey(SignRequest, on_delete=models.CASCADE, related_name="papers")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="signatures")
    digest = KeyField(max_length=64)
    stamped = models.FileField(upload_to="documents/", max_length=120, blank=True)
    stamped_digest = KeyField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "document"], name="documents_signed_paper_once")
        ]

    def __str__(self) -> str:
        return str(self.document)
