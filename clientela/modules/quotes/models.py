"""Calculations: one need of a client, and the variants it is priced in."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.foundation.money import MoneyField
from clientela.foundation.sealed_fields import SealedJSONField
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import InsuredObject, Policy, Project
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Product


class CalculationQuerySet(models.QuerySet["Calculation"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "CalculationQuerySet":
        """Calculations of the clients this person may see."""
        return self.filter(scope_of(user).q("client__"))

    def standing(self) -> "CalculationQuerySet":
        """Those that may still become a policy."""
        return self.filter(state__in=STANDING)

    def run_out(self, *, on: date) -> "CalculationQuerySet":
        """Offers whose last day has passed."""
        return self.filter(state__in=(Calculation.State.SENT, Calculation.State.DRAFT), valid_until__lt=on)


class Calculation(models.Model):
    """One need of a client. What is known of it is prefilled; each field knows where it came from.

    ``answers`` are the facts and the answers to the product's questions, ``subject`` is the thing insured,
    ``drivers`` who drives; ``origins`` says of each field where it came from (see ``rules.Origin``).
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("calculation", "In work")
        REFERRED = "referred", pgettext_lazy("calculation", "With the underwriter")
        DECLINED = "declined", pgettext_lazy("calculation", "Declined")
        SENT = "sent", pgettext_lazy("calculation", "Sent")
        ACCEPTED = "accepted", pgettext_lazy("calculation", "Chosen by the client")
        PROJECT = "project", pgettext_lazy("calculation", "Waits for payment")
        ISSUED = "issued", pgettext_lazy("calculation", "Policy issued")
        EXPIRED = "expired", pgettext_lazy("calculation", "Ran out")
        LOST = "lost", pgettext_lazy("calculation", "Lost")

    number = models.CharField(max_length=20, unique=True)
    number_key = KeyField(max_length=20, help_text="the number as people may type it, for the search")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="calculations", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(
        Policy, null=True, blank=True, on_delete=models.SET_NULL, related_name="calculations", db_index=False,
        help_text="the expiring term",
    )  # fmt: skip
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="calculations", db_index=False
    )
    request_ref = models.BigIntegerField(null=True, blank=True, help_text="the request it was made for")
    deal_ref = models.BigIntegerField(null=True, blank=True, help_text="the deal it was made for")
    insured_object = models.ForeignKey(
        InsuredObject, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    starts_on = models.DateField(help_text="first day of cover")
    months = models.PositiveSmallIntegerField(default=12)
    subject = models.JSONField(default=dict)
    drivers = SealedJSONField(default=list)
    answers = models.JSONField(default=dict)
    origins = models.JSONField(default=dict)
    loading = models.DecimalField(
        max_digits=6, decimal_places=4, default=1, help_text="factor that an underwriter set"
    )
    conditions = models.CharField(max_length=500, blank=True, help_text="of the underwriter")
    released = models.BooleanField(default=False, help_text="an underwriter accepted what the rules referred")
    reasons = models.JSONField(default=list, help_text="why it was referred, declined or lost")
    waits_for_class = models.BooleanField(default=False, help_text="the class of a driver is being asked")
    last_premium = MoneyField(null=True, blank=True, help_text="price of the expiring term")
    token = KeyField(max_length=43, null=True, unique=True, help_text="secret of the client's page")
    sent_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = CalculationQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        indexes = [
            models.Index(fields=["client", "-updated_at"], name="quotes_calc_client"),
            models.Index(fields=["-updated_at", "-id"], name="quotes_calc_recent"),
            models.Index(fields=["state", "valid_until"], name="quotes_calc_state"),
            models.Index(fields=["number_key"], name="quotes_calc_number"),
            models.Index(
                fields=["waits_for_class"], name="quotes_calc_waits", condition=Q(waits_for_class=True)
            ),
            models.Index(fields=["policy"], name="quotes_calc_policy", condition=Q(policy__isnull=False)),
            models.Index(fields=["project"], name="quotes_calc_project", condition=Q(project__isnull=False)),
            models.Index(
                fields=["request_ref"], name="quotes_calc_request", condition=Q(request_ref__isnull=False)
            ),
            models.Index(fields=["deal_ref"], name="quotes_calc_deal", condition=Q(deal_ref__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


STANDING = (
    Calculation.State.DRAFT, Calculation.State.REFERRED, Calculation.State.SENT, Calculation.State.ACCEPTED,
    Calculation.State.PROJECT,
)  # fmt: skip
EDITABLE = (
    Calculation.State.DRAFT, Calculation.State.SENT, Calculation.State.ACCEPTED, Calculation.State.EXPIRED,
    Calculation.State.DECLINED,
)  # fmt: skip


class Variant(models.Model):
    """One way to cover the need. ``changes`` is what differs from the calculation, ``explanation`` how the price came.

    Without a price ``problem`` says why; ``missing`` are the keys of the facts that are not known yet.
    """

    calculation = models.ForeignKey(Calculation, on_delete=models.CASCADE, related_name="variants")
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=80, blank=True, help_text="own words; empty: told by the differences")
    changes = models.JSONField(default=dict)
    premium = MoneyField(null=True, blank=True)
    explanation = models.JSONField(default=dict)
    decision = models.CharField(max_length=10, blank=True, help_text="of the underwriting tables")
    reasons = models.JSONField(default=list)
    problem = models.CharField(max_length=255, blank=True)
    missing = models.JSONField(default=list)
    is_chosen = models.BooleanField(default=False)
    priced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["calculation", "place"], name="quotes_variant_place_once"),
            models.UniqueConstraint(
                fields=["calculation"], condition=Q(is_chosen=True), name="quotes_one_chosen_variant"
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.place)


class Serial(models.Model):
    """The next number of a year."""

    year = models.PositiveSmallIntegerField(unique=True)
    next_serial = models.PositiveBigIntegerField(default=1)
