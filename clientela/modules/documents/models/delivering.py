"""How documents of a policy come to the client: by e-mail, by courier, at a pick-up point."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.dates import local_today
from clientela.foundation.fields import KeyField
from clientela.foundation.sealed_fields import SealedField
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy
from clientela.modules.documents.models.papers import Document
from clientela.modules.organisation.models import Branch
from clientela.modules.organisation.queries import scope_of

# After these a delivery that did not begin is late.
LETTER_LEAVES = timedelta(hours=4)
POINT_PREPARES = timedelta(days=3)


class PickupPoint(models.Model):
    """Where a client may fetch documents (пункт выдачи)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="pickup_points")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=255)
    hours = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["branch", "name"]
        constraints = [models.UniqueConstraint(fields=["branch", "name"], name="documents_pickup_point_once")]

    def __str__(self) -> str:
        return f"{self.name}, {self.address}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "DeliveryQuerySet":
        """Deliveries to clients this person may see."""
        return self.filter(scope_of(user).q("client__"))

    def late(self, now: datetime) -> "DeliveryQuerySet":
        """Under way longer than it should be: a courier's day has passed, a letter did not leave, nobody prepared it."""
        today = local_today(settings.TIME_ZONE, now)
        courier = Q(way="courier", state__in=["ordered", "handed_over", "on_the_way"], day__lt=today)
        letter = Q(way="email", state="ordered", changed_at__lt=now - LETTER_LEAVES)
        point = Q(way="pickup", state="ordered", changed_at__lt=now - POINT_PREPARES)
        return self.filter(courier | letter | point)


class Delivery(models.Model):
    """Documents of one policy on their way. What happened to it are its steps."""

    class Way(models.TextChoices):
        EMAIL = "email", pgettext_lazy("delivery", "By e-mail")
        COURIER = "courier", pgettext_lazy("delivery", "By courier")
        PICKUP = "pickup", pgettext_lazy("delivery", "Pick-up point")

    class State(models.TextChoices):
        ORDERED = "ordered", pgettext_lazy("delivery", "Ordered")
        SENT = "sent", pgettext_lazy("delivery", "Sent")
        HANDED_OVER = "handed_over", pgettext_lazy("delivery", "Handed to the courier")
        ON_THE_WAY = "on_the_way", pgettext_lazy("delivery", "On the way")
        DELIVERED = "delivered", pgettext_lazy("delivery", "Delivered")
        NOT_DELIVERED = "not_delivered", pgettext_lazy("delivery", "Not delivered")
        RETURNED = "returned", pgettext_lazy("delivery", "Returned")
        READY = "ready", pgettext_lazy("delivery", "Ready to be fetched")
        ISSUED = "issued", pgettext_lazy("delivery", "Given out")
        EXPIRED = "expired", pgettext_lazy("delivery", "Not fetched in time")
        CANCELLED = "cancelled", pgettext_lazy("delivery", "Cancelled")

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="deliveries")
    token = KeyField(max_length=32, null=True, unique=True, help_text="leads the client to the page of it")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="deliveries")
    documents = models.ManyToManyField(Document, related_name="deliveries")
    way = models.CharField(max_length=7, choices=Way)
    state = models.CharField(max_length=13, choices=State, default=State.ORDERED)
    recipient = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=255, blank=True)
    day = models.DateField(null=True, help_text="when the courier comes; by when it is to be fetched")
    hour_from = models.PositiveSmallIntegerField(null=True)
    hour_to = models.PositiveSmallIntegerField(null=True)
    point = models.ForeignKey(PickupPoint, null=True, on_delete=models.PROTECT, related_name="+")
    carrier_ref = KeyField(
        max_length=60, blank=True, default="", help_text="the number at the courier service"
    )
    message = models.ForeignKey(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=255, blank=True)
    issued_to = models.CharField(max_length=200, blank=True)
    issued_by_document = SealedField(blank=True, default="", help_text="what who came showed")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("delivery")
        indexes = [
            models.Index(fields=["state", "-id"], name="documents_delivery_state"),
            models.Index(fields=["day"], name="documents_delivery_fetch", condition=Q(state="ready")),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.policy}"


class DeliveryStep(models.Model):
    """One thing that happened to a delivery."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=13, choices=Delivery.State)
    note = models.CharField(max_length=255, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.state}"
