"""What we asked of classes, what we heard, what is disputed, and the local registry."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.foundation.sealed_fields import SealedField
from clientela.modules.bonus_malus.drivers import Driver
from clientela.modules.clients.models import Attachment, Client
from clientela.modules.organisation.queries import scope_of


class RegistryEntry(models.Model):
    """The class of a driver in the local registry, under the documents it was given by."""

    key = KeyField(max_length=40, unique=True)
    last_name = models.CharField(max_length=120)
    first_name = models.CharField(max_length=80)
    middle_name = models.CharField(max_length=80, blank=True)
    birth_date = models.DateField()
    licence = SealedField(blank=True, default="")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    klass = models.CharField(max_length=2)
    since = models.DateField(help_text="the first of April it holds from")
    previous_klass = models.CharField(max_length=2, blank=True)

    class Meta:
        verbose_name_plural = "registry entries"

    def __str__(self) -> str:
        return f"{self.last_name} {self.first_name}: {self.klass}"


class LookupQuerySet(models.QuerySet["Lookup"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "LookupQuerySet":
        """Those of clients this person may see, and what they asked themselves."""
        return self.filter(
            (models.Q(client__isnull=False) & scope_of(user).q("client__")) | models.Q(asked_by=user)
        )


class Lookup(models.Model):
    """The class of one driver on one day: asked for, known, or refused by the registry."""

    class State(models.TextChoices):
        KNOWN = "known", pgettext_lazy("class", "Known")
        PENDING = "pending", pgettext_lazy("class", "Being asked")
        FAILED = "failed", pgettext_lazy("class", "Not answered")

    class FoundBy(models.TextChoices):
        CURRENT = "current", _("by today's documents")
        PREVIOUS_LICENCE = "previous_licence", _("by the previous licence")
        PREVIOUS_SURNAME = "previous_surname", _("by the previous surname")
        PREVIOUS_BOTH = "previous_both", _("by the previous surname and licence")
        NEW = "new", _("no history: a new driver")
        DISPUTE = "dispute", _("corrected after a dispute")

    driver_key = KeyField(max_length=40)
    on = models.DateField()
    last_name = models.CharField(max_length=120)
    first_name = models.CharField(max_length=80)
    middle_name = models.CharField(max_length=80, blank=True)
    birth_date = models.DateField()
    licence = SealedField(blank=True, default="")
    previous_licence = SealedField(blank=True, default="")
    previous_last_name = models.CharField(max_length=120, blank=True)
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    klass = models.CharField(max_length=2, blank=True)
    value = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    found_by = models.CharField(max_length=16, choices=FoundBy, blank=True)
    source = models.CharField(max_length=20, blank=True, help_text="name of the registry")
    previous_klass = models.CharField(max_length=2, blank=True)
    asked_at = models.DateTimeField(null=True, help_text="last asked")
    answered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    objects = LookupQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [models.UniqueConstraint(fields=["driver_key", "on"], name="bonus_malus_lookup_once")]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"], name="bonus_malus_due", condition=models.Q(state="pending")
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)

    @property
    def is_known(self) -> bool:
        return self.state == self.State.KNOWN

    @property
    def driver(self) -> Driver:
        return Driver(
            self.last_name, self.first_name, self.middle_name, self.birth_date,
            self.licence, self.previous_licence, self.previous_last_name,
        )  # fmt: skip


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "DisputeQuerySet":
        return self.filter(scope_of(user).q("client__"))

    def open(self) -> "DisputeQuerySet":
        return self.filter(state__in=[Dispute.State.NEW, Dispute.State.SENT])


class Dispute(models.Model):
    """A client's word that the class is wrong: a service request with documents, until it is answered."""

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("dispute", "Documents being gathered")
        SENT = "sent", pgettext_lazy("dispute", "Sent to the registry")
        CORRECTED = "corrected", pgettext_lazy("dispute", "Class corrected")
        REFUSED = "refused", pgettext_lazy("dispute", "Class confirmed")
        WITHDRAWN = "withdrawn", pgettext_lazy("dispute", "Withdrawn")

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="class_disputes")
    lookup = models.ForeignKey(Lookup, on_delete=models.PROTECT, related_name="disputes")
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    klass = models.CharField(max_length=2, help_text="the class that is disputed")
    claimed_klass = models.CharField(max_length=2, help_text="the class the client holds to be right")
    reason = models.CharField(max_length=500)
    documents: "models.ManyToManyField[Attachment, Any]" = models.ManyToManyField(
        Attachment, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    answered_klass = models.CharField(max_length=2, blank=True)
    answered_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lookup"],
                condition=models.Q(state__in=["new", "sent"]),
                name="bonus_malus_one_open_dispute",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """КБМ-26-000118: what the client is told."""
        return f"КБМ-{self.created_at:%y}-{self.pk:06}"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.NEW, self.State.SENT}


class Recalculation(models.Model):
    """The first of April of one year: what became of every class of the local registry."""

    year = models.PositiveSmallIntegerField(unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    drivers = models.PositiveIntegerField(default=0)
    better = models.PositiveIntegerField(default=0)
    worse = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    asked_again = models.PositiveIntegerField(
        default=0, help_text="kept answers that are asked for once more"
    )
    moves = models.JSONField(default=dict, help_text="“3>4” → drivers")

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return str(self.year)
