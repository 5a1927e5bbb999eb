"""Conversations: who answers them, by when, and what is not settled about who writes."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of


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


class Conversation(models.Model):
    """Everything said with one client on every channel, who answers it, and by when.

    The messages themselves are found by the client. ``client`` is empty while several clients share the address that
    wrote and nobody has said yet which of them it was, and for strangers who write in public: ``name`` is what they
    call themselves there. ``agent``, ``branch`` and ``centre`` are the client's.
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
    name = models.CharField(max_length=120, blank=True, default="", db_default="", help_text="without a card")
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
            models.Index(fields=["channel", "state", "-last_at", "-id"], name="contacts_talk_channel"),
            models.Index(
                fields=["answer_by", "id"],
                name="contacts_talk_due",
                condition=models.Q(state="open", answer_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.client.name if self.client else self.name or self.address

    @property
    def is_new(self) -> bool:
        """The client wrote after the assignee looked last."""
        return self.last_in_at is not None and (self.seen_at is None or self.seen_at < self.last_in_at)


class HandOver(models.Model):
    """A complaint that somebody heard in a conversation and handed over, with the words it was made in."""

    class Urgency(models.TextChoices):
        USUAL = "usual", pgettext_lazy("complaint", "Usual")
        URGENT = "urgent", pgettext_lazy("complaint", "Urgent")

    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.SET_NULL, related_name="hand_overs"
    )
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="hand_overs")
    messages = models.JSONField(help_text="ids, the oldest first")
    excerpt = models.CharField(max_length=1000)
    urgency = models.CharField(max_length=6, choices=Urgency)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.excerpt[:80]


class DraftFile(models.Model):
    """A file that somebody is about to send in a conversation: nobody else sees it, and it goes after a day."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="draft_files")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    file = models.FileField(upload_to="messages/%Y/%m/")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
