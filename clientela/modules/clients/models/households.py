"""Whom a client is tied to, what the family has, and what happens in its life (CB-8)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.clients.models.cards import Client
from clientela.modules.organisation.queries import scope_of


class HouseholdQuerySet(models.QuerySet[Any]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "HouseholdQuerySet":
        """Of the clients this person may see."""
        return self.filter(scope_of(user).q("client__"))


class Relation(models.Model):
    """A tie: ``kind`` is what the other one is to ``client``.

    The other one is a client too (``other``), or a person who is none yet and is known by name. Of a tie between two
    clients there is one row, and its kind is one of ``rules.TIES``: a child of somebody is kept as somebody's parent.
    """

    class Kind(models.TextChoices):
        SPOUSE = "spouse", pgettext_lazy("relation", "Spouse")
        PARENT = "parent", pgettext_lazy("relation", "Parent")
        CHILD = "child", pgettext_lazy("relation", "Child")
        SIBLING = "sibling", pgettext_lazy("relation", "Brother or sister")
        EMPLOYER = "employer", pgettext_lazy("relation", "Employer")
        EMPLOYEE = "employee", pgettext_lazy("relation", "Employee")
        OWNER = "owner", pgettext_lazy("relation", "Owner")
        PROPERTY = "property", pgettext_lazy("relation", "Owns it")
        GUARANTOR = "guarantor", pgettext_lazy("relation", "Guarantor")
        GUARANTEED = "guaranteed", pgettext_lazy("relation", "Guaranteed for")
        REFERRER = "referrer", pgettext_lazy("relation", "Recommended us")
        REFERRED = "referred", pgettext_lazy("relation", "Came by recommendation")
        BENEFICIARY = "beneficiary", pgettext_lazy("relation", "Beneficiary")
        INSURER = "insurer", pgettext_lazy("relation", "Insures for the benefit")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="relations")
    other = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.CASCADE, related_name="relations_back"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=200, blank=True, help_text="of a person who is no client yet")
    birth_date = models.DateField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=60, blank=True, help_text="where it is known from")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "other", "kind"], name="clients_relation_once"),
            models.CheckConstraint(
                condition=~models.Q(client=models.F("other")), name="clients_relation_not_own"
            ),
            models.CheckConstraint(
                condition=models.Q(other__isnull=False, name="")
                | (models.Q(other__isnull=True) & ~models.Q(name="")),
                name="clients_relation_client_or_name",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.kind} {self.other_id or self.name}"


class NotRelated(models.Model):
    """Two cards that look like relatives, and somebody said they are none: not proposed again, to either."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="not_related")
    other = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="not_related_back")
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "other"], name="clients_not_related_once")]


class Belonging(models.Model):
    """A thing of the client that we do not insure: typed by hand, with when its insurance elsewhere ends."""

    class Kind(models.TextChoices):
        VEHICLE = "vehicle", _("Vehicle")
        FLAT = "flat", _("Flat")
        HOUSE = "house", _("House")
        OTHER = "other", pgettext_lazy("object", "Other")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="belongings")
    kind = models.CharField(max_length=8, choices=Kind)
    title = models.CharField(max_length=200)
    insured_until = models.DateField(null=True, blank=True, help_text="by another insurer")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "id"]

    def __str__(self) -> str:
        return self.title


class LifeEvent(models.Model):
    """Something in the client's life that changes what has to be insured, and when to speak of it."""

    class Kind(models.TextChoices):
        WEDDING = "wedding", pgettext_lazy("life", "Wedding")
        CHILD = "child", pgettext_lazy("life", "Child born")
        CAR = "car", pgettext_lazy("life", "New car")
        HOME = "home", pgettext_lazy("life", "New home")
        MOVE = "move", pgettext_lazy("life", "Move")
        LOAN_END = "loan_end", pgettext_lazy("life", "Loan paid off")
        TRAVEL = "travel", pgettext_lazy("life", "Journey")
        OTHER = "other", pgettext_lazy("life", "Other")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="life_events")
    kind = models.CharField(max_length=10, choices=Kind)
    on = models.DateField(help_text="of the event, past or to come")
    note = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=60, blank=True)
    remind_on = models.DateField(null=True, blank=True, help_text="the day to speak with the client about it")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    result = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        indexes = [
            models.Index(
                fields=["remind_on", "id"],
                name="clients_life_remind",
                condition=models.Q(done_at__isnull=True, remind_on__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
