"""What is said: messages out and in, where they are on their way, and what became of them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.foundation.claims import Claimable
from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models.channels import Channel, Purpose
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.organisation.queries import scope_of


class MessageQuerySet(models.QuerySet["Message"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "MessageQuerySet":
        """Messages of the clients this person may see; those of unknown senders only for who sees all."""
        return self.filter(scope_of(user).q("client__"))

    def outgoing(self) -> "MessageQuerySet":
        return self.filter(direction=Message.Direction.OUT)


class Message(Claimable):
    """One message to or from a client, and where it is on its way."""

    class Direction(models.TextChoices):
        OUT = "out", pgettext_lazy("message", "Out")
        IN = "in", pgettext_lazy("message", "In")

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("message", "Waiting")
        SENDING = "sending", pgettext_lazy("message", "Being sent")
        UNCERTAIN = "uncertain", pgettext_lazy("message", "Being checked")
        SENT = "sent", pgettext_lazy("message", "Sent")
        DELIVERED = "delivered", pgettext_lazy("message", "Delivered")
        READ = "read", pgettext_lazy("message", "Read")
        FAILED = "failed", pgettext_lazy("message", "Not delivered")
        DROPPED = "dropped", pgettext_lazy("message", "Not sent")
        RECEIVED = "received", pgettext_lazy("message", "Received")

    direction = models.CharField(max_length=3, choices=Direction)
    channel = models.CharField(max_length=10, choices=Channel)
    client = models.ForeignKey(
        Client, null=True, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    contact_point = models.ForeignKey(
        ContactPoint, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    address = KeyField(max_length=254, help_text="the client's address")
    sender = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.SERVICE)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    quoted = models.TextField(
        blank=True, default="", db_default="", help_text="the conversation that the client's mail repeats"
    )
    mailbox = models.ForeignKey(
        Mailbox, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False,
        help_text="by which it came or goes",
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State)
    origin = models.CharField(
        max_length=40, blank=True, default="", help_text="who asked, e.g. renewals.touch"
    )
    origin_id = models.BigIntegerField(null=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    in_reply_to = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="replies", db_index=False
    )
    token = KeyField(max_length=32, blank=True, default="", help_text="the secret half of ``link_token``")
    external_id = KeyField(max_length=200, null=True, help_text="the network's id of an incoming message")
    verdict = models.JSONField(default=dict, help_text="the communication policy's answer with every check")
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=400, blank=True)
    parts = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        # Every change of state writes an entry into each index of the row: none stands here without need.
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "origin_id"],
                condition=models.Q(origin_id__isnull=False),
                name="contacts_message_once_per_origin",
            ),
            models.UniqueConstraint(
                fields=["channel", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="contacts_message_received_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "not_before", "id"],
                name="contacts_message_due",
                condition=models.Q(state="queued"),
            ),
            models.Index(
                fields=["channel", "lease_until"],
                name="contacts_message_under_way",
                condition=models.Q(lease_until__isnull=False),
            ),
            models.Index(
                fields=["channel", "created_at"],
                name="contacts_message_failed",
                condition=models.Q(state="failed"),
            ),
            models.Index(fields=["client", "-created_at"], name="contacts_message_client"),
            models.Index(
                fields=["in_reply_to"],
                name="contacts_message_reply",
                condition=models.Q(in_reply_to__isnull=False),
            ),
            models.Index(fields=["address", "-created_at"], name="contacts_message_address"),
        ]

    @property
    def link_token(self) -> str:
        """What stands in tracked links: the id finds the message, the secret proves the right to."""
        return f"{self.pk}-{self.token}"


class ProviderId(models.Model):
    """The network's id of one part of a sent message; receipts come back under it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="provider_ids")
    channel = models.CharField(max_length=10)
    value = KeyField(max_length=200)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "value"], name="contacts_provider_id_once")]


class EarlyReceipt(models.Model):
    """A receipt that names no message we know yet: it came before the network's id was stored, or is not ours."""

    channel = models.CharField(max_length=10)
    value = KeyField(max_length=200, blank=True, default="", help_text="the network's id of the part")
    address = KeyField(max_length=254, blank=True, default="")
    receipt = models.JSONField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["channel", "value"], name="contacts_early_receipt"),
            models.Index(fields=["address"], name="contacts_early_address"),
        ]


class MessageFile(models.Model):
    """A file that came or goes with a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="files")
    file = models.FileField(upload_to="messages/%Y/%m/")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return self.name


class Publication(models.Model):
    """Where a message stands that everybody reads: its link, and the words that it is about (empty: not known).

    ``withdrawn_at``: its author has deleted it since; what it said is kept.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="publication")
    url = models.URLField(max_length=300)
    about = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.url


class Signal(models.Model):
    """Something a client did with a message: opened, clicked, replied, unsubscribed."""

    class Kind(models.TextChoices):
        OPEN = "open", pgettext_lazy("signal", "Opened")
        CLICK = "click", pgettext_lazy("signal", "Followed a link")
        REPLY = "reply", pgettext_lazy("signal", "Replied")
        UNSUBSCRIBE = "unsubscribe", pgettext_lazy("signal", "Unsubscribed")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    detail = models.CharField(max_length=400, blank=True)


class MailboxCursor(models.Model):
    """How far a mailbox or another incoming stream was read."""

    name = models.CharField(max_length=120, unique=True)
    position = models.CharField(max_length=120, blank=True)
    updated_at = models.DateTimeField()
