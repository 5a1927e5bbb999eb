"""What the company sells, in versions with dates."""

import hashlib
import json

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class Line(models.TextChoices):
    """Lines of business, as norms and schedules count them."""

    KASKO = "kasko", _("KASKO")
    OSAGO = "osago", _("OSAGO")
    PROPERTY = "property", _("Property")
    MORTGAGE = "mortgage", _("Mortgage")
    TRAVEL = "travel", _("Travel")
    ACCIDENT = "accident", _("Accident")
    OTHER = "other", pgettext_lazy("line", "Other")


class Product(models.Model):
    """A product with its line; ``message_name`` is how texts to clients call it."""

    code = models.CharField(max_length=20, unique=True)
    line = models.CharField(max_length=10, choices=Line)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    message_name = models.CharField(max_length=60)
    number_format = models.CharField(
        max_length=60, blank=True, help_text="e.g. 16480/354/{serial:06}/{year:02}"
    )
    next_serial = models.PositiveBigIntegerField(default=1)
    is_renewable = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["line", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name in the language of the page; ``message_name`` is for the middle of a sentence."""
        return self.name_en if get_language() == "en" and self.name_en else self.name


class ProductVersion(models.Model):
    """What a product is from ``starts_on`` until its next version starts.

    ``definition`` holds ``object`` (kind of thing insured), ``coverages``, ``questions`` (rendered as forms),
    ``limits``, ``documents`` (codes), ``eligibility``, and for rating ``formula`` and ``underwriting``.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Proposed")
        ACTIVE = "active", _("In force")
        RETIRED = "retired", _("Retired")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    starts_on = models.DateField()
    asked_starts_on = models.DateField(
        null=True, help_text="the author's day, where the second person set another"
    )
    definition = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True, help_text="why it is changed")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    regression = models.JSONField(default=dict, help_text="what past calculations cost by it")

    class Meta:
        ordering = ["product", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="products_version_once"),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state__in=["draft", "proposed"]),
                name="products_version_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.number}"

    @property
    def content_stamp(self) -> str:
        """Sums up the definition: the check on past calculations counts only for what it was made on."""
        content = json.dumps(self.definition, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


class Bank(models.Model):
    """A lender that is a beneficiary of mortgage policies."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
