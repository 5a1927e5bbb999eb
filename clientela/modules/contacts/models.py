"""Consents, the communication policy, templates, and every message in and out."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.claims import Claimable
from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of


class Channel(models.TextChoices):
    """Ways to reach a client. Robot and operator are calls made by our own side."""

    SMS = "sms", "SMS"
    EMAIL = "email", "E-mail"
    VK = "vk", "VK"
    TELEGRAM = "telegram", "Telegram"
    WEBCHAT = "webchat", _("Chat on the site")
    LETTER = "letter", pgettext_lazy("channel", "Letter")
    ROBOT = "robot", _("Robot")
    OPERATOR = "operator", _("Operator")


# By these we may write first; a chat on a site only answers who wrote there; robot and operator speak.
WRITTEN = (Channel.SMS, Channel.EMAIL, Channel.VK, Channel.TELEGRAM)
ANSWERED = (*WRITTEN, Channel.WEBCHAT)
PLANNED = (*WRITTEN, Channel.ROBOT, Channel.OPERATOR)


class Purpose(models.TextChoices):
    """What a message is for; a consent is given for one of these."""

    SERVICE = "service", _("Service messages about own contracts")
    ADVERTISING = "advertising", _("Advertising")
    GROUP_DATA = "group_data", _("Use of data from sister companies")


class Consent(models.Model):
    """A consent as its own document: one purpose, one channel, given and perhaps withdrawn."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=12, choices=Purpose)
    channel = models.CharField(max_length=10, help_text="a channel, or “call” for any call")
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    text_version = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=80, blank=True, help_text="where it was given")
    withdrawn_via = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "purpose", "channel"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="contacts_consent_in_force_once",
            )
        ]
        indexes = [models.Index(fields=["client", "purpose", "channel"], name="contacts_consent_client")]


class CommunicationPolicy(models.Model):
    """The rules every send passes: quiet hours, caps and the agent NDA. The newest row is in force."""

    weekday_from = models.TimeField()
    weekday_to = models.TimeField()
    weekend_from = models.TimeField()
    weekend_to = models.TimeField()
    caps = models.JSONField(
        default=dict,
        help_text='e.g. {"service": {"day": 3, "week": 10}, "advertising": {"day": 1, "week": 2}}',
    )
    nda_patterns = models.JSONField(
        default=list, help_text="regular expressions that must not appear in a text to an agent's client"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        get_latest_by = "id"


class Template(models.Model):
    """A text with variables for one channel and one language; a new version replaces the old one."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("template", "Draft")
        APPROVED = "approved", pgettext_lazy("template", "Approved")
        RETIRED = "retired", pgettext_lazy("template", "Retired")

    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=10, choices=Channel)
    language = models.CharField(max_length=5, default="ru")
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.SERVICE)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    used = models.PositiveIntegerField(default=0, db_default=0, help_text="how often people took its words")
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["code", "channel", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "channel", "language", "version"], name="contacts_template_version_once"
            )
        ]


class Macro(models.Model):
    """A prepared answer and what is done after it, in one click. The words are those in force under ``code``."""

    class Act(models.TextChoices):
        TAKE = "take", pgettext_lazy("macro", "Take the conversation")
        QUEUE = "queue", pgettext_lazy("macro", "Give it back to the queue")
        DONE = "done", pgettext_lazy("macro", "Mark it done")

    name = models.CharField(max_length=80, unique=True)
    code = models.SlugField(max_length=60, blank=True, help_text="code of a template; empty: nothing is sent")
    note = models.TextField(blank=True, help_text="for colleagues")
    acts = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def act_names(self) -> list[str]:
        return [str(self.Act(act).label) for act in self.acts]


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


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "ConversationQuerySet":
        """Only conversations with the clients this person may see, by the owner copied here: for lists and counts."""
        return self.filter(scope_of(user).q())

    def readable_by(self, user: Any) -> "ConversationQuerySet":
        """The same, asked of the clients themselves: a copy may be seconds old after a client changed hands."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(scope.q(), models.Q(client__isnull=True) | scope.q("client__"))

    def open(self) -> "ConversationQuerySet":
        return self.filter(state=Conversation.State.OPEN)


class PhoneClaim(models.Model):
    """Whoever writes from an address says a phone is theirs, and somebody's card has that phone.

    ``verified`` means that the network vouches for the number. A claim alone gives no card away: a person decides.
    ``client`` is whose card the address is on now, ``settled_client`` whose it was found to be (empty: nobody's).
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="phone_claims")
    channel = models.CharField(max_length=10)
    address = KeyField(max_length=254)
    phone = KeyField(max_length=254, help_text="E.164")
    verified = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    settled_client = models.ForeignKey(
        Client, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"],
                condition=models.Q(settled_at__isnull=True),
                name="contacts_claim_open_once",
            )
        ]


class Conversation(models.Model):
    """Everything said with one client on every channel, who answers it, and by when.

    The messages themselves are found by the client. ``client`` is empty while several clients share the address that
    wrote and nobody has said yet which of them it was. ``agent``, ``branch`` and ``centre`` are the client's.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("conversation", "Open")
        DONE = "done", pgettext_lazy("conversation", "Done")

    client = models.OneToOneField(Client, null=True, on_delete=models.CASCADE, related_name="conversation")
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    centre = models.ForeignKey(
        RenewalCentre, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=10, help_text="by which the client wrote last")
    address = KeyField(max_length=254, help_text="from which the client wrote last")
    state = models.CharField(max_length=4, choices=State, default=State.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reasons = models.JSONField(default=list, help_text="why it is the assignee's: codes with their facts")
    last_at = models.DateTimeField()
    last_text = models.CharField(max_length=200, blank=True)
    last_is_ours = models.BooleanField(default=False)
    last_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="when the assignee looked last")
    waiting_since = models.DateTimeField(
        null=True, help_text="the first message of the client not answered yet"
    )
    answer_by = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"],
                condition=models.Q(client__isnull=True),
                name="contacts_conversation_shared_once",
            ),
        ]
        indexes = [
            models.Index(fields=["assignee", "state", "-last_at", "-id"], name="contacts_talk_assignee"),
            models.Index(fields=["agent", "state", "-last_at", "-id"], name="contacts_talk_agent"),
            models.Index(fields=["branch", "state", "-last_at", "-id"], name="contacts_talk_branch"),
            models.Index(fields=["centre", "state", "-last_at", "-id"], name="contacts_talk_centre"),
            models.Index(fields=["state", "-last_at", "-id"], name="contacts_talk_recent"),
        ]

    def __str__(self) -> str:
        return self.client.name if self.client else self.address

    @property
    def is_new(self) -> bool:
        """The client wrote after the assignee looked last."""
        return self.last_in_at is not None and (self.seen_at is None or self.seen_at < self.last_in_at)
