"""What is due and what was paid."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.organisation.queries import scope_of


class InstalmentQuerySet(models.QuerySet["Instalment"]):
    """Chainable filters in the words of the business."""

    def unpaid(self) -> "InstalmentQuerySet":
        """Parts of which something is still to come."""
        return self.filter(paid__lt=F("amount"))


class Instalment(models.Model):
    """One part of the premium with its due date."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="instalment_set")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    paid = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "number"]
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="billing_instalment_once")]
        indexes = [models.Index(fields=["due_on"], name="billing_instalment_due")]


class Payee(models.Model):
    """Where clients' money goes: the company's requisites, as a bill and its square code name them. One row."""

    name = models.CharField(max_length=160)
    inn = KeyField(max_length=12)
    kpp = KeyField(max_length=9, blank=True)
    account = KeyField(max_length=20)
    bank_name = models.CharField(max_length=45)
    bic = KeyField(max_length=9)
    correspondent_account = KeyField(max_length=20)
    ogrn = KeyField(max_length=13, blank=True, default="", db_default="")
    address = models.CharField(max_length=255, blank=True, default="", db_default="")
    licences = models.CharField(max_length=255, blank=True, default="", db_default="")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "InvoiceQuerySet":
        """Invoices of the clients this person may see."""
        return self.filter(scope_of(user).q("client__"))

    def open(self) -> "InvoiceQuerySet":
        """Neither paid nor taken back; it may have expired."""
        return self.filter(paid_at__isnull=True, withdrawn_at__isnull=True)


class Invoice(models.Model):
    """A bill that a client can pay by link: for a project, for a part of a premium, or for a change of a policy.

    The link of a project's invoice is the project's own and stays valid. Without ``amount`` it asks for what is left.
    """

    token = KeyField(max_length=32, unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="invoices")
    project = models.OneToOneField(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="invoice"
    )
    policy = models.ForeignKey(
        Policy, null=True, blank=True, on_delete=models.PROTECT, related_name="invoices"
    )
    instalment = models.OneToOneField(
        Instalment, null=True, blank=True, on_delete=models.CASCADE, related_name="invoice"
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    purpose = models.CharField(max_length=120, blank=True, help_text="empty: said from what it is for")
    valid_until = models.DateField(null=True, blank=True)
    origin = KeyField(
        max_length=60, null=True, unique=True, help_text="what made it, so that it is made once"
    )
    paid_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=False, policy__isnull=True)
                | Q(project__isnull=True, policy__isnull=False),
                name="billing_invoice_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0), name="billing_invoice_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """``26-000123``."""
        return f"{self.created_at:%y}-{self.pk:06}" if self.pk else ""


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
    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    method = models.CharField(max_length=6, choices=Method)
    slip = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="number of the terminal's slip or the cash order",
    )
    paid_at = models.DateTimeField()
    external_id = KeyField(max_length=120, null=True, unique=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-paid_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_payment_positive"),
            models.CheckConstraint(
                condition=Q(policy__isnull=False) | Q(project__isnull=False),
                name="billing_payment_for_something",
            ),
        ]
        indexes = [models.Index(fields=["-paid_at", "-id"], name="billing_payment_recent")]


class PayAttempt(models.Model):
    """One try of a client to pay an invoice through an acquirer. Kept before the acquirer hears of it.

    ``key`` goes with the request: repeated, it is the same payment there. Nothing of a card is kept.
    """

    class State(models.TextChoices):
        NEW = "new", _("Not known at the bank yet")
        PENDING = "pending", pgettext_lazy("payment", "The client is paying")
        WAITING = "waiting", _("The sum is held")
        PAID = "paid", pgettext_lazy("payment", "Paid")
        CANCELLED = "cancelled", pgettext_lazy("payment", "Not paid")

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="attempts")
    method = models.CharField(
        max_length=4, choices=[("card", pgettext_lazy("payment", "Card")), ("sbp", _("SBP"))]
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    state = models.CharField(max_length=9, choices=State, default=State.NEW)
    key = KeyField(max_length=36, unique=True)
    provider = KeyField(max_length=20)
    external_id = KeyField(max_length=64, null=True)
    asked = models.JSONField(default=dict, help_text="the words of the request: repeated, they are the same")
    url = models.CharField(max_length=1000, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    payment = models.OneToOneField(Payment, null=True, on_delete=models.PROTECT, related_name="attempt")
    look_at = models.DateTimeField(
        null=True, help_text="when we ask the acquirer ourselves; never: it is over"
    )
    looks = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="billing_attempt_once")
        ]
        indexes = [
            models.Index(fields=["look_at"], name="billing_attempt_look", condition=Q(look_at__isnull=False))
        ]


class RefundQuerySet(models.QuerySet["Refund"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "RefundQuerySet":
        """Refunds to the clients this person may see."""
        return self.filter(scope_of(user).q("payment__client__"))


class Refund(models.Model):
    """Money that goes back to the client. ``origin`` names what it is due for, so that it is due once."""

    class State(models.TextChoices):
        DUE = "due", pgettext_lazy("refund", "To be returned")
        SENT = "sent", pgettext_lazy("refund", "On its way")
        DONE = "done", pgettext_lazy("refund", "Returned")
        REFUSED = "refused", pgettext_lazy("refund", "The bank refused")
        DROPPED = "dropped", pgettext_lazy("refund", "Not returned")

    class Way(models.TextChoices):
        SAME = "same", _("The way it was paid")
        BANK = "bank", _("Bank transfer")
        CASH = "cash", _("Cash")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    way = models.CharField(max_length=4, choices=Way, blank=True)
    reason = models.CharField(max_length=120)
    slip = models.CharField(max_length=40, blank=True)
    origin = KeyField(max_length=60, null=True, unique=True)
    key = KeyField(max_length=36, unique=True)
    external_id = KeyField(max_length=64, null=True)
    fault = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    look_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_refund_positive"),
        ]


class Receipt(models.Model):
    """A fiscal receipt of a payment or a refund. Those that the acquirer makes itself are not kept here."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("receipt", "Being registered")
        DONE = "done", pgettext_lazy("receipt", "Registered")
        REFUSED = "refused", pgettext_lazy("receipt", "Refused")

    payment = models.OneToOneField(Payment, null=True, on_delete=models.PROTECT, related_name="receipt")
    refund = models.OneToOneField(Refund, null=True, on_delete=models.PROTECT, related_name="receipt")
    key = KeyField(max_length=36, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    number = models.CharField(max_length=20, blank=True)
    sign = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    fault = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(payment__isnull=False, refund__isnull=True)
                | Q(payment__isnull=True, refund__isnull=False),
                name="billing_receipt_for_one_thing",
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], name="billing_receipt_waiting", condition=Q(state="waiting"))
        ]
