"""Claims as far as renewals need them; notice, decision and payout come with the claims issue."""

from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy


class Claim(models.Model):
    """A loss reported under a policy."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("claim", "Open")
        PAID = "paid", pgettext_lazy("claim", "Paid")
        REFUSED = "refused", pgettext_lazy("claim", "Refused")

    number = models.CharField(max_length=40, unique=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="claims")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="claims")
    occurred_on = models.DateField()
    reported_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    disputed_since = models.DateField(
        null=True, blank=True, help_text="an open dispute stops renewal messages"
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    description = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-occurred_on"]

    def __str__(self) -> str:
        return self.number
