"""Deals and their way through the stages."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Product
from clientela.modules.sales.models.funnels import Funnel, LostReason, Stage


class DealQuerySet(models.QuerySet["Deal"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "DealQuerySet":
        """Deals of clients in sight: the own ones, of the team, the branch, the centre, or all."""
        return self.filter(scope_of(user).q("client__"))

    def open(self) -> "DealQuerySet":
        return self.filter(state=Deal.State.OPEN)


class Deal(models.Model):
    """One sale to one client. ``version`` grows with each change, so that two people do not undo each other.

    ``request`` and ``calculation`` are numbers of rows in modules of their own. ``answers`` belong to the funnel's
    questions. ``changed_by`` is who changed it last.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("deal", "Open")
        WON = "won", pgettext_lazy("deal", "Won")
        LOST = "lost", pgettext_lazy("deal", "Lost")

    class Origin(models.TextChoices):
        REQUEST = "request", pgettext_lazy("deal from", "Request")
        CAMPAIGN = "campaign", pgettext_lazy("deal from", "Campaign")
        CALL = "call", pgettext_lazy("deal from", "Call")
        RENEWAL = "renewal", pgettext_lazy("deal from", "Renewal")
        ADVICE = "advice", pgettext_lazy("deal from", "Advice")
        CLIENT = "client", pgettext_lazy("deal from", "Client")

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="deals")
    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="deals", db_index=False)
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="deals", db_index=False)
    state = models.CharField(max_length=4, choices=State, default=State.OPEN)
    origin = models.CharField(max_length=8, choices=Origin)
    origin_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=60, blank=True, help_text="as people say it: site, car dealer")
    request = models.BigIntegerField(null=True, db_column="request_id")
    calculation = models.BigIntegerField(null=True, db_column="calculation_id")
    renews = models.ForeignKey(Policy, null=True, on_delete=models.SET_NULL, related_name="deals")
    project = models.ForeignKey(Project, null=True, on_delete=models.SET_NULL, related_name="deals")
    sold = models.ForeignKey(Policy, null=True, on_delete=models.SET_NULL, related_name="+")
    product = models.ForeignKey(
        Product, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subject = models.CharField(max_length=200, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    starts_on = models.DateField(null=True)
    answers = models.JSONField(default=dict)
    next_step = models.CharField(max_length=200, blank=True)
    next_kind = models.CharField(max_length=8, blank=True)
    next_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="deals"
    )
    lost_reason = models.ForeignKey(LostReason, null=True, on_delete=models.PROTECT, related_name="+")
    lost_note = models.CharField(max_length=255, blank=True)
    entered_at = models.DateTimeField(help_text="came to its stage")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = DealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "origin_id"],
                condition=Q(state="open", origin_id__isnull=False),
                name="sales_deal_once",
            )
        ]
        indexes = [
            models.Index(fields=["funnel", "stage"], name="sales_deal_open", condition=Q(state="open")),
            models.Index(fields=["funnel", "state", "closed_at"], name="sales_deal_closed"),
            models.Index(fields=["request"], name="sales_deal_request", condition=Q(request__isnull=False)),
            models.Index(
                fields=["calculation"], name="sales_deal_calculation", condition=Q(calculation__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.client}"

    @property
    def number(self) -> str:
        """С-26-00418: the year it began in and its own number."""
        return f"С-{self.created_at:%y}-{self.pk:05}"

    def filled(self) -> dict[str, Any]:
        """Values of every field that a stage may ask for, by code."""
        own = {
            "product": self.product_id, "subject": self.subject, "amount": self.amount, "starts_on": self.starts_on,
            "next_step": self.next_step, "next_at": self.next_at, "next_kind": self.next_kind,
        }  # fmt: skip
        return own | self.answers

    def over_norm(self, now: datetime) -> bool:
        """Whether it stays in its stage longer than it may."""
        days = timedelta(days=float(self.stage.norm_days))
        return self.state == self.State.OPEN and now - self.entered_at > days


class StageVisit(models.Model):
    """A deal's time in a stage; ``went`` says how it left."""

    class Went(models.TextChoices):
        FORWARD = "forward", pgettext_lazy("deal went", "Forward")
        BACK = "back", pgettext_lazy("deal went", "Back")
        WON = "won", pgettext_lazy("deal", "Won")
        LOST = "lost", pgettext_lazy("deal", "Lost")

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="visits")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    went = models.CharField(max_length=7, choices=Went, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False,
        help_text="who brought it here; nobody: it came by itself",
    )  # fmt: skip

    class Meta:
        ordering = ["deal", "entered_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal"], condition=Q(left_at__isnull=True), name="sales_one_stage_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["stage", "left_at"], name="sales_visit_left")]

    def __str__(self) -> str:
        return f"{self.deal_id} {self.stage_id}"
