"""Claims (убытки): what happened under a policy, who was there, what was photographed, and how it went on."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.claims.rules import EventKind, Payout, View
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.queries import scope_of


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "ClaimQuerySet":
        """Claims of the clients this person may see."""
        return self.filter(scope_of(user).q("client__"))

    def undecided(self) -> "ClaimQuerySet":
        """Neither paid nor refused yet."""
        return self.filter(status__in=UNDECIDED)


class Claim(models.Model):
    """A loss reported under a policy.

    ``token`` opens the client's page; claims from before there was one have none until somebody takes them into work.
    ``due_on`` is the last day to decide and pay. ``amount`` is an estimate, and what was paid once it is paid.
    """

    class Status(models.TextChoices):
        REPORTED = "reported", pgettext_lazy("claim", "Reported")
        WORK = "work", pgettext_lazy("claim", "In work")
        WAITING = "waiting", pgettext_lazy("claim", "Waits for papers")
        PAID = "paid", pgettext_lazy("claim", "Paid")
        REFUSED = "refused", pgettext_lazy("claim", "Refused")

    class Channel(models.TextChoices):
        PORTAL = "portal", pgettext_lazy("notice", "Own pages")
        PHONE = "phone", pgettext_lazy("notice", "By phone")
        OFFICE = "office", pgettext_lazy("notice", "In the office")
        EMAIL = "email", pgettext_lazy("notice", "By e-mail")
        CHAT = "chat", pgettext_lazy("notice", "In a chat")
        AGENT = "agent", pgettext_lazy("notice", "Through the agent")

    number = models.CharField(max_length=40, unique=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="claims")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="claims")
    kind = models.CharField(max_length=10, choices=EventKind, default=EventKind.OTHER)
    occurred_on = models.DateField()
    occurred_at = models.TimeField(null=True, blank=True, help_text="on the clock of the place, when known")
    place = models.CharField(max_length=255, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    description = models.TextField(blank=True)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.AGENT)
    reported_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status, default=Status.REPORTED)
    due_on = models.DateField(null=True, blank=True, help_text="the last day to decide and pay")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    wanted = models.CharField(max_length=500, blank=True, help_text="which papers the client is asked for")
    reason = models.CharField(max_length=500, blank=True, help_text="why it was refused")
    settled_at = models.DateTimeField(null=True, blank=True)
    disputed_since = models.DateField(
        null=True, blank=True, help_text="an open dispute stops renewal messages"
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    payout = models.CharField(max_length=6, choices=Payout, blank=True)
    payee = models.CharField(max_length=200, blank=True)
    bic = models.CharField(max_length=9, blank=True)
    account = models.CharField(max_length=20, blank=True)
    token = KeyField(max_length=43, unique=True, null=True, blank=True)
    notice_key = KeyField(
        max_length=43, unique=True, null=True, blank=True, help_text="one notice makes one claim"
    )

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_on"]
        indexes = [
            models.Index(fields=["status", "due_on"], name="claims_queue"),
            models.Index(fields=["reported_at", "id"], name="claims_newest"),
            models.Index(fields=["assignee", "status"], name="claims_of_person"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_undecided(self) -> bool:
        return self.status in UNDECIDED

    @property
    def masked_account(self) -> str:
        """The account for those who do not pay to it."""
        return f"•••• {self.account[-4:]}" if self.account else ""


UNDECIDED = (Claim.Status.REPORTED, Claim.Status.WORK, Claim.Status.WAITING)
DECIDED = (Claim.Status.PAID, Claim.Status.REFUSED)


class ClaimStep(models.Model):
    """What became of a claim at a moment; the client is told of it once."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="steps")
    status = models.CharField(max_length=8, choices=Claim.Status)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.claim}: {self.get_status_display()}"


class ClaimParticipant(models.Model):
    """Somebody else who was there: the other driver, a neighbour, a witness."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="participants")
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    car = models.CharField(max_length=120, blank=True)
    plate = models.CharField(max_length=15, blank=True)
    policy_number = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name or self.car or self.plate


class Notice(models.Model):
    """A notice the client is still writing: kept word by word, so that the page may be closed; made a claim once."""

    key = KeyField(max_length=43, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    answers = models.JSONField(default=dict, help_text="what was typed, as typed")
    claim = models.OneToOneField(
        Claim, null=True, blank=True, on_delete=models.CASCADE, related_name="notice"
    )
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["client", "claim"], name="claims_notice_open")]

    def __str__(self) -> str:
        return str(self.pk)


class ClaimPhoto(models.Model):
    """One photo: a JPEG of ours, without what the camera wrote into it. Sent twice, it is one."""

    claim = models.ForeignKey(Claim, null=True, on_delete=models.CASCADE, related_name="photos")
    notice = models.ForeignKey(Notice, null=True, on_delete=models.CASCADE, related_name="photos")
    view = models.CharField(max_length=10, choices=View)
    file = models.FileField(upload_to="claims/%Y/%m/")
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "digest"], name="claims_photo_once"),
            models.UniqueConstraint(fields=["notice", "digest"], name="claims_notice_photo_once"),
        ]

    def __str__(self) -> str:
        return self.get_view_display()
