"""What is due and what was paid."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project


class Instalment(models.Model):
    """One part of the premium with its due date."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="instalment_set")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    paid = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        ordering = ["due_on", "number"]
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="billing_instalment_once")]
        indexes = [models.Index(fields=["due_on"], name="billing_instalment_due")]


class Payment(models.Model):
    """Money received. ``external_id`` is the payer system's id, so that one payment is registered once."""

    class Method(models.TextChoices):
        LINK = "link", _("Payment link")
        SBP = "sbp", _("SBP")
        CARD = "card", _("Card terminal")
        CASH = "cash", _("Cash")
        BANK = "bank", _("Bank transfer")

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="payments")
    policy = models.ForeignKey(
        Policy, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    method = models.CharField(max_length=6, choices=Method)
    paid_at = models.DateTimeField()
    external_id = KeyField(max_length=120, null=True, unique=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-paid_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_payment_positive"),
            models.CheckConstraint(
                condition=models.Q(policy__isnull=False) | models.Q(project__isnull=False),
                name="billing_payment_for_something",
            ),
        ]
