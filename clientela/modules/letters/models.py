"""Letters on paper to many clients at once: one file to print, one list to hand over with it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.foundation.jobs.models import Job
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message, Template
from clientela.modules.organisation.queries import scope_of
from clientela.modules.renewals.models import Renewal


class MailingQuerySet(models.QuerySet["Mailing"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "MailingQuerySet":
        """The person's own; all of them for who sees the whole company, since a file holds the names of its clients."""
        return self if scope_of(user).everything else self.filter(author=user)


class Mailing(models.Model):
    """One text to many clients by post. ``source`` says in the list's own words how they were chosen."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("mailing", "Waits for approval")
        MAKING = "making", pgettext_lazy("mailing", "Being made")
        READY = "ready", pgettext_lazy("mailing", "Ready to print")
        POSTED = "posted", pgettext_lazy("mailing", "Handed to the post")
        CANCELLED = "cancelled", pgettext_lazy("mailing", "Cancelled")

    name = models.CharField(max_length=120)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=255, blank=True)
    window = models.CharField(max_length=10, help_text="where the envelope shows the address")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="mailings"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    file = models.CharField(max_length=120, blank=True, help_text="the pages of all letters")
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = MailingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Letter(models.Model):
    """The letter to one client. ``number`` is its place in the file, in the order of postcodes."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("letter", "Not made yet")
        ACCEPTED = "accepted", pgettext_lazy("letter", "To be sent")
        REFUSED = "refused", pgettext_lazy("letter", "Not written")
        POSTED = "posted", pgettext_lazy("letter", "Sent")
        WITHDRAWN = "withdrawn", pgettext_lazy("letter", "To be taken out")
        CANCELLED = "cancelled", pgettext_lazy("letter", "Cancelled")

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="letters", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="letters")
    renewal = models.ForeignKey(Renewal, null=True, on_delete=models.SET_NULL, related_name="+")
    message = models.OneToOneField(Message, null=True, on_delete=models.SET_NULL, related_name="letter")
    number = models.PositiveIntegerField(null=True)
    postal_code = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=254, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True, help_text="a code of the policy, or a sentence")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailing", "client"], name="letters_one_a_client")]
        indexes = [models.Index(fields=["mailing", "state", "number"], name="letters_of_mailing")]
