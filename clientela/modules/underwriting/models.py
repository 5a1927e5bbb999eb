"""What the rules did not accept by themselves: who may decide it, what was decided, what was photographed."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.foundation.money import MoneyField
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.underwriting.changes import ChangeReferral, ChangeReferralQuerySet

__all__ = [
    "Authority", "ChangeReferral", "ChangeReferralQuerySet", "Inspection", "Referral", "ReferralQuerySet", "Shot", "View",
]  # fmt: skip


class Authority(models.Model):
    """How far a person may decide: up to this sum insured and within these changes of the premium, for one product or for all."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authorities")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    most = models.DecimalField(
        max_digits=16, decimal_places=2, null=True, blank=True, help_text="sum insured in roubles; empty: any"
    )
    most_loading = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="percent upon the premium; empty: any",
    )
    most_discount = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, help_text="percent off the premium; empty: any"
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "authorities"
        ordering = ["user", "product"]
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="underwriting_authority_once"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(product=None), name="underwriting_authority_all_once"
            ),
        ]

    def may_change(self, loading: Decimal) -> bool:
        """Whether a factor upon the premium is within the person's loading and discount."""
        percent = (loading - 1) * 100
        limit = self.most_loading if percent > 0 else self.most_discount
        return limit is None or abs(percent) <= limit


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "ReferralQuerySet":
        """Referrals of the clients this person may see."""
        return self.filter(scope_of(user).q("calculation__client__"))

    def waiting(self) -> "ReferralQuerySet":
        """Those that somebody has to decide."""
        return self.filter(state__in=(Referral.State.WAITING, Referral.State.INSPECTION))


class Referral(models.Model):
    """A calculation that waits for an underwriter, or was decided by one."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("referral", "Waits for a decision")
        INSPECTION = "inspection", pgettext_lazy("referral", "Photos are asked for")
        ACCEPTED = "accepted", pgettext_lazy("referral", "Accepted")
        DECLINED = "declined", pgettext_lazy("referral", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("referral", "Taken back")

    calculation = models.ForeignKey(Calculation, on_delete=models.CASCADE, related_name="referrals")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reasons = models.JSONField(default=list)
    needs_photos = models.BooleanField(default=False)
    premium = MoneyField(null=True)
    sum_insured = models.DecimalField(max_digits=16, decimal_places=2, default=Decimal(0))
    loading = models.DecimalField(max_digits=6, decimal_places=4, default=1)
    conditions = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["calculation"], condition=Q(state__in=["waiting", "inspection"]),
                name="underwriting_one_open_referral",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "created_at"], name="underwriting_queue")]

    def __str__(self) -> str:
        return self.calculation.number


class Inspection(models.Model):
    """A link to the client's phone that asks for photos of the thing; ``views`` are the codes of what is wanted.

    They are wanted for a calculation that was referred, or for a change of a policy that was.
    """

    referral = models.ForeignKey(Referral, null=True, on_delete=models.CASCADE, related_name="inspections")
    change = models.ForeignKey(
        ChangeReferral, null=True, on_delete=models.CASCADE, related_name="inspections"
    )
    token = KeyField(max_length=43, unique=True)
    views = models.JSONField(default=list)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(referral=None, change__isnull=False) | Q(referral__isnull=False, change=None),
                name="underwriting_inspection_of_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.referral or self.change)

    @property
    def about(self) -> Calculation | Policy:
        """What is being decided."""
        return self.referral.calculation if self.referral else self._change.policy

    @property
    def thing(self) -> str:
        """What is photographed, in words."""
        if self.referral:
            return str(self.referral.calculation.subject.get("title", ""))
        return str(self._change.policy.insured_object or "")

    @property
    def is_open(self) -> bool:
        """Whether photos are still wanted: not handed over, and nothing decided."""
        if self.done_at is not None:
            return False
        if self.referral:
            return self.referral.state in (Referral.State.WAITING, Referral.State.INSPECTION)
        return self._change.state == ChangeReferral.State.WAITING

    @property
    def _change(self) -> ChangeReferral:
        assert self.change is not None  # the database holds it to one of the two
        return self.change


class View(models.TextChoices):
    """What is photographed."""

    FRONT = "front", _("The car from the front")
    BACK = "back", _("The car from behind")
    LEFT = "left", _("The left side")
    RIGHT = "right", _("The right side")
    VIN = "vin", _("The VIN plate")
    MILEAGE = "mileage", _("The dashboard with the mileage")
    DAMAGE = "damage", _("Damage, if there is any")
    OUTSIDE = "outside", _("The building from outside")
    ROOMS = "rooms", _("The rooms")
    PAPERS = "papers", _("The documents of ownership")


class Shot(models.Model):
    """One photo: a JPEG of ours, without what the camera wrote into it. A view that is taken again has the newest."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="shots")
    view = models.CharField(max_length=10, choices=View)
    file = models.FileField(upload_to="inspections/%Y/%m/")
    size = models.PositiveIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "view"], name="underwriting_shot_once")]
