"""What was told of clients, what waits for a person's word, and how much was not taken."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import pgettext_lazy

from clientela.foundation.imports.models import ImportRun
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Consent
from clientela.modules.group.models.companies import FactKind, SisterCompany
from clientela.modules.group.rules import Why
from clientela.modules.organisation.queries import scope_of


class FactQuerySet(models.QuerySet["Fact"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "FactQuerySet":
        return self.filter(scope_of(user).q("client__"))

    def current(self, on: date) -> "FactQuerySet":
        """The last word of each company about each thing, while it is kept and the company tells."""
        newer = Fact.objects.filter(
            client=OuterRef("client"), kind=OuterRef("kind"), company=OuterRef("company")
        ).filter(Q(as_of__gt=OuterRef("as_of")) | Q(as_of=OuterRef("as_of"), id__gt=OuterRef("id")))
        kept = self.filter(gone_on__gt=on, company__is_active=True, kind__is_active=True)
        return kept.filter(~Exists(newer.order_by()))

    def for_offers(self, on: date) -> "FactQuerySet":
        """Fresh facts that may be spoken of when something is offered, and that say yes."""
        return self.current(on).filter(kind__for_offers=True, old_on__gt=on, speaks=True)


class Fact(models.Model):
    """One thing a company told of one client under one consent.

    A new word is a new row: an import is undone by removing its rows. ``value`` is in one form (yes, no, 3200000.00,
    2031-04-01, a text); ``speaks`` is whether it says yes: a yes, an amount over nothing, any day or text.
    """

    class Via(models.TextChoices):
        FILE = "file", pgettext_lazy("group data", "File")
        API = "api", pgettext_lazy("group data", "Program")
        HAND = "hand", pgettext_lazy("group data", "Decided by hand")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="group_facts", db_index=False)
    company = models.ForeignKey(SisterCompany, on_delete=models.PROTECT, related_name="facts")
    kind = models.ForeignKey(FactKind, on_delete=models.PROTECT, related_name="facts", db_index=False)
    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="+")
    value = models.CharField(max_length=200)
    number = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    speaks = models.BooleanField(default=False)
    as_of = models.DateField()
    old_on = models.DateField()
    gone_on = models.DateField()
    via = models.CharField(max_length=4, choices=Via)
    received_at = models.DateTimeField()
    import_run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["client", "kind", "company"], name="group_fact_client"),
            models.Index(fields=["kind", "client"], name="group_fact_speaks", condition=Q(speaks=True)),
            models.Index(fields=["gone_on"], name="group_fact_gone"),
            models.Index(
                fields=["import_run"], name="group_fact_import", condition=Q(import_run__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id} {self.client_id}"


class Waiting(models.Model):
    """What was told of somebody who may be one of several cards: sealed, until a person decides or it runs out.

    Kept only while at least one of the candidates agreed to it.
    """

    company = models.ForeignKey(SisterCompany, on_delete=models.CASCADE, related_name="waiting")
    sealed = models.TextField()
    why = models.CharField(max_length=8, choices=Why)
    via = models.CharField(max_length=4, choices=Fact.Via)
    received_at = models.DateTimeField()
    gone_on = models.DateField()
    import_run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [
            models.Index(
                fields=["import_run"], name="group_waiting_import", condition=Q(import_run__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.why}"


class Candidate(models.Model):
    """A card that a waiting report may be about."""

    waiting = models.ForeignKey(Waiting, on_delete=models.CASCADE, related_name="candidates")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.waiting_id} {self.client_id}"


class Refused(models.Model):
    """How many facts of a kind were not taken on a day, and why. Neither the value nor the person is kept."""

    company = models.ForeignKey(
        SisterCompany, on_delete=models.CASCADE, related_name="refused", db_index=False
    )
    kind = models.CharField(max_length=40)
    why = models.CharField(max_length=8, choices=Why)
    on = models.DateField()
    facts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-on", "company", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["company", "on", "kind", "why"], name="group_refused_once")
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.kind} {self.why}"
