"""Rents, what was said of each, and what holds for all."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from clientela.foundation.money import MoneyField
from clientela.modules.commission.models import Rate, paid_agents
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Agent
from clientela.modules.rent.rules import Reason


class RentQuerySet(models.QuerySet["Rent"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "RentQuerySet":
        """Rents of the agents whose pay this person may see."""
        return self.filter(agent__in=paid_agents(user))

    def clean(self) -> "RentQuerySet":
        """Every check is met and the sum is known."""
        return self.filter(is_clean=True, amount__gt=0)


class Rent(models.Model):
    """What an agent may get for a term that the client renewed alone: one for a policy.

    ``evidence`` is what was found when it was written, or answered last, by check; it does not change with the base.
    ``base`` and ``amount`` follow the money. ``percent`` is None while no rate of rent is known.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("rent", "Waits for the branch")
        APPROVED = "approved", pgettext_lazy("rent", "Approved")
        RETURNED = "returned", pgettext_lazy("rent", "Returned")
        OFFICE = "office", pgettext_lazy("rent", "With the head office")
        REFUSED = "refused", pgettext_lazy("rent", "Refused")

    policy = models.OneToOneField(Policy, on_delete=models.PROTECT, related_name="rent")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="rents", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    rate = models.ForeignKey(Rate, null=True, on_delete=models.PROTECT, related_name="+")
    percent = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    base = MoneyField(help_text="paid premium that has not gone back")
    amount = MoneyField()
    evidence = models.JSONField(default=dict)
    evidence_at = models.DateTimeField()
    passed = models.PositiveSmallIntegerField(help_text="checks that are met")
    is_clean = models.BooleanField(default=False, help_text="every check is met")
    returned = models.PositiveSmallIntegerField(default=0, help_text="how often it was sent back")
    renewed_at = models.DateTimeField(help_text="when the client renewed")
    waits_since = models.DateTimeField(help_text="since when somebody is to decide")
    reason = models.CharField(max_length=11, choices=Reason, blank=True)
    words = models.CharField(max_length=500, blank=True, help_text="said last: with a return, or an answer")
    month = models.DateField(null=True, help_text="first day of the month of the statement it was entered in")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = RentQuerySet.as_manager()

    class Meta:
        ordering = ["waits_since", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(percent__isnull=False, decided_at__isnull=False),
                name="rent_approved_is_rated",
            )
        ]
        indexes = [
            models.Index(fields=["state", "waits_since", "id"], name="rent_by_state"),
            models.Index(fields=["agent", "state"], name="rent_of_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.policy}"


class RentStep(models.Model):
    """What was done with a rent, by whom and why; the evidence that an answer replaced."""

    class Kind(models.TextChoices):
        BUILT = "built", pgettext_lazy("rent", "Found by itself")
        APPROVED = "approved", pgettext_lazy("rent", "Approved")
        RETURNED = "returned", pgettext_lazy("rent", "Returned")
        ANSWERED = "answered", pgettext_lazy("rent", "Answered by the agent")
        REFUSED = "refused", pgettext_lazy("rent", "Refused")

    rent = models.ForeignKey(Rent, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=11, choices=Reason, blank=True)
    words = models.CharField(max_length=500, blank=True)
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.rent} {self.kind}"


class RentTerms(models.Model):
    """What holds for all rents. One row."""

    days = models.PositiveSmallIntegerField(default=5, help_text="days in which the branch decides")
    targets = models.JSONField(
        default=dict, blank=True, help_text="{line: percent} where the norm of renewals is not the target"
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.days}"
